// Command buffers are borrowed for as long as a session has unfinished input, and come back overwritten.
import { LineBuffer } from '../../net/line-buffer.ts';

/** Free buffers kept per size; more are left to the garbage collector. */
const MAX_FREE = 64;

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
    else if (list.length < MAX_FREE) list.push(buffer);
  }
}
