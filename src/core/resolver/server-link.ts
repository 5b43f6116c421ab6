// The way to one name server: a connected UDP socket, opened at need and kept, and TCP for what was truncated.
import type { Socket as UdpSocket } from 'node:dgram';
import { connect, isIPv6, type Socket } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import type { ConnectionBudget } from '../connection-budget.ts';
import { systemError } from '../errno.ts';
import { Level, type Log, type LogContext } from '../log.ts';
import { FrameReader } from './frame-reader.ts';

export interface NameServer {
  /** An IP. */
  readonly address: string;
  readonly port: number;
  /** `IP:PORT`, as the log shows it. */
  readonly text: ByteString;
}

export interface LinkOptions {
  readonly log: Log;
  readonly onMessage: (message: Buffer, overTcp: boolean) => void;
  /** Its sockets count as connections; undefined: not. */
  readonly connections?: ConnectionBudget;
  readonly tcpIdleMs?: number;
}

/** The rest of a longer datagram is cut off: we ask for no more than 512 bytes (no EDNS). */
const MAX_DATAGRAM = 4096;
/** A TCP connection without traffic is closed. */
const TCP_IDLE_MS = 5000;
/** A server that does not read what we send over TCP loses the connection. */
const MAX_UNSENT = 65_536;
/** Connecting failed for want of a way to the server; other errors are worth more attention. */
const NO_WAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH']);
/** A TCP connect that fails with one of these fails late: nginx sees it as a failed read, and waits. */
const LATE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH']);

interface Datagram {
  readonly message: Buffer;
  readonly failed: () => void;
}

/** Neither its sockets nor its timers keep the process alive. */
export class ServerLink {
  readonly #server: NameServer;
  readonly #options: LinkOptions;
  readonly #context: LogContext;
  #udp: UdpSocket | undefined;
  /** Datagrams that wait for the socket; undefined once it is connected. */
  #waiting: Datagram[] | undefined;
  #tcp: Socket | undefined;
  /** To be called where the TCP connection cannot be begun. */
  #connecting: (() => void)[] = [];

  constructor(server: NameServer, options: LinkOptions) {
    this.#server = server;
    this.#options = options;
    this.#context = { connection: 0, logSuffix: () => ` while resolving, resolver: ${server.text}` };
  }

  /** @param failed called when the system refuses; not when no answer comes */
  sendUdp(message: Buffer, failed: () => void): void {
    const socket = this.#udp ?? this.#openUdp();
    if (socket === undefined) failed();
    else if (this.#waiting === undefined) this.#transmit(socket, { message, failed });
    else this.#waiting.push({ message, failed });
  }

  /** @param failed called when the connection cannot even be begun */
  sendTcp(message: Buffer, failed: () => void): void {
    const framed = Buffer.allocUnsafe(2 + message.length);
    framed.writeUInt16BE(message.length);
    message.copy(framed, 2);
    if ((this.#tcp?.writableLength ?? 0) > MAX_UNSENT) this.#closeTcp();
    const socket = this.#tcp ?? this.#openTcp();
    if (socket === undefined) {
      failed();
      return;
    }
    if (socket.connecting) this.#connecting.push(failed);
    socket.write(framed);
  }

  /** Closes the sockets. Nothing more is delivered, and the next message opens new ones. */
  close(): void {
    this.#closeUdp();
    this.#closeTcp();
  }

  #openUdp(): UdpSocket | undefined {
    if (!this.#mayOpen()) return undefined;
    const { createSocket } = process.getBuiltinModule('node:dgram'); // no start needs it
    const socket = createSocket(isIPv6(this.#server.address) ? 'udp6' : 'udp4');
    this.#udp = socket;
    this.#waiting = [];
    socket.unref();
    socket.on('close', this.#released);
    // Connected, so that the system drops what other hosts send, and reports a port that nobody listens on.
    socket.on('message', (message) => {
      if (socket === this.#udp) this.#options.onMessage(message.subarray(0, MAX_DATAGRAM), false);
    });
    socket.on('error', (error) => {
      if (socket === this.#udp) this.#udpFailed(error);
    });
    socket.on('connect', () => {
      if (socket !== this.#udp) return;
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const datagram of waiting) this.#transmit(socket, datagram);
    });
    socket.connect(this.#server.port, this.#server.address);
    return socket;
  }

  #transmit(socket: UdpSocket, { message, failed }: Datagram): void {
    if (socket !== this.#udp) {
      failed(); // an earlier datagram of the same batch did, which closed the socket
      return;
    }
    socket.send(message, (error) => {
      if (!error) return;
      if (socket === this.#udp) this.#udpFailed(error);
      failed();
    });
  }

  #udpFailed(error: Error): void {
    const waiting = this.#waiting ?? [];
    this.#closeUdp();
    this.#report(error, false);
    for (const { failed } of waiting) failed();
  }

  #closeUdp(): void {
    const socket = this.#udp;
    this.#udp = undefined;
    this.#waiting = undefined;
    socket?.close();
  }

  #openTcp(): Socket | undefined {
    if (!this.#mayOpen()) return undefined;
    const socket = connect({
      host: this.#server.address,
      port: this.#server.port,
      noDelay: true,
    });
    const frames = new FrameReader((message) => {
      if (socket === this.#tcp) this.#options.onMessage(message, true);
    });
    this.#tcp = socket;
    socket.unref();
    socket.setTimeout(this.#options.tcpIdleMs ?? TCP_IDLE_MS, () => socket.destroy());
    socket.on('data', (chunk) => frames.push(chunk));
    socket.on('connect', () => {
      if (socket === this.#tcp) this.#connecting = [];
    });
    socket.on('error', (error) => {
      if (socket === this.#tcp) this.#tcpFailed(error);
    });
    const forget = (): void => {
      if (socket === this.#tcp) this.#closeTcp();
    };
    socket.on('end', forget);
    socket.on('close', () => {
      this.#released();
      forget();
    });
    return socket;
  }

  #tcpFailed(error: Error): void {
    const connecting = this.#connecting;
    this.#closeTcp();
    if (this.#report(error, true)) for (const failed of connecting) failed();
  }

  #closeTcp(): void {
    const socket = this.#tcp;
    this.#tcp = undefined;
    this.#connecting = [];
    socket?.destroy();
  }

  /** Why not is in the log. */
  #mayOpen(): boolean {
    const { connections, log } = this.#options;
    return connections?.open(log, this.#context) ?? true;
  }

  readonly #released = (): void => this.#options.connections?.release();

  /** @returns whether the connection could not even be begun */
  #report(error: Error, overTcp: boolean): boolean {
    const system = systemError(error);
    if (system === undefined) return false;
    const early = system.syscall === 'connect' && !(overTcp && LATE.has(system.code));
    const sending = system.syscall === 'send' || system.syscall === 'write';
    const call = early ? 'connect()' : sending ? 'send()' : 'recv()';
    const why = `${call} failed (${system.errno}: ${system.text})`;
    const level = early && !NO_WAY.has(system.code) ? Level.crit : Level.error;
    this.#options.log.write(level, why, this.#context);
    return early;
  }
}
