// TLS sessions kept for resumption by id (ssl_session_cache), bounded by number or by bytes.

/** Where sessions are kept. Ids and sessions are opaque. */
export interface Sessions {
  put(id: Buffer, session: Buffer, lifetimeS: number): void;
  get(id: Buffer): Buffer | undefined;
  remove(id: Buffer): void;
}

interface Entry {
  readonly session: Buffer;
  readonly untilMs: number;
}

export interface SessionLimits {
  readonly sessions: number;
  readonly bytes: number;
}

/** What an entry costs besides the session itself: id, map slot, object. */
const OVERHEAD = 200;

/** The oldest sessions go where there is no room for a new one. */
export class SessionStore implements Sessions {
  readonly #limits: SessionLimits;
  /** In the order of arrival. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  put(id: Buffer, session: Buffer, lifetimeS: number, nowMs = Date.now()): void {
    if (session.length + OVERHEAD > this.#limits.bytes || this.#limits.sessions < 1) return;
    this.remove(id);
    this.#entries.set(keyOf(id), {
      session,
      untilMs: nowMs + lifetimeS * 1000,
    });
    this.#bytes += session.length + OVERHEAD;
    for (const [key, entry] of this.#entries) {
      const fits = this.#bytes <= this.#limits.bytes && this.#entries.size <= this.#limits.sessions;
      if (fits && entry.untilMs > nowMs) break;
      this.#drop(key, entry);
    }
  }

  get(id: Buffer, nowMs = Date.now()): Buffer | undefined {
    const entry = this.#entries.get(keyOf(id));
    return entry !== undefined && entry.untilMs > nowMs ? entry.session : undefined;
  }

  remove(id: Buffer): void {
    const key = keyOf(id);
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(key, entry);
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.session.length + OVERHEAD;
  }
}

const keyOf = (id: Buffer): string => id.toString('latin1');
