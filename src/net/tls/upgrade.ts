// Starts TLS on an accepted connection, implicit or after STARTTLS: a TLSSocket takes the place of the plain one.
import { TLSSocket } from 'node:tls';
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';
import { IGNORE, type StreamConnection } from '../connection.ts';
import { clientFailure } from '../failure.ts';
import { type ClientHello, scanClientHello } from './client-hello.ts';
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

/** For a caller that wants to know what comes before it decides. */
export interface TlsChooser {
  /** @returns the TLS that the client gets, or why it gets none, for the log */
  choose(hello: ClientHello): ServerTls | ByteString;
  /** What came is no TLS. The connection is paused, and gives it again. */
  plain(): void;
}

/**
 * Makes the handshake. Bytes that the plain socket holds (behind a PROXY header) belong to it; after STARTTLS the
 * caller has thrown them away. The connection's deadline is left as it is.
 * @param alpn the only protocol names that are accepted where the client sends ALPN.
 * @param done called once, never from inside this call. For `secure` the connection is paused and carries clear text
 * by then, and its handler has to be set before `done` returns.
 */
export function upgradeServer(
  conn: StreamConnection,
  tls: ServerTls | TlsChooser,
  alpn: readonly string[],
  done: (outcome: TlsOutcome) => void,
): void {
  new Handshake(conn, tls, alpn, done).start();
}

/** The alert `unrecognized_name`, as OpenSSL sends it. */
const REJECTION = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

class Handshake {
  readonly #conn: StreamConnection;
  readonly #tls: ServerTls | TlsChooser;
  readonly #alpn: readonly string[];
  readonly #done: (outcome: TlsOutcome) => void;
  #failure: Error | undefined;
  #settled = false;
  #peeked = false;
  /** Between the end of the handshake and the word of it to the caller. */
  #established = false;

  constructor(
    conn: StreamConnection,
    tls: ServerTls | TlsChooser,
    alpn: readonly string[],
    done: (outcome: TlsOutcome) => void,
  ) {
    this.#conn = conn;
    this.#tls = tls;
    this.#alpn = alpn;
    this.#done = done;
  }

  start(): void {
    const { stream } = this.#conn;
    const tls = this.#tls;
    this.#conn.handler = {
      ...IGNORE,
      onTimeout: () => this.#settle({ kind: 'timeout' }),
    };
    if (stream.destroyed || stream.readableEnded) {
      process.nextTick(() => this.#closed());
      return;
    }
    if ('choose' in tls || tls.hub?.needsClientHello === true) this.#peek();
    else this.#wrap(tls, undefined);
  }

  /** Reads up to the end of the ClientHello, and puts everything back. */
  #peek(): void {
    const pieces: Buffer[] = [];
    let length = 0;
    let wanted = 1;
    this.#conn.handler = {
      onData: (chunk) => {
        if (this.#peeked) return;
        pieces.push(chunk);
        length += chunk.length;
        if (length < wanted) return;
        const seen = Buffer.concat(pieces.splice(0), length);
        pieces.push(seen);
        const isPlain = 'plain' in this.#tls && !beginsTls(seen);
        const scan = isPlain ? undefined : scanClientHello(seen);
        if (scan?.kind === 'more') {
          wanted = scan.bytes;
          return;
        }
        this.#peeked = true;
        this.#conn.pause();
        if (scan === undefined) this.#plain(seen);
        else this.#heard(scan.hello, seen);
      },
      onDrain: IGNORE.onDrain,
      onEof: () => this.#left(length),
      onTimeout: () => this.#settle({ kind: 'timeout' }),
      onClose: (error) => {
        this.#failure ??= error;
        if (!this.#peeked) this.#left(length);
      },
    };
    this.#conn.resume();
  }

  #plain(seen: Buffer): void {
    this.#settled = true;
    this.#conn.handler = IGNORE;
    this.#conn.unread(seen);
    if ('plain' in this.#tls) this.#tls.plain();
  }

  #heard(hello: ClientHello, seen: Buffer): void {
    const tls = 'choose' in this.#tls ? this.#tls.choose(hello) : this.#tls;
    if (typeof tls === 'string') {
      this.#settled = true;
      this.#conn.write(REJECTION);
      this.#conn.finish();
      this.#done({ kind: 'failed', log: tls });
      return;
    }
    this.#conn.unread(seen);
    this.#wrap(tls, hello);
  }

  /** The client has gone before its hello was there. @param bytes what it has sent */
  #left(bytes: number): void {
    if (bytes > 0 || !('choose' in this.#tls)) {
      this.#closed();
      return;
    }
    const failure = this.#failure === undefined ? undefined : clientFailure(this.#failure)?.text;
    this.#settle({ kind: 'failed', log: failure ?? 'client closed connection' });
  }

  #wrap(tls: ServerTls, hello: ClientHello | undefined): void {
    // From here on the TLS reads; what the plain socket has buffered it takes along.
    this.#conn.pause();
    const socket = serverSide([
      this.#conn.stream,
      {
        isServer: true,
        secureContext: tls.context,
        requestCert: tls.requestsCertificate,
        rejectUnauthorized: false,
        ALPNProtocols: this.#alpn,
        server: tls.hub?.events(hello),
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
      setImmediate(() => this.#conn.guard(() => this.#secured(socket, tls, hello)));
    });
  }

  #secured(socket: TLSSocket, tls: ServerTls, hello: ClientHello | undefined): void {
    this.#established = false;
    if (socket.destroyed) this.#closed();
    if (this.#settled) return;
    this.#settled = true;
    const ended = socket.readableEnded;
    this.#conn.swap(socket);
    this.#done({ kind: 'secure', info: establishedTls(socket, tls, hello) });
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

/** A handshake record, or a hello of SSL 2: nginx looks at no more to tell TLS from HTTP. */
const beginsTls = ([first = 0]: Buffer): boolean => first === 22 || first >= 0x80;

const CLOSED = 'peer closed connection in SSL handshake';

function failureText(error: Error | undefined): ByteString {
  if (error === undefined) return CLOSED;
  const queue = opensslText(error);
  if (queue !== undefined) return `SSL_do_handshake() failed (SSL: ${queue})`;
  const system = systemError(error);
  return system === undefined ? CLOSED : `${CLOSED} (${system.errno}: ${system.text})`;
}
