// Reads a connection of the demo as lines and counted bytes; bounded, and it reads no more than is asked for.
import type { Readable } from 'node:stream';

const LF = 0x0a;
const CR = 0x0d;

/** The peer sent more than it may. */
export class TooLong extends Error {}

export class LineReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream.iterator({ destroyOnReturn: false });
  }

  /**
   * The next line without its LF or CRLF, one byte per character; undefined at the end of the stream.
   * @param max bytes that it may have.
   * @throws TooLong
   */
  async line(max: number): Promise<string | undefined> {
    let from = 0;
    for (;;) {
      const end = this.#pending.indexOf(LF, from);
      if (end > max + 1 || (end < 0 && this.#pending.length > max + 1)) throw new TooLong('line too long');
      if (end >= 0) {
        const text = this.#pending.toString('latin1', 0, this.#pending[end - 1] === CR ? end - 1 : end);
        this.#pending = this.#pending.subarray(end + 1);
        return text;
      }
      from = this.#pending.length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** Exactly so many bytes; undefined where the stream ends before. The caller checks the count. */
  async bytes(count: number): Promise<Buffer | undefined> {
    while (this.#pending.length < count) if (!(await this.#more())) return undefined;
    const taken = Buffer.from(this.#pending.subarray(0, count));
    this.#pending = this.#pending.subarray(count);
    return taken;
  }

  /** A broken connection counts as its end. */
  async #more(): Promise<boolean> {
    try {
      const step = await this.#chunks.next();
      if (step.done === true) return false;
      this.#pending = this.#pending.length === 0 ? step.value : Buffer.concat([this.#pending, step.value]);
      return true;
    } catch {
      return false;
    }
  }
}
