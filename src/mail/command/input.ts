// What a client has sent and nobody has taken yet: the command buffer, and the bytes that it has no room for.
import { wipe } from '../../core/wipe.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { BufferPool } from './buffer-pool.ts';

/** Whatever leaves it is overwritten behind: it may hold a password. */
export class CommandInput {
  readonly #pool: BufferPool;
  readonly #size: number;
  #buffer: LineBuffer | undefined;
  #rest: Buffer = EMPTY;

  /** @param size of the command buffer, in bytes */
  constructor(pool: BufferPool, size: number) {
    this.#pool = pool;
    this.#size = size;
  }

  /** @param chunk the caller's: it is copied, and overwritten */
  add(chunk: Buffer): void {
    if (this.#rest.length > 0) {
      this.#rest = join(this.#rest, chunk);
      return;
    }
    const taken = this.#mayFill ? this.#fill(chunk) : 0;
    if (taken < chunk.length) this.#rest = Buffer.from(chunk.subarray(taken));
    wipe(chunk);
  }

  /** The command buffer with something to parse in it; undefined when more must be read first. */
  next(): LineBuffer | undefined {
    const buffer = this.#buffer;
    if (buffer !== undefined && buffer.pos < buffer.last) return buffer;
    if (this.#rest.length === 0) {
      if (buffer?.last === 0) this.discard(); // idle sessions hold no buffer
      return undefined;
    }
    const n = this.#fill(this.#rest);
    wipe(this.#rest, n);
    this.#rest = n === this.#rest.length ? EMPTY : this.#rest.subarray(n);
    return this.#buffer;
  }

  /** What is in the command buffer has been parsed. */
  get #mayFill(): boolean {
    return this.#buffer === undefined || this.#buffer.pos === this.#buffer.last;
  }

  /** @returns how many bytes the command buffer took */
  #fill(bytes: Buffer): number {
    this.#buffer ??= this.#pool.take(this.#size);
    return this.#buffer.fill(bytes);
  }

  /** The command buffer starts over if all of it has been parsed. */
  startOver(): void {
    const buffer = this.#buffer;
    if (buffer !== undefined && buffer.pos === buffer.last) buffer.reset();
  }

  /** Everything that was not parsed; nothing of it stays here. */
  take(): Buffer {
    const buffer = this.#buffer;
    const left = buffer === undefined ? EMPTY : Buffer.from(buffer.data.subarray(buffer.pos, buffer.last));
    const unread = this.#rest.length === 0 ? left : join(left, this.#rest);
    this.discard();
    return unread;
  }

  /** What the command buffer has no room for; it goes from here as it is. */
  takeRest(): Buffer {
    const rest = this.#rest;
    this.#rest = EMPTY;
    return rest;
  }

  discard(): void {
    this.#rest.fill(0);
    this.#rest = EMPTY;
    if (this.#buffer !== undefined) this.#pool.give(this.#buffer);
    this.#buffer = undefined;
  }
}

/** Both are overwritten. */
function join(first: Buffer, second: Buffer): Buffer {
  const joined = Buffer.concat([first, second]);
  first.fill(0);
  second.fill(0);
  return joined;
}

const EMPTY = Buffer.alloc(0);
