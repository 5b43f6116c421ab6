// A file as the body of an answer: whole, or parts of it with text between them, read as the client takes it.
import { close, read } from 'node:fs';
import { Readable } from 'node:stream';

/** From a byte up to another one, which is not in it. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

const CHUNK = 65_536;

export class FileBody {
  readonly size: number;
  /** What of it is sent; text stands between the parts of several ranges. */
  parts: readonly (Slice | Buffer)[];
  #fd: number | undefined;

  /** @param fd belongs to this from here on */
  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.size = size;
    this.parts = [{ from: 0, to: size }];
  }

  /** Once. The stream closes the file. */
  open(): Readable {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) throw new Error('the file is closed');
    return new FileStream(fd, this.parts);
  }

  destroy(): void {
    if (this.#fd !== undefined) close(this.#fd, ignore);
    this.#fd = undefined;
  }
}

const ignore = (): void => {};

class FileStream extends Readable {
  readonly #fd: number;
  readonly #parts: (Slice | Buffer)[];
  #at: number | undefined;
  /** A read is under way: the file must stay open. */
  #reading = false;
  #onRead: (() => void) | undefined;

  constructor(fd: number, parts: readonly (Slice | Buffer)[]) {
    super({ highWaterMark: CHUNK });
    this.#fd = fd;
    this.#parts = [...parts];
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
    const end = (): void => close(this.#fd, () => done(error));
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
