// Sessions with servers that a later handshake resumes: only those with a server that was found to be the right one.

const MAX_SESSIONS = 256;

/** The latest session with each server. */
export class ClientSessions {
  readonly #sessions = new Map<string, Buffer>();

  get(key: string): Buffer | undefined {
    return this.#sessions.get(key);
  }

  put(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(key, session);
  }
}

/** Those of one connection. Up to TLS 1.2 they come before the server is judged. */
export class SessionKeeper {
  readonly #sessions: ClientSessions;
  readonly #key: string;
  #isAccepted = false;
  #early: Buffer | undefined;

  constructor(sessions: ClientSessions, key: string) {
    this.#sessions = sessions;
    this.#key = key;
  }

  /** To be resumed by the connection. */
  get session(): Buffer | undefined {
    return this.#sessions.get(this.#key);
  }

  take(session: Buffer): void {
    if (this.#isAccepted) this.#sessions.put(this.#key, session);
    else this.#early = session;
  }

  /** The server is the right one. */
  accept(): void {
    this.#isAccepted = true;
    if (this.#early !== undefined) this.take(this.#early);
    this.#early = undefined;
  }
}
