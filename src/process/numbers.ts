// Connection numbers, unique over all workers and reloads: the master deals them out in blocks.

/** So many at a time. */
export const BLOCK = 32;

/** A worker's stock of numbers; asks for more before it runs out. */
export class Numbers {
  readonly #ask: () => void;
  #next = 0;
  #end = 0;
  #spare: number | undefined;

  /** @param ask sends for a block; `add` brings it */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  add(first: number): void {
    if (this.#next === this.#end) this.#open(first);
    else this.#spare = first;
  }

  next(): number {
    if (this.#next === this.#end) {
      // Without a master nobody deals any more: what follows the last block has to do.
      this.#open(this.#spare ?? this.#end);
      this.#spare = undefined;
    }
    return this.#next++;
  }

  #open(first: number): void {
    this.#next = first;
    this.#end = first + BLOCK;
    this.#ask();
  }
}

/** The master's side. */
export class NumberDealer {
  #next = 1;

  deal(): number {
    const first = this.#next;
    this.#next += BLOCK;
    return first;
  }
}
