// Starts TLS on an accepted connection, implicit or after STARTTLS: a TLSSocket takes the place of the plain one.
import type { EventEmitter } from 'node:events';
import { TLSSocket } from 'node:tls';
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';
import { IGNORE, type StreamConnection } from '../connection.ts';
import { scanClientHello } from './client-hello.ts';
import type { ServerTls } from './context.ts';
import { establishedTls, type TlsInfo } from './established.ts';
import type { ServerSideArguments } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';

/** Except for `secure` the connection is closed already. */
export type TlsOutcome =
  | { readonly kind: 'secure'; readonly info: TlsInfo }
  /** To be logged at info: what a peer does in a handshake is never our trouble. */
  | { readonly kind: 'failed'; readonly log: ByteString }
  /** The deadline that the caller had armed passed. */
  | { readonly kind: 'timeout' };

/**
 * Makes the handshake. Bytes that the plain socket holds (behind a PROXY header) belong to it; after STARTTLS the
 * caller has thrown them away. The connection's deadline is left as it is.
 * @param alpn the only protocol name that is accepted where the client sends ALPN.
 * @param done called once, never from inside this call. For `secure` the connection is paused and carries clear text
 * by then, and its handler has to be set before `done` returns.
 */
export function upgradeServer(
  conn: StreamConnection,
  tls: ServerTls,
  alpn: string,
  done: (outcome: TlsOutcome) => void,
): void {
  new Handshake(conn, tls, alpn, done).start();
}

class Handshake {
  readonly #conn: StreamConnection;
  readonly #tls: ServerTls;
  readonly #alpn: string;
  readonly #done: (outcome: TlsOutcome) => void;
  #failure: Error | undefined;
  #settled = false;
  #peeked = false;
  /** Between the end of the handshake and the word of it to the caller. */
  #established = false;

  constructor(conn: StreamConnection, tls: ServerTls, alpn: string, done: (outcome: TlsOutcome) => void) {
    this.#conn = conn;
    this.#tls = tls;
    this.#alpn = alpn;
    this.#done = done;
  }

  start(): void {
    const { stream } = this.#conn;
    this.#conn.handler = {
      ...IGNORE,
      onTimeout: () => this.#settle({ kind: 'timeout' }),
    };
    if (stream.destroyed || stream.readableEnded) {
      process.nextTick(() => this.#closed());
      return;
    }
    if (this.#tls.hub?.needsClientHello === true) this.#peek();
    else this.#wrap(this.#tls.hub?.events());
  }

  /** Reads up to the end of the ClientHello, and puts everything back. */
  #peek(): void {
    const { stream } = this.#conn;
    let seen: Buffer = Buffer.alloc(0);
    this.#conn.handler = {
      onData: (chunk) => {
        if (this.#peeked) return;
        seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
        const scan = scanClientHello(seen);
        if (scan.kind === 'more') return;
        this.#peeked = true;
        this.#conn.pause();
        stream.unshift(seen);
        this.#wrap(this.#tls.hub?.events(scan.hello));
      },
      onDrain: IGNORE.onDrain,
      onEof: () => this.#closed(),
      onTimeout: () => this.#settle({ kind: 'timeout' }),
      onClose: (error) => {
        this.#failure ??= error;
        if (!this.#peeked) this.#closed();
      },
    };
    this.#conn.resume();
  }

  #wrap(events: EventEmitter | undefined): void {
    // From here on the TLS reads; what the plain socket has buffered it takes along.
    this.#conn.pause();
    const socket = serverSide([
      this.#conn.stream,
      {
        isServer: true,
        secureContext: this.#tls.context,
        requestCert: this.#tls.requestsCertificate,
        rejectUnauthorized: false,
        ALPNProtocols: [this.#alpn],
        server: events,
      },
    ]);
    socket.on('_tlsError', (error: Error) => {
      this.#failure ??= error;
      // After the handshake Node.js reports an error and leaves the socket open.
      socket.destroy();
    });
    socket.once('end', () => this.#closed());
    socket.once('close', () => this.#closed());
    // Node.js tells of the end of the handshake from the midst of it, before the session tickets are written: a reply
    // made there would overtake them, and a close would cut them off.
    socket.once('secure', () => {
      this.#established = true;
      setImmediate(() => this.#conn.guard(() => this.#secured(socket)));
    });
  }

  #secured(socket: TLSSocket): void {
    this.#established = false;
    if (socket.destroyed) this.#closed();
    if (this.#settled) return;
    this.#settled = true;
    const ended = socket.readableEnded;
    this.#conn.swap(socket);
    this.#done({ kind: 'secure', info: establishedTls(socket, this.#tls) });
    if (ended) this.#conn.handler.onEof(); // the event has passed already
  }

  #closed(): void {
    if (!this.#established) this.#settle({ kind: 'failed', log: failureText(this.#failure) });
  }

  #settle(outcome: TlsOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#conn.destroy();
    this.#done(outcome);
  }
}

/** The type of the constructor knows only net.Socket; every Duplex will do. */
function serverSide(options: ServerSideArguments): TLSSocket {
  const socket: TLSSocket = Reflect.construct(TLSSocket, options);
  return socket;
}

const CLOSED = 'peer closed connection in SSL handshake';

function failureText(error: Error | undefined): ByteString {
  if (error === undefined) return CLOSED;
  const queue = opensslText(error);
  if (queue !== undefined) return `SSL_do_handshake() failed (SSL: ${queue})`;
  const system = systemError(error);
  return system === undefined ? CLOSED : `${CLOSED} (${system.errno}: ${system.text})`;
}
