// A worker's part in the history: has its master keep one, and asks for it.
import type { Sample } from '../../stats/samples.ts';
import type { HistoryAnswer } from '../messages.ts';
import type { Tell } from './session-link.ts';

/** A page waits no longer, and begins without. */
const ANSWER_MS = 1000;

interface Ask {
  readonly timer: NodeJS.Timeout;
  readonly done: (samples: readonly Sample[]) => void;
}

export class HistoryLink {
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  #lastAsk = 0;
  #lost = false;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  keep(): void {
    this.#tell({ kind: 'keep-history' }, () => {});
  }

  find(): Promise<readonly Sample[]> {
    if (this.#lost) return Promise.resolve([]);
    const ask = ++this.#lastAsk;
    return new Promise((done) => {
      this.#asks.set(ask, { timer: setTimeout(() => this.#answer(ask, []), ANSWER_MS), done });
      this.#tell({ kind: 'find-history', ask }, () => {});
    });
  }

  receive({ ask, samples }: HistoryAnswer): void {
    this.#answer(ask, samples);
  }

  /** The master is gone, and what it knew. */
  lost(): void {
    this.#lost = true;
    for (const ask of [...this.#asks.keys()]) this.#answer(ask, []);
  }

  #answer(ask: number, samples: readonly Sample[]): void {
    const asked = this.#asks.get(ask);
    if (asked === undefined) return;
    this.#asks.delete(ask);
    clearTimeout(asked.timer);
    asked.done(samples);
  }
}
