// The master's part in the numbers of connections: asks the workers, and remembers what those that ended have counted.
import { type ConnectionCounts, noCounts, sinceStart, sumOf } from '../../core/connection-counts.ts';
import type { CountsMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface Counter {
  tell(message: ToWorker): void;
}

interface Poll {
  readonly asker: Counter;
  /** The asker's number. */
  readonly ask: number;
  readonly waiting: Set<Counter>;
  readonly timer: NodeJS.Timeout;
}

/** A worker that is stuck is counted as it was last known. */
export const POLL_MS = 300;

export class CountKeeper {
  readonly #counters = new Set<Counter>();
  readonly #known = new WeakMap<Counter, Readonly<ConnectionCounts>>();
  readonly #polls = new Map<number, Poll>();
  #lastPoll = 0;
  /** Of workers that are gone. */
  #ended: Readonly<ConnectionCounts> = noCounts();

  /** It accepts from now on. */
  join(counter: Counter): void {
    this.#counters.add(counter);
  }

  leave(counter: Counter): void {
    if (!this.#counters.delete(counter)) return;
    this.#ended = sinceStart(this.#ended, this.#of(counter), 1);
    for (const [id, poll] of [...this.#polls]) this.#heard(id, poll, counter);
  }

  receive(from: Counter, message: CountsMessage): void {
    const before = this.#of(from);
    this.#known.set(from, message.counts);
    // Its last words may be read after its end was seen.
    if (!this.#counters.has(from)) {
      this.#ended = sinceStart(this.#ended, sinceStart(message.counts, before, -1), 1);
    }
    if (message.kind === 'find-counts') {
      this.#poll(from, message.ask);
      return;
    }
    const poll = this.#polls.get(message.ask);
    if (poll !== undefined) this.#heard(message.ask, poll, from);
  }

  #poll(asker: Counter, ask: number): void {
    const waiting = new Set([...this.#counters].filter((counter) => counter !== asker));
    const id = ++this.#lastPoll;
    const timer = setTimeout(() => this.#finish(id), POLL_MS);
    this.#polls.set(id, { asker, ask, waiting, timer });
    for (const counter of waiting) counter.tell({ kind: 'count', ask: id });
    if (waiting.size === 0) this.#finish(id);
  }

  #heard(id: number, { waiting }: Poll, counter: Counter): void {
    waiting.delete(counter);
    if (waiting.size === 0) this.#finish(id);
  }

  #finish(id: number): void {
    const poll = this.#polls.get(id);
    if (poll === undefined) return;
    this.#polls.delete(id);
    clearTimeout(poll.timer);
    let counts = this.#ended;
    for (const counter of this.#counters) if (counter !== poll.asker) counts = sumOf(counts, this.#of(counter));
    poll.asker.tell({ kind: 'others', ask: poll.ask, counts });
  }

  #of(counter: Counter): Readonly<ConnectionCounts> {
    return this.#known.get(counter) ?? noCounts();
  }
}
