// A worker's part in the numbers of connections: counts its own, and asks its master for those of the others.
import { type ConnectionCounts, noCounts, type ServerStatus, sumOf } from '../../core/connection-counts.ts';
import type { CountsAnswer } from '../messages.ts';
import type { Tell } from './session-link.ts';

/** A status page waits no longer for the others, and shows what was known of them. */
export const ANSWER_MS = 1000;
/** How often the master hears of the numbers, and how old those of others may become. */
const FRESH_MS = 1000;

export class StatusLink implements ServerStatus {
  readonly own = noCounts();
  readonly #tell: Tell;
  /** Other workers, and what those that have ended have counted. */
  #others: Readonly<ConnectionCounts> = noCounts();
  #lastAsk = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Who waits for the answer to the last question. */
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reports: NodeJS.Timeout | undefined;
  #reported = 0;
  #lost = false;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** One question at a time is under way, however many want to know. */
  total(): Promise<Readonly<ConnectionCounts>> {
    if (!this.#lost && this.#timer === undefined) this.#ask();
    if (this.#timer === undefined) return Promise.resolve(this.#sum);
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#sum)));
  }

  recent(): Readonly<ConnectionCounts> {
    if (!this.#lost && this.#timer === undefined && Date.now() - this.#askedAtMs > FRESH_MS) this.#ask();
    return this.#sum;
  }

  keep(): void {
    this.#reports ??= setInterval(() => {
      if (this.own.accepted + this.own.requests !== this.#reported) this.report();
    }, FRESH_MS).unref();
  }

  /** Also last of all: a worker that has ended is counted still. */
  report(): void {
    this.#reported = this.own.accepted + this.own.requests;
    this.#tell({ kind: 'counts', ask: 0, counts: this.own }, () => {});
  }

  receive(message: CountsAnswer): void {
    if (message.kind === 'count') this.#tell({ kind: 'counts', ask: message.ask, counts: this.own }, () => {});
    else if (message.ask === this.#lastAsk) this.#answered(message.counts);
  }

  /** The master is gone: from here on nobody waits for it. */
  lost(): void {
    this.#lost = true;
    clearInterval(this.#reports);
    this.#answered(this.#others);
  }

  get #sum(): ConnectionCounts {
    return sumOf(this.own, this.#others);
  }

  #ask(): void {
    this.#askedAtMs = Date.now();
    this.#lastAsk++;
    this.#timer = setTimeout(() => this.#answered(this.#others), ANSWER_MS).unref();
    this.#tell({ kind: 'find-counts', ask: this.#lastAsk, counts: this.own }, () => {});
  }

  #answered(others: Readonly<ConnectionCounts>): void {
    this.#others = others;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const done of this.#waiting.splice(0)) done();
  }
}
