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
  #final: { readonly traffic: Traffic; readonly ms: number } | undefined;

  constructor(conn: Connection, address: ByteString) {
    this.#conn = conn;
    this.address = address;
  }

  get sessionMs(): number {
    return this.#final?.ms ?? Date.now() - this.#dialledMs;
  }

  get traffic(): Traffic {
    return this.#final?.traffic ?? this.#conn.traffic?.() ?? NO_TRAFFIC;
  }

  connected(): void {
    this.connectMs ??= Date.now() - this.#dialledMs;
  }

  answered(): void {
    this.firstByteMs ??= Date.now() - this.#dialledMs;
  }

  /** The connection is about to go. */
  finish(): void {
    this.#final ??= { traffic: this.traffic, ms: this.sessionMs };
  }
}
