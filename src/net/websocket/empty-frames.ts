// Frames that carry nothing: pings, answers to pings, empty messages. Each is work, and some want an answer.

const MAX_EMPTY = 1000;
const WITHIN_MS = 10_000;

export const TOO_MANY_EMPTY = 'client sent too many frames that carry nothing';

export class EmptyFrames {
  #count = 0;
  #sinceMs = 0;

  /** Another one has come. @returns false: it is one too many */
  admits(): boolean {
    const now = performance.now();
    if (now - this.#sinceMs > WITHIN_MS) {
      this.#sinceMs = now;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= MAX_EMPTY;
  }
}
