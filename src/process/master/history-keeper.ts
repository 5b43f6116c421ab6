// The master's part in the history: takes samples of what all workers have counted, while a worker wants it.
import type { Blocks } from '../../stats/block.ts';
import { SAMPLE_MS, Samples } from '../../stats/samples.ts';
import type { HistoryMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface Historian {
  tell(message: ToWorker): void;
}

/** It is not forgotten at once: another worker may take the place of one that has died. */
export const FORGET_MS = 60_000;

export class HistoryKeeper {
  readonly #counted: () => Blocks;
  readonly #samples = new Samples();
  readonly #wanting = new Set<Historian>();
  /** Their last words may be read after their end was seen. */
  readonly #gone = new WeakSet<Historian>();
  #timer: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;

  /** @param counted by all workers, and by those that are gone */
  constructor(counted: () => Blocks) {
    this.#counted = counted;
  }

  receive(from: Historian, message: HistoryMessage): void {
    if (this.#gone.has(from)) return;
    if (message.kind === 'find-history') {
      from.tell({ kind: 'history', ask: message.ask, samples: this.#samples.all });
      return;
    }
    this.#wanting.add(from);
    clearTimeout(this.#end);
    if (this.#timer !== undefined) return;
    this.#take();
    this.#timer = setInterval(() => this.#take(), SAMPLE_MS).unref();
  }

  leave(worker: Historian): void {
    this.#gone.add(worker);
    if (!this.#wanting.delete(worker) || this.#wanting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#end = setTimeout(() => this.#samples.forget(), FORGET_MS).unref();
  }

  #take(): void {
    this.#samples.take(this.#counted(), Date.now());
  }
}
