// A file as the body of an answer: whole, or parts of it with text between them.
import { close } from 'node:fs';
import type { Readable } from 'node:stream';
import { FileStream, type Slice } from './file-stream.ts';

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
    return new FileStream(fd, this.parts, (done) => close(fd, done));
  }

  destroy(): void {
    if (this.#fd !== undefined) close(this.#fd, ignore);
    this.#fd = undefined;
  }
}

const ignore = (): void => {};
