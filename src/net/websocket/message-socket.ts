// A WebSocket of text messages, with nothing behind it: bounded in what it takes, and in what waits to be sent.
import { type SocketOwner, UNSUPPORTED_DATA, UpgradedSocket, type UpgradedSocketOptions } from './upgraded-socket.ts';

export interface MessageSocketOptions extends Omit<UpgradedSocketOptions, 'protocol' | 'isText'> {
  readonly opened: () => void;
  readonly said: (text: string) => void;
}

export class MessageSocket implements SocketOwner {
  readonly #options: MessageSocketOptions;
  readonly #socket: UpgradedSocket;

  constructor(options: MessageSocketOptions) {
    this.#options = options;
    this.#socket = new UpgradedSocket({ ...options, isText: true }, this);
  }

  get ended(): Promise<void> {
    return this.#socket.ended;
  }

  /** Bytes of the answer to the handshake. */
  get headBytes(): number {
    return this.#socket.headBytes;
  }

  get bytesWritten(): number {
    return this.#socket.stream.bytesWritten;
  }

  /** Bytes that the connection has not taken so far. */
  get waiting(): number {
    return this.#socket.stream.writableLength;
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  start(): Promise<void> {
    return this.#socket.start();
  }

  /** Nothing holds it up: whoever sends looks at `waiting`. */
  send(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  /** Closes the connection without a word: the peer takes none. */
  drop(): void {
    this.#socket.drop();
  }

  // What the WebSocket tells.

  opened(): void {
    this.#options.opened();
  }

  received(): void {
    this.#socket.refuse(UNSUPPORTED_DATA, 'client sent a binary frame');
  }

  text(message: string): void {
    if (!this.#socket.isClosing) this.#options.said(message);
  }

  drained(): void {}

  letGo(): void {}
}
