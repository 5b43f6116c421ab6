// What full handshakes showed of the clients' certificate chains: a resumed session holds nothing of them.
import { createHash } from 'node:crypto';
import type { SessionZone } from './session-zones.ts';

/** Client certificates whose chain is remembered, the oldest goes first. A session lives for minutes. */
const MAX_KNOWN = 16384;
/** Apart from the ids of sessions, which have 32 bytes at most. */
const ID_PREFIX = Buffer.from('chain ');

export interface Chain {
  readonly intermediates: number;
  /** The issuer of the leaf is among our own CAs. */
  readonly issuerIsTrusted: boolean;
}

/** Lets chains travel along with the sessions. */
export interface ChainSharing {
  readonly zone: SessionZone;
  /** The session id context: where it differs, chains may be judged in another way. */
  readonly context: string;
  readonly lifetimeS: number;
}

/** By the digests of the clients' certificates. */
export class ChainFacts {
  readonly #sharing: ChainSharing | undefined;
  readonly #known = new Map<string, Chain>();

  /** @param sharing undefined: sessions are good in this process only */
  constructor(sharing?: ChainSharing) {
    this.#sharing = sharing;
  }

  get(digest: string): Chain | undefined {
    return this.#known.get(digest);
  }

  /** To be called for every session, so that the chain is not forgotten before the session. */
  set(digest: string, chain: Chain): void {
    this.#remember(digest, chain);
    if (this.#sharing === undefined) return;
    const { zone, context, lifetimeS } = this.#sharing;
    zone.put(idOf(context, digest), Buffer.from([chain.intermediates, chain.issuerIsTrusted ? 1 : 0]), lifetimeS);
  }

  /** Looks elsewhere for what is not known here. @param done called once: whether `get` has it now */
  fetch(digest: string, done: (known: boolean) => void): void {
    if (this.#known.has(digest) || this.#sharing === undefined) {
      done(this.#known.has(digest));
      return;
    }
    const { zone, context } = this.#sharing;
    const learn = (facts: Buffer | undefined): void => {
      const [intermediates, issuerIsTrusted] = facts ?? [];
      if (intermediates !== undefined && issuerIsTrusted !== undefined) {
        this.#remember(digest, { intermediates, issuerIsTrusted: issuerIsTrusted === 1 });
      }
      done(this.#known.has(digest));
    };
    const id = idOf(context, digest);
    const local = zone.get(id);
    if (local === undefined) zone.ask(id, learn);
    else learn(local);
  }

  #remember(digest: string, chain: Chain): void {
    this.#known.delete(digest);
    this.#known.set(digest, chain);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }
}

function idOf(context: string, digest: string): Buffer {
  return Buffer.concat([ID_PREFIX, createHash('sha256').update(context).update(digest).digest()]);
}
