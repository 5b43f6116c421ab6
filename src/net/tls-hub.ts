// Connects the handshakes of one server with its session stores; stands where a tls.Server would.
import { EventEmitter } from 'node:events';
import { readElement, readElements, Tag } from './der.ts';
import type { SessionStore } from './session-cache.ts';

type Done = () => void;
type Resume = (error: Error | null, session: Buffer | null) => void;

/** Its listeners answer at once: a handshake never waits for them. */
export class TlsHub extends EventEmitter {
  readonly #stores: readonly SessionStore[];
  readonly #lifetimeS: number;

  /** @param stores asked in order; every one gets every session */
  constructor(stores: readonly SessionStore[], lifetimeS: number) {
    super();
    this.#stores = stores;
    this.#lifetimeS = lifetimeS;
    this.on('newSession', (id: Buffer, session: Buffer, done: Done) => {
      this.#keep(id, session);
      done();
    });
    this.on('resumeSession', (id: Buffer, resume: Resume) => resume(null, this.#find(id) ?? null));
  }

  /** Drops a session that must not be resumed. @param session as `TLSSocket.getSession` gives it */
  forget(session: Buffer): void {
    const facts = sessionFacts(session);
    if (facts !== undefined) for (const store of this.#stores) store.remove(facts.id);
  }

  #keep(id: Buffer, session: Buffer): void {
    // A TLS 1.3 session is found by its ticket alone: Node.js asks only for the id of TLS 1.2.
    if (sessionFacts(session)?.isTls13 !== false) return;
    for (const store of this.#stores) store.put(id, session, this.#lifetimeS);
  }

  #find(id: Buffer): Buffer | undefined {
    for (const store of this.#stores) {
      const session = store.get(id);
      if (session !== undefined) return session;
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
