// The body of a FastCGI answer, as fast as the client takes it.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

export class AnswerBody extends Readable {
  #socket: Socket | undefined;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  /** More of it has come. */
  add(chunk: Buffer): void {
    if (!this.push(chunk)) this.#socket?.pause();
  }

  /** All of it has come. The connection may serve others. */
  finish(): void {
    this.#socket = undefined;
    this.push(null);
  }

  /** Nobody reads on at present. */
  get isHeldUp(): boolean {
    return this.readableLength > 0;
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket?.destroy();
    done(error);
  }
}
