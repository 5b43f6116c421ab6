// A WebSocket as a stream of bytes (binary frames, wherever they begin and end), joined to a connection within the process.
import { type Connection, IGNORE } from '../connection.ts';
import type { LivenessLimits } from './liveness.ts';
import { type SocketOwner, UNSUPPORTED_DATA, UpgradedSocket, type UpgradedSocketOptions } from './upgraded-socket.ts';

interface TunnelLimits extends LivenessLimits {
  readonly maxFrame: number;
}

export interface TunnelOptions extends Omit<UpgradedSocketOptions, 'maxMessage' | 'isText'> {
  readonly limits: TunnelLimits;
  /** The connection that it is joined to. */
  readonly near: Connection;
}

const NORMAL = 1000;
const GOING_AWAY = 1001;

/**
 * Back-pressure is below the WebSocket, on its connection: where the near end takes no more, nothing is read. So at
 * most a chunk that was read, and a frame, wait here. In the other direction the near end is paused.
 */
export class Tunnel implements SocketOwner {
  readonly #socket: UpgradedSocket;
  #near: Connection | undefined;

  constructor(options: TunnelOptions) {
    this.#socket = new UpgradedSocket({ ...options, maxMessage: options.limits.maxFrame }, this);
    this.#near = options.near;
    options.near.pause();
    options.near.handler = {
      ...IGNORE,
      onData: (chunk) => this.#send(chunk),
      onDrain: () => this.#socket.stream.release(),
      onEof: () => this.#socket.close(NORMAL),
      onClose: () => this.#socket.close(NORMAL),
    };
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

  start(): Promise<void> {
    return this.#socket.start();
  }

  /** This process ends, and the tunnel with it. */
  leave(): void {
    this.#socket.close(GOING_AWAY);
  }

  // What the WebSocket tells.

  opened(): void {
    this.#near?.resume();
  }

  received(chunk: Buffer): void {
    if (chunk.length === 0) {
      this.#socket.controlled();
      return;
    }
    if (this.#near?.write(chunk) === false) this.#socket.stream.hold();
    chunk.fill(0); // the near end has its copy, and a password may be in it
  }

  text(): void {
    this.#socket.refuse(UNSUPPORTED_DATA, 'client sent a text frame');
  }

  drained(): void {
    this.#near?.resume();
  }

  letGo(): void {
    this.#near?.abandon();
    this.#near = undefined;
    if (this.#socket.stream.isHeld) this.#socket.stream.release();
  }

  #send(chunk: Buffer): void {
    this.#socket.send(chunk);
    if (this.#socket.stream.isBlocked) this.#near?.pause();
  }
}
