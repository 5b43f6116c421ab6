// A WebSocket over one of our connections, whatever it is for: its handshake, its signs of life, and its end.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection } from '../connection.ts';
import type { WebSocketEvents, WebSocketPeer } from './accept.ts';
import { EmptyFrames, TOO_MANY_EMPTY } from './empty-frames.ts';
import { Liveness, type LivenessLimits } from './liveness.ts';
import { loadWebSocket } from './load.ts';
import { type UpgradedOwner, UpgradedStream } from './upgraded-stream.ts';

export interface UpgradedSocketOptions {
  readonly conn: Connection;
  /** Of the handshake. */
  readonly key: ByteString;
  readonly protocol?: ByteString | undefined;
  /** Bytes of a message of the peer. */
  readonly maxMessage: number;
  readonly isText?: boolean;
  readonly limits: LivenessLimits;
  /** Tells what the peer did wrong. */
  readonly log: (text: ByteString) => void;
  /** The connection is gone. */
  readonly gone: (error: Error | undefined) => void;
}

/** What it is for. */
export interface SocketOwner {
  opened(): void;
  /** A binary message. */
  received(chunk: Buffer): void;
  text(message: string): void;
  /** The peer has taken everything that was written. */
  drained(): void;
  /** From here on nothing is taken and nothing is sent. It may be called again. */
  letGo(): void;
}

export const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
const CLOSE_MS = 5000;

export class UpgradedSocket implements WebSocketEvents, UpgradedOwner {
  /** Bytes of the answer to the handshake. */
  headBytes = 0;
  readonly ended: Promise<void>;
  readonly stream: UpgradedStream;
  readonly #options: UpgradedSocketOptions;
  readonly #owner: SocketOwner;
  readonly #liveness: Liveness;
  readonly #empty = new EmptyFrames();
  #over: () => void = () => {};
  #peer: WebSocketPeer | undefined;
  #isClosing = false;

  constructor(options: UpgradedSocketOptions, owner: SocketOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#liveness = new Liveness(options.limits);
    this.stream = new UpgradedStream(options.conn, this);
    this.ended = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.stream.once('close', () => this.closed());
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get isOpen(): boolean {
    return this.#peer !== undefined && !this.#isClosing;
  }

  async start(): Promise<void> {
    const { conn, key, protocol, maxMessage, isText = false, limits } = this.#options;
    conn.deadline(limits.timeoutMs);
    try {
      await loadWebSocket().acceptWebSocket({ key, stream: this.stream, protocol, maxMessage, isText }, this);
    } catch (error) {
      this.stream.destroy();
      throw error;
    }
  }

  send(message: Buffer | string): void {
    this.#peer?.send(message);
  }

  close(code: number): void {
    if (this.#isClosing) return;
    this.#letGo();
    this.#options.conn.deadline(CLOSE_MS);
    if (this.#peer === undefined) this.stream.destroy();
    else this.#peer.close(code);
  }

  /** Closes the connection without a word: the peer takes none. */
  drop(): void {
    this.#letGo();
    this.stream.destroy();
  }

  /** The peer has sent what is not for here. */
  refuse(code: number, text: ByteString): void {
    if (this.#isClosing) return;
    this.#options.log(text);
    this.close(code);
  }

  // What the WebSocket tells.

  opened(peer: WebSocketPeer): void {
    this.#peer = peer;
    this.headBytes = this.stream.bytesWritten;
    this.#options.conn.deadline(this.#liveness.checkMs);
    this.#owner.opened();
  }

  received(chunk: Buffer): void {
    this.#owner.received(chunk);
  }

  text(message: string): void {
    this.#owner.text(message);
  }

  /** Something has come that carries nothing. */
  controlled(): void {
    if (!this.#empty.admits()) this.refuse(POLICY_VIOLATION, TOO_MANY_EMPTY);
  }

  failed(error: Error): void {
    if (this.#isClosing) return;
    this.#options.log(`client sent an invalid frame: ${error.message.replace(/[^ -~]/g, '')}`);
    this.#letGo();
    this.#options.conn.deadline(CLOSE_MS);
  }

  closed(): void {
    this.#letGo();
    this.#over();
  }

  // What the connection tells.

  heard(): void {
    this.#liveness.heard();
  }

  drained(): void {
    this.#owner.drained();
  }

  timedOut(): void {
    if (this.#isClosing) {
      this.stream.destroy();
      return;
    }
    // Of a peer that is not read from nothing can be heard: what is behind the WebSocket has limits of its own.
    if (this.#liveness.isSilent && !this.stream.isHeld) {
      this.#options.log('client timed out (110: Connection timed out)');
      this.stream.destroy();
      return;
    }
    if (this.#liveness.isPinged && !this.stream.isBlocked) this.#peer?.ping();
    this.#options.conn.deadline(this.#liveness.checkMs);
  }

  ending(): void {
    this.#letGo();
  }

  gone(error: Error | undefined): void {
    this.#options.gone(error);
  }

  #letGo(): void {
    this.#isClosing = true;
    this.#owner.letGo();
  }
}
