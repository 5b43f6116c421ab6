// The master's part in what is counted: asks the workers, and remembers what those that ended have counted.
import { reset } from '../../stats/block.ts';
import {
  type Counts,
  countsSinceStart,
  type Everything,
  type History,
  nothingCounted,
  type ProcessReport,
  sumOfCounts,
} from '../../stats/status.ts';
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
  readonly #known = new WeakMap<Counter, ProcessReport>();
  readonly #polls = new Map<number, Poll>();
  #lastPoll = 0;
  /** Of workers that are gone. */
  #ended = nothingCounted();
  #history: History = { respawned: 0, reloads: 0, loadedMs: Date.now() };

  /** It accepts from now on. */
  join(counter: Counter): void {
    this.#counters.add(counter);
  }

  leave(counter: Counter): void {
    if (!this.#counters.delete(counter)) return;
    this.#ended = countsSinceStart(this.#ended, this.#of(counter), 1);
    for (const [id, poll] of [...this.#polls]) this.#heard(id, poll, counter);
  }

  /** Another worker takes the place of one that has died. */
  respawns(): void {
    this.#history = { ...this.#history, respawned: this.#history.respawned + 1 };
  }

  /** Another configuration is in force. */
  reloads(): void {
    this.#history = { ...this.#history, reloads: this.#history.reloads + 1, loadedMs: Date.now() };
  }

  /** What a block had counted is forgotten, whoever counted it. */
  reset(block: string): void {
    this.#ended = withReset(this.#ended, block);
    for (const counter of this.#counters) {
      const known = this.#known.get(counter);
      if (known !== undefined) this.#known.set(counter, { ...known, ...withReset(known, block) });
    }
  }

  /** As far as workers have told by themselves. */
  get total(): Counts {
    return this.#totalOf(this.#counters);
  }

  receive(from: Counter, message: CountsMessage): void {
    const before = this.#of(from);
    this.#known.set(from, message.report);
    // Its last words may be read after its end was seen.
    if (!this.#counters.has(from)) {
      this.#ended = countsSinceStart(countsSinceStart(this.#ended, message.report, 1), before, -1);
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
    poll.asker.tell({ kind: 'others', ask: poll.ask, others: this.#allBut(poll.asker) });
  }

  #allBut(asker: Counter): Everything {
    const others = [...this.#counters].filter((counter) => counter !== asker);
    const total = this.#totalOf(others);
    return { total, processes: others.flatMap((one) => this.#known.get(one) ?? []), history: this.#history };
  }

  /** Of those workers, and of all that are gone. */
  #totalOf(counters: Iterable<Counter>): Counts {
    let total: Counts = this.#ended;
    for (const counter of counters) total = sumOfCounts(total, this.#of(counter));
    return total;
  }

  #of(counter: Counter): Counts {
    return this.#known.get(counter) ?? nothingCounted();
  }
}

function withReset({ connections, blocks }: Counts, block: string): Counts {
  const values = blocks.get(block);
  if (values === undefined) return { connections, blocks };
  return { connections, blocks: new Map([...blocks, [block, reset(values.slice())]]) };
}
