// Where handles read to: one buffer that all of them share, and larger work for those that are busy.
import { wipe } from '../../core/wipe.ts';

/** The system reads, and tells of it, before it reads for the next handle: what is in here is copied out by then. */
const SHARED_BYTES = 65_536;
const OWN_BYTES = 65_536;
/** Free buffers that are kept; more are left to the garbage collector. */
const MAX_FREE = 16;
/** So many bytes are copied faster by a loop than by a call. */
const SHORT = 64;

export class ReadBuffers {
  /** Holds the last bytes that came, whoever sent them. It must live as long as any handle. */
  readonly shared = Buffer.alloc(SHARED_BYTES);
  readonly #free: Buffer[] = [];

  /** The whole of it is the borrower's. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(OWN_BYTES);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(buffer);
  }

  /** The bytes that have just been read, and no trace of them here. */
  takeOut(count: number): Buffer {
    const { shared } = this;
    const chunk = Buffer.allocUnsafe(count);
    if (count <= SHORT) for (let i = 0; i < count; i++) chunk[i] = shared[i] ?? 0;
    else shared.copy(chunk, 0, 0, count);
    wipe(shared, count); // a password may be among them
    return chunk;
  }
}
