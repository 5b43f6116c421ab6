// The buffer that the handle of a busy relay reads to. What comes in pieces stands together, and goes on as one.

/** As much as one read over TLS brings: a record. */
const PIECE_BYTES = 16_384;

export class OwnBuffer {
  readonly bytes: Buffer;
  /** What has come and was not taken is between these. */
  #from = 0;
  #to = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** For the next read. */
  get room(): number {
    return this.bytes.length - this.#to;
  }

  get hasRoom(): boolean {
    return this.room >= PIECE_BYTES;
  }

  /** Where the next read goes. */
  get rest(): Buffer {
    return this.#to === 0 ? this.bytes : this.bytes.subarray(this.#to);
  }

  /** So much was read. */
  add(count: number): void {
    this.#to += count;
  }

  /** A copy of what was just read, which is not added. */
  copy(count: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.#to, this.#to + count));
  }

  /** What has come. The next read goes behind it, since it may be on its way for long. */
  take(): Buffer {
    const taken = this.bytes.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return taken;
  }

  /** What has come. The next read goes to the beginning, once this is gone. */
  takeLast(): Buffer {
    const taken = this.take();
    this.#from = 0;
    this.#to = 0;
    return taken;
  }
}
