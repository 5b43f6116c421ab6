// A WebSocket of text messages, with nothing behind it: bounded in what it takes, and in what waits to be sent.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection } from '../connection.ts';
import type { WebSocketEvents, WebSocketPeer } from './accept.ts';
import { EmptyFrames, TOO_MANY_EMPTY } from './empty-frames.ts';
import { Liveness, type LivenessLimits } from './liveness.ts';
import { loadWebSocket } from './load.ts';
import { type UpgradedOwner, UpgradedStream } from './upgraded-stream.ts';

export interface MessageSocketOptions {
  readonly conn: Connection;
  /** Of the handshake. */
  readonly key: ByteString;
  /** Bytes of a message of the peer. */
  readonly maxMessage: number;
  readonly limits: LivenessLimits;
  /** Tells what the peer did wrong. */
  readonly log: (text: ByteString) => void;
  readonly opened: () => void;
  readonly said: (text: string) => void;
  /** The connection is gone. */
  readonly gone: (error: Error | undefined) => void;
}

const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
const CLOSE_MS = 5000;

export class MessageSocket implements WebSocketEvents, UpgradedOwner {
  /** Bytes of the answer to the handshake. */
  headBytes = 0;
  readonly ended: Promise<void>;
  readonly #options: MessageSocketOptions;
  readonly #stream: UpgradedStream;
  readonly #empty = new EmptyFrames();
  #over: () => void = () => {};
  #peer: WebSocketPeer | undefined;
  readonly #liveness: Liveness;
  #isClosing = false;

  constructor(options: MessageSocketOptions) {
    this.#options = options;
    this.#liveness = new Liveness(options.limits);
    this.#stream = new UpgradedStream(options.conn, this);
    this.ended = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.#stream.once('close', () => this.closed());
  }

  get bytesWritten(): number {
    return this.#stream.bytesWritten;
  }

  /** Bytes that the connection has not taken so far. */
  get waiting(): number {
    return this.#stream.writableLength;
  }

  get isOpen(): boolean {
    return this.#peer !== undefined && !this.#isClosing;
  }

  async start(): Promise<void> {
    const { conn, key, maxMessage, limits } = this.#options;
    conn.deadline(limits.timeoutMs);
    try {
      const options = { key, stream: this.#stream, protocol: undefined, maxMessage, isText: true };
      await loadWebSocket().acceptWebSocket(options, this);
    } catch (error) {
      this.#stream.destroy();
      throw error;
    }
  }

  /** Nothing holds it up: whoever sends looks at `waiting`. */
  send(text: string): void {
    if (this.isOpen) this.#peer?.send(text);
  }

  close(code: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#options.conn.deadline(CLOSE_MS);
    if (this.#peer === undefined) this.#stream.destroy();
    else this.#peer.close(code);
  }

  /** Closes the connection without a word: the peer takes none. */
  drop(): void {
    this.#isClosing = true;
    this.#stream.destroy();
  }

  // What the WebSocket tells.

  opened(peer: WebSocketPeer): void {
    this.#peer = peer;
    this.headBytes = this.#stream.bytesWritten;
    this.#options.conn.deadline(this.#liveness.checkMs);
    this.#options.opened();
  }

  received(): void {
    if (this.#isClosing) return;
    this.#options.log('client sent a binary frame');
    this.close(UNSUPPORTED_DATA);
  }

  text(message: string): void {
    if (!this.#isClosing) this.#options.said(message);
  }

  controlled(): void {
    if (this.#empty.admits() || this.#isClosing) return;
    this.#options.log(TOO_MANY_EMPTY);
    this.close(POLICY_VIOLATION);
  }

  failed(error: Error): void {
    if (this.#isClosing) return;
    this.#options.log(`client sent an invalid frame: ${error.message.replace(/[^ -~]/g, '')}`);
    this.#isClosing = true;
    this.#options.conn.deadline(CLOSE_MS);
  }

  closed(): void {
    this.#isClosing = true;
    this.#over();
  }

  // What the connection tells.

  heard(): void {
    this.#liveness.heard();
  }

  drained(): void {}

  timedOut(): void {
    const { conn, log } = this.#options;
    if (this.#isClosing) {
      this.#stream.destroy();
      return;
    }
    if (this.#liveness.isSilent) {
      log('client timed out (110: Connection timed out)');
      this.#stream.destroy();
      return;
    }
    if (this.#liveness.isPinged && !this.#stream.isBlocked) this.#peer?.ping();
    conn.deadline(this.#liveness.checkMs);
  }

  ending(): void {
    this.#isClosing = true;
  }

  gone(error: Error | undefined): void {
    this.#options.gone(error);
  }
}
