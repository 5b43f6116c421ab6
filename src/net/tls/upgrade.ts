// Starts TLS on an accepted stream, implicit or after STARTTLS: a TLSSocket takes the place of the plain one.
import type { EventEmitter } from 'node:events';
import { TLSSocket } from 'node:tls';
import type { StreamCarrier } from '../connection.ts';
import type { TlsChooser } from './chooser.ts';
import type { ServerTls } from './context.ts';
import { Handshake } from './handshake.ts';
import type { ServerSideArguments } from './node-internals.d.ts';
import type { TlsDone } from './outcome.ts';
import { endOf } from './stream-end.ts';

/** `Connection.startTls` for streams. */
export function upgradeServer(
  conn: StreamCarrier,
  tls: ServerTls | TlsChooser,
  alpn: readonly string[],
  done: TlsDone,
): void {
  new StreamHandshake(conn, tls, alpn, done).start();
}

class StreamHandshake extends Handshake {
  readonly #conn: StreamCarrier;
  /** Between the end of the handshake and the word of it to the caller. */
  #established = false;

  constructor(conn: StreamCarrier, tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone) {
    super(conn, tls, alpn, done);
    this.#conn = conn;
  }

  protected override get isOver(): boolean {
    const { stream } = this.#conn;
    return stream.destroyed || stream.readableEnded;
  }

  protected override wrap(tls: ServerTls, events: EventEmitter | undefined): void {
    this.#conn.beginTls();
    const socket = serverSide([
      this.#conn.stream,
      {
        isServer: true,
        secureContext: tls.context,
        requestCert: tls.requestsCertificate,
        rejectUnauthorized: false,
        ALPNProtocols: this.alpn,
        server: events,
      },
    ]);
    socket.on('_tlsError', (error: Error) => {
      this.fail(error);
      // After the handshake Node.js reports an error and leaves the socket open.
      socket.destroy();
    });
    socket.once('end', () => this.#over());
    socket.once('close', () => this.#over());
    // Node.js tells of the end of the handshake from the midst of it, before the session tickets are written: a reply
    // made there would overtake them, and a close would cut them off.
    socket.once('secure', () => {
      this.#established = true;
      this.beforeTickets(socket.getProtocol(), socket.isSessionReused());
      setImmediate(() => this.#conn.guard(() => this.#secured(socket)));
    });
  }

  #over(): void {
    if (!this.#established) this.closed();
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
}

/** The type of the constructor knows only net.Socket; every Duplex will do. */
function serverSide(options: ServerSideArguments): TLSSocket {
  const socket: TLSSocket = Reflect.construct(TLSSocket, options);
  return socket;
}
