// Where handles read to: one buffer that all of them share, and larger work for those that are busy.
import { wipe } from '../../core/wipe.ts';

/**
 * The system reads, and tells of it, before it reads for the next handle: what is in here is copied out by then. A
 * handler that has paused is left with one read at most, and who has more to say gets a buffer of its own.
 */
const SHARED_BYTES = 16_384;
/** What waits in a socket fits in, mostly: one call takes it, and one call sends it. */
const LARGE_BYTES = 262_144;
/** So many handles may have a large one. With more of them the processor's cache would be too small. */
const MAX_LARGE = 16;
const SMALL_BYTES = 65_536;
/** Free buffers of each size that are kept; more are left to the garbage collector. */
const MAX_FREE = 16;
/** So many bytes are copied faster by a loop than by a call. */
const SHORT = 64;
/** Views up to this length are kept. */
const MAX_VIEW = 512;

export class ReadBuffers {
  /** Holds the last bytes that came, whoever sent them. It must live as long as any handle. */
  readonly shared = Buffer.alloc(SHARED_BYTES);
  readonly #large: Buffer[] = [];
  readonly #small: Buffer[] = [];
  /** Of the shared one, by length: most of what comes is short, and of few lengths. */
  readonly #views: Buffer[] = [];
  #largeOut = 0;

  /** The bytes that have just been read, at the beginning of a buffer that is the borrower's. */
  takeOver(count: number): Buffer {
    const buffer = this.#take();
    this.#copyOut(buffer, count);
    return buffer;
  }

  give(buffer: Buffer): void {
    this.forget(buffer);
    const free = isLarge(buffer) ? this.#large : this.#small;
    if (free.length < MAX_FREE) free.push(buffer);
  }

  /** Its borrower is gone, and what is in it may be on its way still: nobody else gets it. */
  forget(buffer: Buffer): void {
    if (isLarge(buffer)) this.#largeOut--;
  }

  #take(): Buffer {
    if (this.#largeOut === MAX_LARGE) return this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    this.#largeOut++;
    return this.#large.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
  }

  /** The bytes that have just been read, where they are. */
  view(count: number): Buffer {
    if (count > MAX_VIEW) return this.shared.subarray(0, count);
    const known = this.#views[count];
    if (known !== undefined) return known;
    const view = this.shared.subarray(0, count);
    this.#views[count] = view;
    return view;
  }

  /** A password may be among them. */
  wipe(count: number): void {
    wipe(this.shared, count);
  }

  /** The bytes that have just been read, and no trace of them here. */
  takeOut(count: number): Buffer {
    const chunk = Buffer.allocUnsafe(count);
    this.#copyOut(chunk, count);
    return chunk;
  }

  #copyOut(into: Buffer, count: number): void {
    const { shared } = this;
    if (count <= SHORT) for (let i = 0; i < count; i++) into[i] = shared[i] ?? 0;
    else shared.copy(into, 0, 0, count);
    this.wipe(count);
  }
}

const isLarge = (buffer: Buffer): boolean => buffer.length === LARGE_BYTES;
