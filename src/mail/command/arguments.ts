// The arguments of a command line: where each of them stands in the line buffer.
import type { LineBuffer } from '../../net/line-buffer.ts';

/** Holds offsets only: they are valid until the next parse or until the buffer starts over. */
export class Arguments {
  count = 0;
  /** Where the argument at hand begins. */
  start = 0;
  /** Pairs of start and end. */
  readonly #bounds: Int32Array;

  /** @param max must not be exceeded by calls of `end` */
  constructor(max: number) {
    this.#bounds = new Int32Array(max * 2);
  }

  get full(): boolean {
    return this.count * 2 === this.#bounds.length;
  }

  /** Starts over with a line that begins at `at`. */
  clear(at: number): void {
    this.count = 0;
    this.start = at;
  }

  /** The argument that began at `start` ends before `at`. */
  end(at: number): void {
    this.#bounds[this.count * 2] = this.start;
    this.#bounds[this.count * 2 + 1] = at;
    this.count++;
  }

  /** A view of argument `n`, which must be below `count`. */
  get(b: LineBuffer, n: number): Buffer {
    return b.data.subarray(this.#bounds[n * 2], this.#bounds[n * 2 + 1]);
  }
}
