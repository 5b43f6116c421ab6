// Connects the handshakes of one server with its session stores; a connection's events come where a tls.Server would be.
import { EventEmitter } from 'node:events';
import type { ChainFacts } from './chain-facts.ts';
import type { ClientHello } from './client-hello.ts';
import { sessionFacts } from './session.ts';
import type { Sessions } from './session-cache.ts';
import type { SessionZone } from './session-zones.ts';

type Done = () => void;
type Resume = (error: Error | null, session: Buffer | null) => void;
type Found = (session: Buffer | undefined) => void;

export interface HubOptions {
  /** Asked in order; every one gets every session. */
  readonly stores: readonly Sessions[];
  /** The one of them that other processes share. */
  readonly zone: SessionZone | undefined;
  readonly lifetimeS: number;
  /** TLS 1.3 is switched on. */
  readonly hasTls13: boolean;
  /** Clients keep their sessions themselves where they can. */
  readonly hasTickets: boolean;
  /** Where clients are verified and the zone is shared: sessions are resumed only where their chain is known. */
  readonly chains: ChainFacts | undefined;
}

export class TlsHub {
  readonly #options: HubOptions;
  readonly #plain: EventEmitter;
  readonly #unasked = new EventEmitter();

  constructor(options: HubOptions) {
    this.#options = options;
    this.#plain = this.#emitter((id, found) => this.#find(id, false, found));
    this.#unasked = this.#emitter((_id, found) => found(undefined));
  }

  /**
   * Whether `events` wants the hello. Without tickets TLS 1.3 sessions are found by id too, and Node.js does not tell
   * which one is wanted. And a client of TLS 1.3 sends a random session id for the sake of middleboxes, which nobody
   * outside this process has to be asked for.
   */
  get needsClientHello(): boolean {
    return !this.#options.hasTickets || this.#options.zone !== undefined;
  }

  /** What a TLSSocket takes for its server. */
  events(hello?: ClientHello): EventEmitter {
    const { hasTls13, hasTickets } = this.#options;
    if (hello === undefined || !hello.offersTls13 || !hasTls13) return this.#plain;
    const { identity } = hello;
    if (identity === undefined || hasTickets) return this.#unasked;
    // OpenSSL asks with every identity of a hello in turn, Node.js gives it the same answer each time: only the first
    // one may be answered, for a wrong session ends the handshake.
    return this.#emitter((_id, found) => this.#find(identity, true, found));
  }

  /** Drops a session that must not be resumed. @param session as `TLSSocket.getSession` gives it */
  forget(session: Buffer): void {
    const facts = sessionFacts(session);
    if (facts !== undefined) for (const store of this.#options.stores) store.remove(facts.id);
  }

  #emitter(find: (id: Buffer, found: Found) => void): EventEmitter {
    const events = new EventEmitter();
    // The client learns that the handshake is over when the session can be found wherever it comes back.
    events.on('newSession', (id: Buffer, session: Buffer, done: Done) => this.#keep(id, session, done));
    events.on('resumeSession', (id: Buffer, resume: Resume) => find(id, (session) => resume(null, session ?? null)));
    return events;
  }

  #keep(id: Buffer, session: Buffer, done: Done): void {
    const { stores, zone, lifetimeS, hasTickets } = this.#options;
    const facts = sessionFacts(session);
    // With tickets the client keeps a TLS 1.3 session, and nobody will ask for it here.
    if (facts === undefined || (facts.isTls13 && hasTickets)) {
      done();
      return;
    }
    for (const store of stores) if (store !== zone) store.put(id, session, lifetimeS);
    if (zone === undefined) done();
    else zone.put(id, session, lifetimeS, done);
  }

  /** Calls back at once, unless another process has to be asked. */
  #find(id: Buffer, isTls13: boolean, found: Found): void {
    const { stores, zone } = this.#options;
    for (const store of stores) {
      const session = store.get(id);
      if (session === undefined) continue;
      this.#admit(session, isTls13, found);
      return;
    }
    if (zone === undefined) found(undefined);
    else zone.ask(id, (session) => this.#admit(session, isTls13, found));
  }

  #admit(session: Buffer | undefined, isTls13: boolean, found: Found): void {
    const facts = session === undefined ? undefined : sessionFacts(session);
    if (facts?.isTls13 !== isTls13) {
      found(undefined);
      return;
    }
    const { chains } = this.#options;
    if (chains === undefined || facts.verifiedPeer === undefined) found(session);
    else chains.fetch(facts.verifiedPeer, (known) => found(known ? session : undefined));
  }
}
