// Parts of a file, and text between them, read as fast as the reader takes them.
import { read } from 'node:fs';
import { Readable } from 'node:stream';

/** From a byte up to another one, which is not in it. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

const CHUNK = 65_536;

export class FileStream extends Readable {
  readonly #fd: number;
  readonly #parts: (Slice | Buffer)[];
  readonly #release: (done: () => void) => void;
  #at: number | undefined;
  /** A read is under way: the file must stay open. */
  #reading = false;
  #onRead: (() => void) | undefined;

  /** @param release nothing is read from the file any more */
  constructor(fd: number, parts: readonly (Slice | Buffer)[], release: (done: () => void) => void) {
    super({ highWaterMark: CHUNK });
    this.#fd = fd;
    this.#parts = [...parts];
    this.#release = release;
  }

  override _read(): void {
    const part = this.#parts[0];
    if (part === undefined) {
      this.push(null);
    } else if (Buffer.isBuffer(part)) {
      this.#parts.shift();
      this.push(part);
    } else {
      this.#readFile(part);
    }
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const end = (): void => this.#release(() => done(error));
    if (this.#reading) this.#onRead = end;
    else end();
  }

  #readFile({ from, to }: Slice): void {
    const at = this.#at ?? from;
    const length = Math.min(CHUNK, to - at);
    if (length === 0) {
      this.#nextPart();
      this._read();
      return;
    }
    this.#reading = true;
    read(this.#fd, Buffer.allocUnsafe(length), 0, length, at, (error, count, buffer) => {
      this.#reading = false;
      if (this.#onRead !== undefined) {
        this.#onRead();
      } else if (error !== null) {
        this.destroy(error);
      } else if (count === 0) {
        this.destroy(new Error('the file was truncated'));
      } else {
        this.#at = at + count;
        if (this.#at === to) this.#nextPart();
        this.push(buffer.subarray(0, count));
      }
    });
  }

  #nextPart(): void {
    this.#parts.shift();
    this.#at = undefined;
  }
}
