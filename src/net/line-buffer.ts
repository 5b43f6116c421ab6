// The fixed command buffer of a session before login; its size is the protocol's client buffer.
import { wipe } from '../core/wipe.ts';

/**
 * Bytes are appended at `last` and parsed from `pos`. The buffer starts over only when everything in it has
 * been consumed (nginx never moves what is left), so several pipelined commands share one buffer.
 */
export class LineBuffer {
  readonly data: Buffer;
  /** Where the parser goes on. */
  pos = 0;
  /** End of what was read. */
  last = 0;

  constructor(size: number) {
    this.data = Buffer.allocUnsafeSlow(size);
  }

  get full(): boolean {
    return this.last === this.data.length;
  }

  /** Copies what fits, and returns how many bytes that was; the caller keeps the rest. */
  fill(chunk: Buffer): number {
    const n = chunk.copy(this.data, this.last);
    this.last += n;
    return n;
  }

  /** Starts over. What was read is overwritten: it may hold a password. */
  reset(): void {
    wipe(this.data, this.last);
    this.pos = 0;
    this.last = 0;
  }
}
