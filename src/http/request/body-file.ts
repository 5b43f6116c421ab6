// A body of a request that is too large for memory: a file without a name, which goes with the request.
import { close, unlink, writev } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ByteString } from '../../conf/directive.ts';
import { FileStream } from '../answer/file-stream.ts';
import type { OpenFault, TemporaryFolder } from './temporary-folder.ts';

export class BodyFile {
  /** Where it was made. */
  readonly path: ByteString;
  readonly #fd: number;
  #length = 0;
  /** Writers and readers at work; the last one closes the file of a request that has ended. */
  #users = 0;
  #isReleased = false;

  private constructor(fd: number, path: ByteString) {
    this.#fd = fd;
    this.path = path;
  }

  static create(folder: TemporaryFolder, done: (result: BodyFile | OpenFault) => void): void {
    folder.create((made) => {
      if (!('fd' in made)) {
        done(made);
        return;
      }
      // From here on nothing is left behind, whatever becomes of this process.
      unlink(Buffer.from(made.path, 'latin1'), () => done(new BodyFile(made.fd, made.path)));
    });
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  /** One call at a time. @param done called once; with an error the file is of no use */
  append(chunks: readonly Buffer[], done: (error: Error | undefined) => void): void {
    this.#users++;
    this.#write([...chunks], (error) => {
      this.#leave();
      done(error);
    });
  }

  /** All of it from the beginning, as often as it is asked for. */
  open(): Readable {
    this.#users++;
    return new FileStream(this.#fd, [{ from: 0, to: this.#length }], (closed) => {
      this.#leave();
      closed();
    });
  }

  /** The request has ended. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#users === 0) close(this.#fd, ignore);
  }

  #leave(): void {
    this.#users--;
    if (this.#isReleased && this.#users === 0) close(this.#fd, ignore);
  }

  /** As often as the system takes only a part. */
  #write(chunks: readonly Buffer[], done: (error: Error | undefined) => void): void {
    writev(this.#fd, chunks, this.#length, (error, written) => {
      if (error !== null) {
        done(error);
        return;
      }
      this.#length += written;
      const rest = behind(chunks, written);
      if (rest.length === 0) done(undefined);
      else this.#write(rest, done);
    });
  }
}

const ignore = (): void => {};

function behind(chunks: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    return skipped === chunk.length ? [] : chunk.subarray(skipped);
  });
}
