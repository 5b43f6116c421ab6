// Connections without a request at hand: where there is no room for another connection, the oldest of them goes.
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import { Level, type Log } from '../../core/log.ts';
import type { HttpConnection } from './connection.ts';
import type { Phase } from './flow-phase.ts';

/** A client that is slow with its head must not keep others out either. */
const REUSABLE: readonly Phase[] = ['waiting', 'head', 'idle'];
const SAID_EVERY_MS = 1000;

export class ReusableConnections {
  readonly #budget: ConnectionBudget;
  readonly #log: Log;
  /** With what closes them; the one that has been waiting for longest comes first. */
  readonly #waiting = new Map<HttpConnection, () => void>();
  #saidAtMs = Number.NEGATIVE_INFINITY;

  constructor(budget: ConnectionBudget, log: Log) {
    this.#budget = budget;
    this.#log = log;
    budget.spares.add(this.#closeOldest);
  }

  /** @param close ends the connection */
  moved(client: HttpConnection, phase: Phase, close: () => void): void {
    if (!REUSABLE.includes(phase)) this.#waiting.delete(client);
    else if (!this.#waiting.has(client)) this.#waiting.set(client, close);
  }

  /** It waits for a header of PROXY protocol or a handshake. */
  enters(client: HttpConnection, close: () => void): void {
    this.#waiting.set(client, close);
  }

  left(client: HttpConnection): void {
    this.#waiting.delete(client);
  }

  readonly #closeOldest = (): boolean => {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return false;
    const [client, close] = oldest;
    this.#waiting.delete(client);
    const nowMs = Date.now();
    if (nowMs - this.#saidAtMs >= SAID_EVERY_MS) {
      this.#saidAtMs = nowMs;
      const text = `${this.#budget.limit} worker_connections are not enough, reusing connections`;
      this.#log.write(Level.warn, text);
    }
    client.conn.released = nothing;
    this.#budget.leave(); // at once: another one gets its place
    close();
    return true;
  };
}

const nothing = (): void => {};
