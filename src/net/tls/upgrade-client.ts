// Starts TLS on a stream that was dialled, from the first byte or after STARTTLS: a TLSSocket takes its place.
import { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { StreamCarrier } from '../connection.ts';
import { ClientHandshake } from './client-handshake.ts';
import type { ClientTlsDone, TlsPeer } from './client-outcome.ts';
import { endOf } from './stream-end.ts';

/** `Connection.startClientTls` for streams. */
export function upgradeClient(conn: StreamCarrier, peer: TlsPeer, done: ClientTlsDone): void {
  new StreamClientHandshake(conn, peer, done).start();
}

class StreamClientHandshake extends ClientHandshake {
  readonly #conn: StreamCarrier;
  /** Between the end of the handshake and the word of it to the caller. */
  #established = false;

  constructor(conn: StreamCarrier, peer: TlsPeer, done: ClientTlsDone) {
    super(conn, peer, done);
    this.#conn = conn;
  }

  protected override get isOver(): boolean {
    const { stream } = this.#conn;
    return stream.destroyed || stream.readableEnded;
  }

  protected override whenReady(then: () => void): void {
    const { stream } = this.#conn;
    if (stream instanceof Socket && stream.connecting) stream.once('connect', () => this.#conn.guard(then));
    else then();
  }

  protected override begin(): void {
    this.#conn.beginTls();
    const socket = this.#connect();
    const { keeper } = this;
    if (keeper !== undefined) socket.on('session', (session: Buffer) => keeper.take(session));
    socket.on('error', (error: Error) => this.fail(error));
    socket.on('_tlsError', (error: Error) => {
      this.fail(error);
      // After the handshake Node.js reports an error and leaves the socket open.
      socket.destroy();
    });
    socket.once('end', () => this.#over());
    socket.once('close', () => this.#over());
    // Node.js tells of it from the midst of the handshake.
    socket.once('secureConnect', () => {
      this.#established = true;
      setImmediate(() => this.#conn.guard(() => this.#secured(socket)));
    });
  }

  #over(): void {
    if (!this.#established) this.#conn.guard(() => this.closed());
  }

  #secured(socket: TLSSocket): void {
    this.#established = false;
    if (socket.destroyed) this.closed();
    if (this.isSettled) return;
    const ended = socket.readableEnded;
    this.#conn.swap(socket);
    this.secured(endOf(socket));
    if (ended) this.#conn.handler.onEof(); // the event has passed already
  }

  #connect(): TLSSocket {
    const { tls, alpn } = this.peer;
    const { servername } = this;
    const session = this.keeper?.session;
    return connect({
      socket: this.#conn.stream,
      secureContext: tls.context,
      // Whether the server is the right one is judged behind the handshake, and by other rules.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      ...(servername === undefined ? {} : { servername }),
      ...(session === undefined ? {} : { session }),
    });
  }
}
