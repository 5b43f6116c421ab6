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
  readonly #dialledMs = Date.now();
  readonly #conn: Connection;
  /** When it is over, and its connection may be gone. */
  #finalMs: number | undefined;
  #finalTraffic: Traffic | undefined;

  constructor(conn: Connection, address: ByteString) {
    this.#conn = conn;
    this.address = address;
  }

  get sessionMs(): number {
    return this.#finalMs ?? Date.now() - this.#dialledMs;
  }

  get traffic(): Traffic {
    return this.#finalTraffic ?? this.#conn.traffic?.() ?? NO_TRAFFIC;
  }

  connected(): void {
    this.connectMs ??= Date.now() - this.#dialledMs;
  }

  answered(): void {
    this.firstByteMs ??= Date.now() - this.#dialledMs;
  }

  /** The connection is about to go. */
  finish(): void {
    if (this.#finalMs !== undefined) return;
    this.#finalMs = this.sessionMs;
    this.#finalTraffic = this.traffic;
  }
}
