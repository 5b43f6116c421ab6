// Datagrams over UDP through a connected, non-blocking socket (logging, "syslog").
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { systemError } from '../errno.ts';
import type { DatagramClient, DatagramFailed } from './datagram.ts';

/** Bytes that wait in the socket's own queue; what comes on top is dropped. */
const MAX_QUEUED = 65_536;
const EIO = 5;

const errnoOf = (error: Error): number => systemError(error)?.errno ?? EIO;

export class UdpClient implements DatagramClient {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  /** The errno that an earlier datagram came back with (ICMP); the next one fails with it, as send(2) would. */
  #pending: number | undefined;
  #closed = false;

  /** @param host an IP address. */
  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  send(datagram: Buffer, failed: DatagramFailed): void {
    if (this.#closed) return;
    if (this.#pending !== undefined) {
      const errno = this.#pending;
      this.#drop();
      failed('send()', errno);
      return;
    }
    const socket = this.#socket ?? this.#connect(failed);
    if (socket === undefined || socket.getSendQueueSize() > MAX_QUEUED) return;
    socket.send(datagram, (error) => {
      if (error === null || this.#socket !== socket) return;
      this.#drop();
      failed('send()', errnoOf(error));
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#pending = undefined;
  }

  /** With a look-up that answers at once, bind and connect are done when `connect` returns: no datagram waits for them. */
  #connect(failed: DatagramFailed): Socket | undefined {
    const family = isIPv6(this.#host) ? 6 : 4;
    const { createSocket } = process.getBuiltinModule('node:dgram'); // no start needs it
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, done) => done(null, host, family),
    });
    socket.unref();
    let refused: number | undefined;
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#pending = errnoOf(error);
      else refused = errnoOf(error);
    });
    // Node.js calls this with an error, which its types do not say.
    const connected = (...errors: Error[]): void => {
      const error = errors.at(0);
      if (error !== undefined && !this.#closed) failed('connect()', errnoOf(error));
    };
    socket.connect(this.#port, this.#host, connected);
    if (isConnected(socket)) {
      this.#socket = socket;
      return socket;
    }
    socket.close();
    if (refused !== undefined) failed('connect()', refused);
    return undefined;
  }
}

function isConnected(socket: Socket): boolean {
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}
