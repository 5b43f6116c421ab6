// The server's side of a TLS handshake, without what carries it: the ClientHello, the end, the word to the caller.
import type { EventEmitter } from 'node:events';
import { type Connection, IGNORE } from '../connection.ts';
import { clientFailure } from '../failure.ts';
import type { TlsChooser } from './chooser.ts';
import { type ClientHello, scanClientHello } from './client-hello.ts';
import type { ServerTls } from './context.ts';
import { establishedTls, type TlsEnd } from './established.ts';
import { handshakeFailure, type TlsDone, type TlsOutcome } from './outcome.ts';

/** The alert `unrecognized_name`, as OpenSSL sends it. */
const REJECTION = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

/** A handshake record, or a hello of SSL 2: nginx looks at no more to tell TLS from HTTP. */
const beginsTls = ([first = 0]: Buffer): boolean => first === 22 || first >= 0x80;

export abstract class Handshake {
  protected readonly alpn: readonly string[];
  readonly #conn: Connection;
  readonly #tls: ServerTls | TlsChooser;
  readonly #done: TlsDone;
  /** That is used, and what it was chosen by. */
  #chosen: { readonly tls: ServerTls; readonly hello: ClientHello | undefined } | undefined;
  #failure: Error | undefined;
  #settled = false;
  #peeked = false;

  constructor(conn: Connection, tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone) {
    this.#conn = conn;
    this.#tls = tls;
    this.alpn = alpn;
    this.#done = done;
  }

  /** Nothing will come from the peer any more. */
  protected abstract get isOver(): boolean;
  /** Puts TLS over the connection, and what was put back into it. @param events what a TLSSocket takes for its server */
  protected abstract wrap(tls: ServerTls, events: EventEmitter | undefined): void;

  start(): void {
    const tls = this.#tls;
    this.#conn.handler = { ...IGNORE, onTimeout: () => this.#settle({ kind: 'timeout' }) };
    if (this.isOver) {
      process.nextTick(() => this.closed());
      return;
    }
    if ('choose' in tls || tls.hub?.needsClientHello === true) this.#peek();
    else this.#wrap(tls, undefined);
  }

  get #takesPlain(): boolean {
    return 'choose' in this.#tls && this.#tls.plain !== undefined;
  }

  protected get isSettled(): boolean {
    return this.#settled;
  }

  /** The first failure counts. */
  protected fail(error: Error | undefined): void {
    this.#failure ??= error;
  }

  /** The peer is gone, or has to go. */
  protected closed(): void {
    this.#settle({ kind: 'failed', log: handshakeFailure(this.#failure) });
  }

  /** Node.js tells of the end of a handshake of TLS 1.3 right before the tickets are written. */
  protected beforeTickets(protocol: string | null, resumed: boolean): void {
    if (protocol === 'TLSv1.3') this.#chosen?.tls.tickets.expect13(resumed);
  }

  protected secured(end: TlsEnd): void {
    if (this.#settled || this.#chosen === undefined) return;
    this.#settled = true;
    const { tls, hello } = this.#chosen;
    this.#done({ kind: 'secure', info: establishedTls(end, tls, hello) });
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
        const isPlain = this.#takesPlain && !beginsTls(seen);
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
        this.fail(error);
        if (!this.#peeked) this.#left(length);
      },
    };
    this.#conn.resume();
  }

  #plain(seen: Buffer): void {
    this.#settled = true;
    this.#conn.handler = IGNORE;
    this.#conn.unread(seen);
    if ('choose' in this.#tls) this.#tls.plain?.();
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
    if (bytes > 0 || !this.#takesPlain) {
      this.closed();
      return;
    }
    const failure = this.#failure === undefined ? undefined : clientFailure(this.#failure)?.text;
    this.#settle({ kind: 'failed', log: failure ?? 'client closed connection' });
  }

  #wrap(tls: ServerTls, hello: ClientHello | undefined): void {
    this.#chosen = { tls, hello };
    this.wrap(tls, tls.hub?.events(hello));
  }

  #settle(outcome: TlsOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#conn.destroy();
    this.#done(outcome);
  }
}
