// TLS on an accepted handle: a TLSWrap takes the place of the plain one, and tells of the handshake.
import type { EventEmitter } from 'node:events';
import { type Connection, IGNORE } from '../connection.ts';
import type { TlsChooser } from '../tls/chooser.ts';
import type { ServerTls } from '../tls/context.ts';
import { Handshake } from '../tls/handshake.ts';
import type { TlsDone } from '../tls/outcome.ts';
import type { Native } from './native.ts';
import type { ClientHelloFacts, HandshakeOwner, SocketHandle, TlsWrap } from './node-handles.d.ts';
import { WrapEnd } from './wrap-end.ts';

/** What a handshake needs of the connection besides. */
export interface TlsCarrier extends Connection {
  readonly native: Native;
  readonly isClosing: boolean;
  /** Something was read already, or was put back. */
  readonly hasInput: boolean;
  /** Calls when the connection stands, and nothing that was written is on its way. */
  whenIdle(then: () => void): void;
  /** What comes is the TLS's from here on, and what has come already. @param begin called before that */
  wrap(make: (socket: SocketHandle) => TlsWrap, begin?: (tls: TlsWrap) => void): void;
  /** Closes; the error is that of `onClose`. */
  fail(error: Error): void;
}

/** Handshakes on an established connection, as TLS 1.3 has them for new keys, and the time in which they count. */
const MAX_AGAIN = 3;
const AGAIN_MS = 600_000;

export class HandleHandshake extends Handshake implements HandshakeOwner {
  readonly #conn: TlsCarrier;
  #events: EventEmitter | undefined;
  #isDone = false;
  /** The handshake is done, and waits for the store. */
  #waits = false;
  /** A store has the session, and has not said yet that others can find it. */
  #keeping = false;

  constructor(conn: TlsCarrier, tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone) {
    super(conn, tls, alpn, done);
    this.#conn = conn;
  }

  protected override get isOver(): boolean {
    return this.#conn.isClosing || this.#conn.ended;
  }

  protected override wrap(tls: ServerTls, events: EventEmitter | undefined): void {
    this.#events = events;
    this.#conn.handler = {
      ...this.#conn.handler,
      onEof: () => this.closed(),
      onClose: (error) => {
        this.fail(error);
        this.closed();
      },
    };
    // A reply in clear may still be on its way, or has failed, and the word of that is.
    this.#conn.whenIdle(() => {
      this.#conn.handler = {
        ...this.#conn.handler,
        onData: (chunk) => {
          this.#conn.pause();
          this.#conn.unread(chunk);
          this.#begin(tls);
        },
      };
      if (this.#conn.hasInput) this.#begin(tls);
      else this.#conn.resume();
    });
  }

  /**
   * Not before there is something to read: TLS gets the first bytes from here, since then it makes its buffers as small
   * as those are, and a client that says nothing costs no TLS.
   */
  #begin(tls: ServerTls): void {
    this.#conn.handler = { ...this.#conn.handler, onData: IGNORE.onData };
    this.#conn.wrap((socket) => this.#make(socket, tls));
  }

  #make(socket: SocketHandle, { context, requestsCertificate }: ServerTls): TlsWrap {
    const { native } = this.#conn;
    const wrap = native.bindings.tls.wrap(socket, context.context, true, false);
    wrap.handshake = this;
    wrap.onhandshakestart = onStart;
    wrap.onhandshakedone = onDone;
    wrap.onclienthello = onClientHello;
    wrap.onnewsession = onNewSession;
    wrap.onerror = onError;
    if (requestsCertificate) wrap.setVerifyMode(true, false);
    if (this.#events !== undefined) wrap.enableSessionCallbacks();
    wrap.setALPNProtocols(native.protocols.onTheWire(this.alpn));
    return wrap;
  }

  /** Node.js tells of it from the midst of the handshake, before the session tickets are written. */
  handshakeDone(wrap: TlsWrap): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.beforeTickets(wrap.getProtocol(), wrap.isSessionReused());
    this.#conn.pause();
    if (this.#keeping) this.#waits = true;
    else this.#soon(wrap);
  }

  #soon(wrap: TlsWrap): void {
    setImmediate(() => this.#conn.guard(() => this.#secured(wrap)));
  }

  #secured(wrap: TlsWrap): void {
    if (this.#conn.isClosing) return; // the word of that follows
    wrap.handshake = undefined; // a session may last for hours: nothing of the handshake hangs on it
    this.secured(new WrapEnd(wrap));
  }

  clientHello(wrap: TlsWrap, hello: ClientHelloFacts): void {
    const goOn = (session: Buffer | null): void => {
      if (this.#conn.isClosing) return;
      if (session !== null) wrap.loadSession(session);
      if (wrap.clientHelloDone === undefined) wrap.endParser?.();
      else wrap.clientHelloDone();
    };
    const found = (_error: Error | null, session: Buffer | null): void => goOn(session);
    const asks = hello.sessionId.length > 0 && !hello.tlsTicket;
    if (!asks || this.#events?.emit('resumeSession', hello.sessionId, found) !== true) goOn(null);
  }

  newSession(wrap: TlsWrap, id: Buffer, session: Buffer): void {
    this.#keeping = true;
    const kept = (): void => {
      if (!this.#keeping || this.#conn.isClosing) return;
      this.#keeping = false;
      wrap.newSessionDone();
      if (this.#waits) this.#soon(wrap);
      this.#waits = false;
    };
    if (this.#events?.emit('newSession', id, session, kept) !== true) kept();
  }
}

// One function each for all of them: a session brings no closures along.

function onDone(this: TlsWrap): void {
  this.handshake?.handshakeDone(this);
}

function onClientHello(this: TlsWrap, hello: ClientHelloFacts): void {
  this.handshake?.clientHello(this, hello);
}

function onNewSession(this: TlsWrap, id: Buffer, session: Buffer): void {
  if (this.handshake === undefined) this.newSessionDone();
  else this.handshake.newSession(this, id, session);
}

function onError(this: TlsWrap, error: Error): void {
  this.owner?.fail(error);
}

/** TLS up to 1.2 is not negotiated again; a flood of new keys in TLS 1.3 ends the connection. */
function onStart(this: TlsWrap, now: number): void {
  if (this.handshake !== undefined) return;
  const { sinceMs = now, count = 0 } = this.again ?? {};
  this.again = now - sinceMs < AGAIN_MS ? { sinceMs, count: count + 1 } : { sinceMs: now, count: 1 };
  if (this.again.count > MAX_AGAIN) this.owner?.fail(new Error('too many handshakes'));
}
