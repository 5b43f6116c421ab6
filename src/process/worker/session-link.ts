// A worker's part in the resumption of TLS sessions: gives them to its master, and asks it for those of other workers.
import type { ByteString } from '../../conf/directive.ts';
import { ownCopy } from '../../core/own-copy.ts';
import type { RemoteSessions, SessionZones, TicketKeysById } from '../../net/tls/session-zones.ts';
import type { SessionAnswer, ToMaster } from '../messages.ts';

/** A handshake waits no longer for an answer, and goes on without the session. */
export const ANSWER_MS = 1000;
/** Messages that are on their way; beyond, the master does not keep up, and sessions are not worth the memory. */
const MAX_UNSENT = 1000;
/** Handshakes that wait for an answer. */
const MAX_ASKS = 1000;

/** @param sent called when the message is on its way, or when there is no way */
export type Tell = (message: ToMaster, sent: () => void) => void;

interface Ask {
  readonly timer: NodeJS.Timeout;
  readonly done: (session: Buffer | undefined) => void;
}

export class SessionLink implements RemoteSessions {
  readonly #zones: SessionZones;
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  #lastAsk = 0;
  #unsent = 0;
  #lost = false;

  constructor(zones: SessionZones, keys: TicketKeysById, tell: Tell) {
    this.#zones = zones;
    this.#tell = tell;
    zones.connect(this, ownKeys(keys));
  }

  put(zone: ByteString, id: Buffer, session: Buffer, lifetimeS: number, done: () => void): void {
    this.#ask((ask) => ({ kind: 'put-session', zone, id, session, lifetimeS, ask }), done);
  }

  find(zone: ByteString, id: Buffer, done: (session: Buffer | undefined) => void): void {
    this.#ask((ask) => ({ kind: 'find-session', zone, id, ask }), done);
  }

  remove(zone: ByteString, id: Buffer): void {
    this.#send({ kind: 'forget-session', zone, id });
  }

  receive(message: SessionAnswer): void {
    switch (message.kind) {
      case 'session':
        this.#answer(message.ask, message.session);
        return;
      case 'forget-session':
        this.#zones.forget(message.zone, Buffer.from(message.id));
        return;
      case 'ticket-keys':
        this.#zones.deal(ownKeys(message.keys));
        return;
      default:
        message satisfies never;
    }
  }

  /** The master is gone: from here on nobody waits for it. */
  lost(): void {
    this.#lost = true;
    for (const ask of [...this.#asks.keys()]) this.#answer(ask, undefined);
    this.#zones.disconnect();
  }

  #ask(message: (ask: number) => ToMaster, done: (session: Buffer | undefined) => void): void {
    const ask = ++this.#lastAsk;
    if (this.#asks.size >= MAX_ASKS || !this.#send(message(ask))) {
      done(undefined);
      return;
    }
    this.#asks.set(ask, { timer: setTimeout(() => this.#answer(ask, undefined), ANSWER_MS), done });
  }

  #answer(ask: number, session: Uint8Array | undefined): void {
    const asked = this.#asks.get(ask);
    if (asked === undefined) return;
    this.#asks.delete(ask);
    clearTimeout(asked.timer);
    asked.done(session === undefined ? undefined : Buffer.from(session));
  }

  /** @returns false: it was not sent */
  #send(message: ToMaster): boolean {
    if (this.#lost || this.#unsent >= MAX_UNSENT) return false;
    this.#unsent++;
    this.#tell(message, () => {
      this.#unsent--;
    });
    return true;
  }
}

/** As received they are pieces of a larger buffer, which they would hold. */
function ownKeys(keys: TicketKeysById): TicketKeysById {
  return new Map(
    [...keys].map(([id, all]) => [
      id,
      all.map(({ name, hmac, aes }) => ({ name: ownCopy(name), hmac: ownCopy(hmac), aes: ownCopy(aes) })),
    ]),
  );
}
