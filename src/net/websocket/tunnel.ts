// A WebSocket as a stream of bytes (binary frames, wherever they begin and end), joined to a connection within the process.
import type { ByteString } from '../../conf/directive.ts';
import { type Connection, IGNORE } from '../connection.ts';
import type { WebSocketEvents, WebSocketPeer } from './accept.ts';
import { EmptyFrames, TOO_MANY_EMPTY } from './empty-frames.ts';
import { Liveness, type LivenessLimits } from './liveness.ts';
import { loadWebSocket } from './load.ts';
import { type UpgradedOwner, UpgradedStream } from './upgraded-stream.ts';

interface TunnelLimits extends LivenessLimits {
  readonly maxFrame: number;
}

export interface TunnelOptions {
  readonly conn: Connection;
  /** Of the handshake. */
  readonly key: ByteString;
  readonly protocol: ByteString | undefined;
  readonly limits: TunnelLimits;
  /** The connection that it is joined to. */
  readonly near: Connection;
  /** Tells what the client did wrong. */
  readonly log: (text: ByteString) => void;
  /** The connection is gone. */
  readonly gone: (error: Error | undefined) => void;
}

const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
const CLOSE_MS = 5000;

/**
 * Back-pressure is below the WebSocket, on its connection: where the near end takes no more, nothing is read. So at
 * most a chunk that was read, and a frame, wait here. In the other direction the near end is paused.
 */
export class Tunnel implements WebSocketEvents, UpgradedOwner {
  /** Bytes of the answer to the handshake. */
  headBytes = 0;
  readonly ended: Promise<void>;
  readonly #options: TunnelOptions;
  readonly #stream: UpgradedStream;
  readonly #empty = new EmptyFrames();
  #over: () => void = () => {};
  #peer: WebSocketPeer | undefined;
  #near: Connection | undefined;
  readonly #liveness: Liveness;
  #isClosing = false;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#liveness = new Liveness(options.limits);
    this.#stream = new UpgradedStream(options.conn, this);
    this.#near = options.near;
    options.near.pause();
    options.near.handler = {
      ...IGNORE,
      onData: (chunk) => this.#send(chunk),
      onDrain: () => this.#stream.release(),
      onEof: () => this.#close(NORMAL),
      onClose: () => this.#close(NORMAL),
    };
    this.ended = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.#stream.once('close', () => this.closed());
  }

  get bytesWritten(): number {
    return this.#stream.bytesWritten;
  }

  async start(): Promise<void> {
    const { conn, key, protocol, limits } = this.#options;
    conn.deadline(limits.timeoutMs);
    const accept = { key, stream: this.#stream, protocol, maxMessage: limits.maxFrame };
    try {
      await loadWebSocket().acceptWebSocket(accept, this);
    } catch (error) {
      this.#stream.destroy();
      throw error;
    }
  }

  /** This process ends, and the tunnel with it. */
  leave(): void {
    this.#close(GOING_AWAY);
  }

  // What the WebSocket tells.

  opened(peer: WebSocketPeer): void {
    this.#peer = peer;
    this.headBytes = this.#stream.bytesWritten;
    this.#options.conn.deadline(this.#liveness.checkMs);
    this.#near?.resume();
  }

  received(chunk: Buffer): void {
    if (chunk.length === 0) {
      this.controlled();
      return;
    }
    if (this.#near?.write(chunk) === false) this.#stream.hold();
    chunk.fill(0); // the near end has its copy, and a password may be in it
  }

  text(): void {
    if (this.#isClosing) return;
    this.#options.log('client sent a text frame');
    this.#close(UNSUPPORTED_DATA);
  }

  controlled(): void {
    if (this.#empty.admits() || this.#isClosing) return;
    this.#options.log(TOO_MANY_EMPTY);
    this.#close(POLICY_VIOLATION);
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
    this.#near?.resume();
  }

  timedOut(): void {
    if (this.#isClosing) {
      this.#stream.destroy();
      return;
    }
    // Of a client that is not read from nothing can be heard: the limits of its session hold.
    if (this.#liveness.isSilent && !this.#stream.isHeld) {
      this.#options.log('client timed out (110: Connection timed out)');
      this.#stream.destroy();
      return;
    }
    if (this.#liveness.isPinged && !this.#stream.isBlocked) this.#peer?.ping();
    this.#options.conn.deadline(this.#liveness.checkMs);
  }

  ending(): void {
    this.#letGo();
  }

  gone(error: Error | undefined): void {
    this.#options.gone(error);
  }

  #send(chunk: Buffer): void {
    this.#peer?.send(chunk);
    if (this.#stream.isBlocked) this.#near?.pause();
  }

  #close(code: number): void {
    if (this.#isClosing) return;
    this.#letGo();
    this.#options.conn.deadline(CLOSE_MS);
    if (this.#peer === undefined) this.#stream.destroy();
    else this.#peer.close(code);
  }

  #letGo(): void {
    this.#isClosing = true;
    this.#near?.abandon();
    this.#near = undefined;
    if (this.#stream.isHeld) this.#stream.release();
  }
}
