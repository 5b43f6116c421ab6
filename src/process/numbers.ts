// Connection numbers, unique over all workers and reloads: the master deals them out in blocks.

/** So many at a time: a message costs as much as a whole login. */
export const BLOCK = 1024;
/** Every process has a range of its own besides, which no dealer reaches. */
const OWN = 1e9;

/** A worker's stock of numbers; asks for more before it runs out. */
export class Numbers {
  readonly #ask: () => void;
  #next = 0;
  #end = 0;
  #spare: number | undefined;
  #own: number;

  /** @param ask sends for a block; `add` brings it */
  constructor(ask: () => void, pid: number) {
    this.#ask = ask;
    this.#own = pid * OWN;
  }

  add(first: number): void {
    if (this.#next === this.#end) this.#open(first);
    else this.#spare = first;
  }

  next(): number {
    if (this.#next === this.#end) {
      if (this.#spare === undefined) return ++this.#own; // the master is busy, or gone
      this.#open(this.#spare);
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
