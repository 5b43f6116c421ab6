// A mail server's part in the live tail: tells what happens to its sessions, while somebody watches.
import type { ByteString } from '../../conf/directive.ts';
import type { SessionState } from '../../control/session-view.ts';
import type { Happening, Tail } from '../../control/tail.ts';
import type { LoginOutcome } from '../../stats/server-counters.ts';

/** What is told of a session. */
export interface Told {
  readonly connection: number;
  readonly listenText: ByteString;
  readonly clientText: string;
  readonly login: Buffer | undefined;
  readonly upstream: ByteString;
}

export class ServerTail {
  readonly #tail: Tail;
  readonly #protocol: string;

  constructor(tail: Tail, protocol: string) {
    this.#tail = tail;
    this.#protocol = protocol;
  }

  get isWatched(): boolean {
    return this.#tail.isWatched;
  }

  /** To be asked for only while it is watched. */
  tell(what: Happening, state: SessionState, why: ByteString, session: Told): void {
    this.#tail.add({
      what,
      state,
      why,
      atMs: Date.now(),
      id: sessionId(session.connection),
      protocol: this.#protocol,
      server: session.listenText,
      client: session.clientText,
      user: session.login?.toString('latin1') ?? '',
      backend: session.upstream,
    });
  }

  /** As `tell`, of a login: of one that its session ends in, the end tells. */
  tellLogin(outcome: LoginOutcome, why: ByteString | Buffer, session: Told): void {
    if (outcome === 'wait' || outcome === 'aborted') return;
    this.tell(outcome === 'ok' ? 'login' : outcome, 'login', why.toString('latin1'), session);
  }
}

/** Of no other session of this server. */
export const sessionId = (connection: number): string => `${process.pid}-${connection}`;
