// Accepted connections over sockets of node:net, as HTTP has them.
import type { Socket } from 'node:net';
import { IGNORE, type RequestConnection } from './connection.ts';
import { StreamConnection } from './stream-connection.ts';

export class SocketConnection extends StreamConnection implements RequestConnection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super(socket, IGNORE);
    this.#socket = socket;
  }

  get hasReceived(): boolean {
    return this.#socket.bytesRead > 0;
  }

  get hasUnread(): boolean {
    return this.stream.readableLength > 0;
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    const { stream } = this;
    let isTaken = true;
    stream.cork();
    for (const chunk of chunks) isTaken = this.write(chunk);
    stream.uncork();
    return isTaken;
  }

  reset(): void {
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
    this.destroy();
  }
}
