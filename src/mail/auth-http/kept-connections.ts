// Connections to the auth server that wait for the next question: `auth_http_keepalive`.
import type { ByteString } from '../../conf/directive.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import { type Connection, type ConnHandler, IGNORE } from '../../net/connection.ts';
import { BodyEnd, type BodyFraming } from './body-end.ts';

/** Nobody asks anything for so long: the connection is closed. As keepalive_timeout of nginx's upstreams. */
const IDLE_MS = 60_000;
/** How long the rest of an answer may take that has been understood already. */
const REST_MS = 5000;

/** Of one worker, to one auth server, or to all of a group. Each has its place among worker_connections. */
export class KeptConnections {
  readonly #limit: number;
  readonly #connections: ConnectionBudget;
  /** The one that was used last is at the end. */
  readonly #idle: Kept[] = [];
  #closed = false;

  /** @param limit how many may wait */
  constructor(limit: number, connections: ConnectionBudget) {
    this.#limit = limit;
    this.#connections = connections;
    connections.spares.add(() => this.#closeOldest());
  }

  /** One that waits, with its place. The caller sets its handler and deadline, and releases the place. */
  take(address: ByteString): Connection | undefined {
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const kept = this.#idle[i];
      if (kept === undefined || !kept.isReady || kept.address !== address) continue;
      this.#idle.splice(i, 1);
      return kept.leave();
    }
    return undefined;
  }

  /**
   * Takes a connection whose answer has been understood, with its place.
   * @param address where it leads
   * @param rest what came behind the headers
   */
  keep(conn: Connection, address: ByteString, framing: BodyFraming, rest: Buffer): void {
    const kept = new Kept(conn, address, framing, () => this.#drop(kept));
    if (this.#closed || framing.closes || !kept.feed(rest)) {
      kept.leave().destroy();
      this.#connections.release();
      return;
    }
    if (!kept.isReady) conn.deadline(REST_MS);
    this.#idle.push(kept);
    if (this.#idle.length > this.#limit) this.#closeOldest();
  }

  /** Names have come to mean other addresses. @param addresses those that may be asked again */
  retain(addresses: ReadonlySet<ByteString>): void {
    for (const kept of [...this.#idle]) if (!addresses.has(kept.address)) this.#drop(kept);
  }

  /** No more questions come. */
  close(): void {
    this.#closed = true;
    while (this.#closeOldest());
  }

  #closeOldest(): boolean {
    const [oldest] = this.#idle;
    if (oldest !== undefined) this.#drop(oldest);
    return oldest !== undefined;
  }

  #drop(kept: Kept): void {
    const at = this.#idle.indexOf(kept);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    kept.leave().destroy();
    this.#connections.release();
  }
}

/** Reads the rest of the last answer. Whatever comes after that, and any end, is the end of it. */
class Kept implements ConnHandler {
  readonly address: ByteString;
  readonly #conn: Connection;
  readonly #body: BodyEnd;
  readonly #drop: () => void;
  isReady = false;

  constructor(conn: Connection, address: ByteString, framing: BodyFraming, drop: () => void) {
    this.address = address;
    this.#conn = conn;
    this.#body = new BodyEnd(framing);
    this.#drop = drop;
    conn.handler = this;
    conn.onFault = () => drop();
  }

  /** @returns false: it cannot be kept */
  feed(chunk: Buffer): boolean {
    const state = this.#body.feed(chunk);
    if (state !== 'end') return state === 'more';
    this.isReady = true;
    this.#conn.deadline(IDLE_MS);
    return true;
  }

  leave(): Connection {
    this.#conn.handler = IGNORE;
    return this.#conn;
  }

  onData(chunk: Buffer): void {
    if (!this.feed(chunk)) this.#drop();
  }

  onDrain(): void {}

  onEof(): void {
    this.#drop();
  }

  onTimeout(): void {
    this.#drop();
  }

  onClose(): void {
    this.#drop();
  }
}
