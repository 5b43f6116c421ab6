// The body of a FastCGI answer, as fast as the client takes it.
import { Readable } from 'node:stream';

/** What it comes from. */
interface Source {
  pause(): void;
  resume(): void;
}

export class AnswerBody extends Readable {
  readonly #source: Source;
  #fault: Error | undefined;

  constructor(source: Source) {
    // Asked for more only when nothing waits.
    super({ highWaterMark: 0 });
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

  /** It breaks off, behind what has come. */
  break(fault: Error): void {
    this.#fault = fault;
    if (this.readableLength === 0) this.destroy(fault);
  }

  /** Nobody reads on at present. */
  get isHeldUp(): boolean {
    return this.readableLength > 0;
  }

  override _read(): void {
    if (this.#fault === undefined) this.#source.resume();
    else this.destroy(this.#fault);
  }
}
