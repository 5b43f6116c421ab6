// How many connections a worker may have: worker_connections, and the descriptors that the system grants.
import type { ByteString } from '../conf/directive.ts';
import { type ConnectionCounts, noCounts } from './connection-counts.ts';
import { Level, type Log, type LogContext, type LogWriter } from './log.ts';
import { spareDescriptors } from './open-files.ts';

export interface BudgetOptions {
  /** worker_connections. */
  readonly limit: number;
  /** Connections of clients are counted here. */
  readonly counts?: ConnectionCounts;
  /** For what concerns no session. */
  readonly log: Log;
  /** accept_mutex_delay, in milliseconds. */
  readonly delayMs: number;
  /** Descriptors have run out: nothing should be accepted for so many milliseconds. */
  readonly onShortage?: (delayMs: number) => void;
  /** How many more descriptors the process could open. */
  readonly spare?: () => number;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Descriptors that no connection gets: logs are opened anew, /proc is read. */
const RESERVE = 16;
const NO_DESCRIPTOR = 'failed (24: Too many open files)';

/** Costs one comparison and one addition for a connection. */
export class ConnectionBudget {
  readonly counts: ConnectionCounts;
  readonly #options: BudgetOptions;
  #used = 0;
  /** The lesser of worker_connections and what the descriptors are enough for. */
  #room: number;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #saidAt = Number.NEGATIVE_INFINITY;
  /** Each closes a connection that can be done without, and releases its place. @returns false: there is none */
  readonly spares = new Set<() => boolean>();

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.counts = options.counts ?? noCounts();
    this.#room = options.limit;
  }

  /** worker_connections. */
  get limit(): number {
    return this.#options.limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Another connection would be taken, and none closed for it. */
  get hasRoom(): boolean {
    return this.#used < this.#room || this.#grows();
  }

  /** Counts what the process has from the start: listening sockets, and the channel to its master. */
  occupy(count: number): void {
    this.#used += count;
    this.#measure();
  }

  /**
   * For a connection that has been accepted; `leave` is for its end.
   * @param listening the address that it came in by
   * @returns false: it is to be closed; why is in the log
   */
  accept(listening: ByteString): boolean {
    this.counts.accepted++;
    if (this.#used < this.#room || this.#grows() || this.#saves()) {
      this.#used++;
      this.counts.handled++;
      this.counts.active++;
      return true;
    }
    if (this.#full) this.#options.log.write(Level.alert, notEnough(this.#options.limit));
    else this.#sayShortage(listening);
    return false;
  }

  /**
   * For a connection that this process is about to open; `release` is for its end.
   * @param log of the session or whatever it is for
   * @returns false: there is none to be had; why is in the log
   */
  open(log: LogWriter, context: LogContext): boolean {
    if (this.#used < this.#room || this.#grows() || this.#saves()) {
      this.#used++;
      return true;
    }
    const text = this.#full ? notEnough(this.#options.limit) : `socket() ${NO_DESCRIPTOR}`;
    log.write(Level.alert, text, context);
    return false;
  }

  /** One that was accepted is closed. A listener for `close`, the same for all. */
  readonly leave = (): void => {
    this.#used--;
    this.counts.active--;
  };

  /** One that was opened is closed. */
  readonly release = (): void => {
    this.#used--;
  };

  get #full(): boolean {
    return this.#used >= this.#options.limit;
  }

  /** Descriptors may have been freed, or the limit raised: looks again, at times. */
  #grows(): boolean {
    if (this.#full || this.#now() - this.#measuredAt < this.#options.delayMs) return false;
    this.#measure();
    return this.#used < this.#room;
  }

  #saves(): boolean {
    for (const spare of this.spares) if (spare()) return true;
    return false;
  }

  #measure(): void {
    this.#measuredAt = this.#now();
    const { limit, spare = spareDescriptors } = this.#options;
    this.#room = Math.min(limit, this.#used + spare() - RESERVE);
  }

  #sayShortage(listening: ByteString): void {
    const { log, delayMs, onShortage } = this.#options;
    if (this.#now() - this.#saidAt < delayMs) return;
    this.#saidAt = this.#now();
    log.write(Level.crit, `accept4() ${NO_DESCRIPTOR} while accepting new connection on ${listening}`);
    onShortage?.(delayMs);
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

const notEnough = (limit: number): string => `${limit} worker_connections are not enough`;
