// Connects the handshakes of one server with its session stores; a connection's events come where a tls.Server would be.
import { EventEmitter } from 'node:events';
import { readElement, readElements, Tag } from './der.ts';
import type { SessionStore } from './session-cache.ts';

type Done = () => void;
type Resume = (error: Error | null, session: Buffer | null) => void;

export class TlsHub {
  /**
   * TLS 1.3 sessions are found by id too, since tickets are off. Node.js then needs to know from the ClientHello which
   * one is wanted, see `scanClientHello`.
   */
  readonly needsClientHello: boolean;
  readonly #stores: readonly SessionStore[];
  readonly #lifetimeS: number;
  readonly #plain: EventEmitter;

  /** @param stores asked in order; every one gets every session */
  constructor(stores: readonly SessionStore[], lifetimeS: number, needsClientHello: boolean) {
    this.#stores = stores;
    this.#lifetimeS = lifetimeS;
    this.needsClientHello = needsClientHello;
    this.#plain = this.#emitter(undefined);
  }

  /**
   * What a TLSSocket takes for its server. Its listeners answer at once: a handshake never waits for them.
   * @param identity of the session that a TLS 1.3 hello names first
   */
  events(identity?: Buffer): EventEmitter {
    return identity === undefined ? this.#plain : this.#emitter(identity);
  }

  /** Drops a session that must not be resumed. @param session as `TLSSocket.getSession` gives it */
  forget(session: Buffer): void {
    const facts = sessionFacts(session);
    if (facts !== undefined) for (const store of this.#stores) store.remove(facts.id);
  }

  #emitter(identity: Buffer | undefined): EventEmitter {
    const events = new EventEmitter();
    events.on('newSession', (id: Buffer, session: Buffer, done: Done) => {
      this.#keep(id, session);
      done();
    });
    // OpenSSL asks with every identity of a hello in turn, Node.js gives it the same answer each time: only the first
    // one may be answered, for a wrong session ends the handshake.
    events.on('resumeSession', (id: Buffer, resume: Resume) => {
      const session = identity === undefined ? this.#find(id, false) : this.#find(identity, true);
      resume(null, session ?? null);
    });
    return events;
  }

  #keep(id: Buffer, session: Buffer): void {
    const facts = sessionFacts(session);
    // With tickets the client keeps a TLS 1.3 session, and nobody will ask for it here.
    if (facts === undefined || (facts.isTls13 && !this.needsClientHello)) return;
    for (const store of this.#stores) store.put(id, session, this.#lifetimeS);
  }

  #find(id: Buffer, isTls13: boolean): Buffer | undefined {
    for (const store of this.#stores) {
      const session = store.get(id);
      if (session !== undefined && sessionFacts(session)?.isTls13 === isTls13) return session;
    }
    return undefined;
  }
}

const TLS13 = 0x0304;

interface SessionFacts {
  readonly id: Buffer;
  readonly isTls13: boolean;
}

/** OpenSSL's SSL_SESSION: structure version, protocol version, cipher, id, … */
function sessionFacts(session: Buffer): SessionFacts | undefined {
  const outer = readElement(session);
  const [, version, , id] = outer?.tag === Tag.sequence ? (readElements(outer.value) ?? []) : [];
  if (version?.value.length !== 2 || id?.tag !== Tag.octetString) return undefined;
  return { id: id.value, isTls13: version.value.readUInt16BE(0) === TLS13 };
}
