// Connections over Node.js streams, of every kind: net.Socket, tls.TLSSocket, or any other Duplex.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BaseConnection } from './base-connection.ts';
import { type ConnHandler, IGNORE, type StreamCarrier } from './connection.ts';
import type { TlsChooser } from './tls/chooser.ts';
import type { ClientTlsDone, TlsPeer } from './tls/client-outcome.ts';
import type { ServerTls } from './tls/context.ts';
import type { TlsDone } from './tls/outcome.ts';
import { upgradeServer } from './tls/upgrade.ts';
import { upgradeClient } from './tls/upgrade-client.ts';

interface Traffic {
  readonly received: number;
  readonly sent: number;
}

/** Its listeners are attached once and never removed. */
export class StreamConnection extends BaseConnection implements StreamCarrier {
  #io: Duplex;
  #ended = false;
  /** Before the TLS, whose handshake does not count. */
  #clear: Traffic | undefined;
  #isSecured = false;

  constructor(io: Duplex, handler: ConnHandler) {
    super(handler);
    this.#io = io;
    this.#listen(io);
    io.on('close', () => this.released());
  }

  get pendingBytes(): number {
    return this.#io.writableLength;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The stream underneath: for a TLS handshake, which wraps it. */
  get stream(): Duplex {
    return this.#io;
  }

  get bytesReceived(): number {
    return this.#traffic.received;
  }

  get bytesSent(): number {
    return this.#traffic.sent;
  }

  get #traffic(): Traffic {
    if (this.#clear === undefined) return trafficOf(this.#io);
    if (!this.#isSecured) return this.#clear;
    const { received, sent } = trafficOf(this.#io);
    return { received: this.#clear.received + received, sent: this.#clear.sent + sent };
  }

  beginTls(): void {
    this.pause();
    const { received, sent } = trafficOf(this.#io);
    this.#clear = { received: received - this.#io.readableLength, sent };
  }

  write(chunk: Buffer): boolean {
    return this.#io.write(chunk);
  }

  pause(): void {
    this.#io.pause();
  }

  resume(): void {
    this.#io.resume();
  }

  unread(chunk: Buffer): void {
    if (chunk.length > 0) this.#io.unshift(chunk);
  }

  /** The handler is gone with what was read: reading emits what it reads. */
  discardInput(): void {
    this.handler = IGNORE;
    while (this.#io.read() !== null);
  }

  noDelay(): void {
    if (this.#io instanceof Socket) this.#io.setNoDelay(true);
  }

  /** A stream keeps what was written for as long as it likes. */
  lendChunks(): void {}

  startTls(tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone): void {
    upgradeServer(this, tls, alpn, done);
  }

  startClientTls(peer: TlsPeer, done: ClientTlsDone): void {
    upgradeClient(this, peer, done);
  }

  swap(io: Duplex): void {
    this.#io = io;
    this.#isSecured = true;
    this.#listen(io);
    io.pause();
  }

  destroy(): void {
    this.deadline(0);
    this.#io.destroy();
  }

  endOutput(sent: () => void): void {
    this.#io.once('finish', sent);
    this.#io.end();
  }

  /** Events of a stream that was swapped away are ignored. What a handler throws goes to `onFault`. */
  #listen(io: Duplex): void {
    let failed: Error | undefined;
    const when = (run: () => void): void => {
      if (io === this.#io) this.guard(run);
    };
    io.on('data', (chunk: Buffer) => when(() => this.handler.onData(chunk)));
    io.on('drain', () => when(() => this.handler.onDrain()));
    io.on('end', () =>
      when(() => {
        this.#ended = true;
        this.handler.onEof();
      }),
    );
    io.on('error', (error: Error) => {
      failed ??= error;
    });
    // After 'secure' a TLSSocket made by hand reports its errors only here.
    io.on('_tlsError', (error: Error) => {
      failed ??= error;
    });
    io.on('close', () => when(() => this.closed(failed)));
  }
}

const NONE: Traffic = { received: 0, sent: 0 };

/** Streams that are no sockets do not tell. */
const trafficOf = (io: Duplex): Traffic =>
  io instanceof Socket ? { received: io.bytesRead, sent: io.bytesWritten } : NONE;
