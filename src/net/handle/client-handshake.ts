// TLS on a handle that was dialled: a TLSWrap takes the place of the plain one, and says hello.
import { IGNORE } from '../connection.ts';
import { ClientHandshake } from '../tls/client-handshake.ts';
import type { ClientTlsDone, TlsPeer } from '../tls/client-outcome.ts';
import type { TlsCarrier } from './handshake.ts';
import type { ClientHandshakeOwner, SocketHandle, TlsWrap } from './node-handles.d.ts';
import { WrapEnd } from './wrap-end.ts';

export class HandleClientHandshake extends ClientHandshake implements ClientHandshakeOwner {
  readonly #conn: TlsCarrier;
  #isDone = false;

  constructor(conn: TlsCarrier, peer: TlsPeer, done: ClientTlsDone) {
    super(conn, peer, done);
    this.#conn = conn;
  }

  protected override get isOver(): boolean {
    return this.#conn.isClosing || this.#conn.ended;
  }

  protected override whenReady(then: () => void): void {
    this.#conn.whenIdle(then);
  }

  protected override begin(): void {
    this.#conn.handler = { ...this.#conn.handler, onData: IGNORE.onData, onDrain: IGNORE.onDrain };
    this.#conn.wrap(
      (socket) => this.#make(socket),
      (wrap) => wrap.start(),
    );
  }

  #make(socket: SocketHandle): TlsWrap {
    const { native } = this.#conn;
    const { tls, alpn } = this.peer;
    const { servername, keeper } = this;
    const wrap = native.bindings.tls.wrap(socket, tls.context.context, false, false);
    wrap.client = this;
    wrap.onhandshakestart = nothing;
    wrap.onhandshakedone = onDone;
    wrap.onnewsession = onNewSession;
    wrap.onerror = onError;
    wrap.setVerifyMode(true, false);
    wrap.keeper = keeper;
    if (keeper !== undefined) wrap.enableSessionCallbacks();
    const session = keeper?.session;
    if (session !== undefined) wrap.setSession(session);
    if (servername !== undefined) wrap.setServername(servername);
    if (alpn.length > 0) wrap.setALPNProtocols(native.protocols.onTheWire(alpn));
    return wrap;
  }

  /** Node.js tells of it from the midst of the handshake. */
  handshakeDone(wrap: TlsWrap): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#conn.pause();
    setImmediate(() => this.#conn.guard(() => this.#secured(wrap)));
  }

  #secured(wrap: TlsWrap): void {
    if (this.#conn.isClosing) return; // the word of that follows
    wrap.client = undefined; // the connection may last for hours: nothing of the handshake hangs on it
    this.secured(new WrapEnd(wrap));
  }
}

// One function each for all of them: a session brings no closures along.

const nothing = (): void => {};

function onDone(this: TlsWrap): void {
  this.client?.handshakeDone(this);
}

function onNewSession(this: TlsWrap, _id: Buffer, session: Buffer): void {
  this.keeper?.take(session);
}

function onError(this: TlsWrap, error: Error): void {
  this.owner?.fail(error);
}
