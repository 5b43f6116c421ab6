// Frames that carry nothing: pings, answers to pings, empty messages. Each is work, and some want an answer.

const MAX_EMPTY = 1000;
const WITHIN_MS = 10_000;

export const TOO_MANY_EMPTY = 'client sent too many frames that carry nothing';

/** By a clock that nobody sets, or it would be years that are counted. */
export class EmptyFrames {
  readonly #now: () => number;
  #count = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Another one has come. @returns false: it is one too many */
  admits(): boolean {
    const now = this.#now();
    if (now - this.#sinceMs > WITHIN_MS) {
      this.#sinceMs = now;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= MAX_EMPTY;
  }
}
