// How long a dead worker's place stays empty: nothing at first, more where workers keep dying.

const WINDOW_MS = 1000;
/** So many deaths within the window are let pass. */
const FREE = 2;
const FIRST_MS = 100;
const MAX_MS = 10_000;

export class RespawnDelay {
  readonly #now: () => number;
  #recent: number[] = [];
  #last = 0;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** Called at each death; milliseconds. */
  next(): number {
    const now = this.#now();
    const before = this.#recent.at(-1) ?? Number.NEGATIVE_INFINITY;
    this.#recent = [...this.#recent.filter((at) => now - at < WINDOW_MS), now];
    if (this.#last > 0 && now - before < WINDOW_MS + this.#last) this.#last = Math.min(MAX_MS, this.#last * 2);
    else this.#last = this.#recent.length <= FREE ? 0 : FIRST_MS;
    return this.#last;
  }
}
