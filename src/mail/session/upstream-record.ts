// What is kept of a session's backend for variables: when it did what, and how much.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection, Traffic } from '../../net/connection.ts';

export const NO_TRAFFIC: Traffic = { received: 0, sent: 0 };

/** Times are milliseconds since it was dialled. */
export class UpstreamRecord {
  /** As the auth server named it: `ADDRESS:PORT`. */
  readonly address: ByteString;
  connectMs: number | undefined;
  firstByteMs: number | undefined;
  readonly #dialledMs: number;
  readonly #conn: Connection | undefined;
  /** When it is over, and its connection may be gone. */
  #finalMs: number | undefined;
  #finalTraffic: Traffic | undefined;

  /** @param conn undefined: nobody asks for times and bytes */
  constructor(address: ByteString, conn: Connection | undefined) {
    this.address = address;
    this.#conn = conn;
    this.#dialledMs = conn === undefined ? 0 : Date.now();
  }

  get sessionMs(): number {
    return this.#finalMs ?? this.#sinceDialled;
  }

  get traffic(): Traffic {
    return this.#finalTraffic ?? this.#conn?.traffic?.() ?? NO_TRAFFIC;
  }

  connected(): void {
    if (this.#conn !== undefined) this.connectMs ??= this.#sinceDialled;
  }

  answered(): void {
    if (this.#conn !== undefined) this.firstByteMs ??= this.#sinceDialled;
  }

  /** The connection is about to go. */
  finish(): void {
    if (this.#conn === undefined || this.#finalMs !== undefined) return;
    this.#finalMs = this.sessionMs;
    this.#finalTraffic = this.traffic;
  }

  get #sinceDialled(): number {
    return Date.now() - this.#dialledMs;
  }
}
