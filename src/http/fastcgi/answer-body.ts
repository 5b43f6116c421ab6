// The body of a FastCGI answer, as fast as the client takes it.
import { Readable } from 'node:stream';

/** What it comes from. */
interface Source {
  pause(): void;
  resume(): void;
}

export class AnswerBody extends Readable {
  readonly #source: Source;

  constructor(source: Source) {
    super();
    this.#source = source;
  }

  /** More of it has come. */
  add(chunk: Buffer): void {
    if (!this.push(chunk)) this.#source.pause();
  }

  /** All of it has come. */
  finish(): void {
    this.push(null);
  }

  /** Nobody reads on at present. */
  get isHeldUp(): boolean {
    return this.readableLength > 0;
  }

  override _read(): void {
    this.#source.resume();
  }
}
