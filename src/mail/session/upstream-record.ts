// What is kept of a session's backend for variables: when it did what, and how much.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection } from '../../net/connection.ts';

/** Times are milliseconds since it was dialled. */
export class UpstreamRecord {
  /** As the auth server named it: `ADDRESS:PORT`. */
  readonly address: ByteString;
  /** The one that was tried before it. */
  readonly before: UpstreamRecord | undefined;
  connectMs: number | undefined;
  firstByteMs: number | undefined;
  readonly #dialledMs: number;
  /** undefined: nobody asks for times and bytes, or it is over. */
  #conn: Connection | undefined;
  #finalMs: number | undefined;
  #bytesReceived = 0;
  #bytesSent = 0;

  /** @param conn undefined: nobody asks for times and bytes */
  constructor(address: ByteString, before: UpstreamRecord | undefined, conn: Connection | undefined) {
    this.address = address;
    this.before = before;
    this.#conn = conn;
    this.#dialledMs = conn === undefined ? 0 : Date.now();
  }

  get sessionMs(): number {
    return this.#finalMs ?? this.#sinceDialled;
  }

  get bytesReceived(): number {
    return this.#conn?.bytesReceived ?? this.#bytesReceived;
  }

  get bytesSent(): number {
    return this.#conn?.bytesSent ?? this.#bytesSent;
  }

  connected(): void {
    if (this.#conn !== undefined) this.connectMs ??= this.#sinceDialled;
  }

  answered(): void {
    if (this.#conn !== undefined) this.firstByteMs ??= this.#sinceDialled;
  }

  /** It is over: its connection is let go of. */
  finish(): void {
    if (this.#conn === undefined) return;
    this.#bytesReceived = this.#conn.bytesReceived;
    this.#bytesSent = this.#conn.bytesSent;
    this.#finalMs = this.#sinceDialled;
    this.#conn = undefined;
  }

  get #sinceDialled(): number {
    return Date.now() - this.#dialledMs;
  }
}
