// When to connect again: at once where the server restarts, later and later where there is none.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** RFC 6455, 7.4.1: going away; and of its registry: service restart. */
const RESTARTS = [1001, 1012];

export class Retry {
  #failures = 0;
  readonly #random: () => number;

  /** @param random between 0 and 1: not all pages come back at the same moment */
  constructor(random: () => number) {
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** There was a message: the next connection that ends is the first to fail. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns milliseconds to wait, with the code that the connection was closed with */
  waitAfter(code: number): number {
    const failures = this.#failures++;
    if (failures === 0 && RESTARTS.includes(code)) return 0;
    const longest = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), LONGEST_MS);
    return Math.round(longest * (0.5 + this.#random() / 2));
  }
}
