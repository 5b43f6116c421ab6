// Buffers for commands and for replies of backends are borrowed while a session needs them, and come back overwritten.
import { LineBuffer } from '../../net/line-buffer.ts';

/** Free buffers kept per size, and their bytes; more are left to the garbage collector. */
const MAX_FREE = 64;
const MAX_FREE_BYTES = 512 * 1024;

export class BufferPool {
  readonly #free = new Map<number, LineBuffer[]>();

  take(size: number): LineBuffer {
    return this.#free.get(size)?.pop() ?? new LineBuffer(size);
  }

  give(buffer: LineBuffer): void {
    buffer.reset();
    const { length } = buffer.data;
    const list = this.#free.get(length);
    if (list === undefined) this.#free.set(length, [buffer]);
    else if (list.length < MAX_FREE && list.length * length < MAX_FREE_BYTES) list.push(buffer);
  }
}
