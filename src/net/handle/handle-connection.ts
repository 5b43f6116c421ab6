// Connections over the handles underneath Node.js streams: TCP, unix, and TLS over one of them.
import { type Connection, type ConnHandler, IGNORE } from '../connection.ts';
import type { TlsChooser } from '../tls/chooser.ts';
import type { ClientTlsDone, TlsPeer } from '../tls/client-outcome.ts';
import type { ServerTls } from '../tls/context.ts';
import type { TlsDone } from '../tls/outcome.ts';
import { HandleClientHandshake } from './client-handshake.ts';
import { systemFailure } from './failure.ts';
import { HandleInput } from './handle-input.ts';
import { HandleHandshake, type TlsCarrier } from './handshake.ts';
import { isTcp, type Native, onHandleClosed } from './native.ts';
import type { SocketHandle, TlsWrap } from './node-handles.d.ts';
import { Output, type Sender, startWrite } from './output.ts';

/** A handle must always have an `onread`. */
const noRead = (): undefined => undefined;

export class HandleConnection extends HandleInput implements Connection, Sender, TlsCarrier {
  readonly #socket: SocketHandle;
  /** While something is on its way out. */
  #output: Output | undefined;
  #closing = false;
  #failure: Error | undefined;

  /** @param isConnecting the caller connects the socket; `connected` is called when that is done */
  constructor(native: Native, socket: SocketHandle, handler: ConnHandler, isConnecting: boolean) {
    super(native, socket, handler, !isConnecting);
    this.#socket = socket;
    if (isConnecting) this.#output = new Output(this, true);
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  noDelay(): void {
    if (isTcp(this.#socket)) this.#socket.setNoDelay(true);
  }

  get isTls(): boolean {
    return this.stream !== this.#socket;
  }

  protected override get isOpen(): boolean {
    return this.#output?.isOpening !== true;
  }

  write(chunk: Buffer): boolean {
    if (this.#closing) return false;
    if (this.#output !== undefined) return this.#output.write(chunk);
    this.bytesSent += chunk.length;
    const begun = startWrite(this, chunk);
    if (begun === 0) return true;
    this.#output = new Output(this, false);
    return this.#output.take(begun, chunk);
  }

  written(status: number): void {
    if (this.#closing) return;
    if (status < 0) this.fail(systemFailure(status, 'write'));
    else if (this.#output !== undefined) this.#progressed(this.#output, this.#output.written());
  }

  connected(status: number): void {
    if (this.#closing || this.#output === undefined) return;
    if (status < 0) {
      this.fail(systemFailure(status, 'connect'));
      return;
    }
    const output = this.#output;
    if (this.handler.onConnect !== undefined) this.guard(this.handler.onConnect);
    const goesOn = output.opened();
    this.readStart();
    this.#progressed(output, goesOn);
  }

  shut(status: number): void {
    if (this.#closing) return;
    if (status < 0) {
      this.fail(systemFailure(status, 'shutdown'));
      return;
    }
    this.#output?.shut();
    if (this.ended) this.destroy();
  }

  endOutput(sent: () => void): void {
    if (this.#closing) return;
    this.stopLending();
    this.#output ??= new Output(this, false);
    this.#output.end(sent);
  }

  /**
   * Everything is sent, and the peer has ended. One that has answered may have more of ours to read: closed at once, its
   * next answer would be met with a reset, and what it had not read would be lost. TLS that the peer has ended is not
   * ended again, as with nginx.
   */
  protected override get mayClose(): boolean {
    return this.#output === undefined && !this.#closing && this.ended;
  }

  #progressed(output: Output, goesOn: boolean): void {
    if (output.isDone && this.#output === output) this.#output = undefined;
    if (goesOn) this.guard(() => this.handler.onDrain());
  }

  protected override inputEnded(): void {
    if (this.#output?.isShut === true) this.destroy();
  }

  startTls(tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone): void {
    new HandleHandshake(this, tls, alpn, done).start();
  }

  startClientTls(peer: TlsPeer, done: ClientTlsDone): void {
    new HandleClientHandshake(this, peer, done).start();
  }

  whenIdle(then: () => void): void {
    if (this.#output === undefined || (this.#output.isIdle && !this.#output.isOpening)) {
      then();
      return;
    }
    this.#output.awaitIdle();
    this.handler = { ...this.handler, onDrain: then };
  }

  wrap(make: (socket: SocketHandle) => TlsWrap, begin?: (tls: TlsWrap) => void): void {
    if (this.#closing) return;
    this.readStop();
    const tls = make(this.#socket);
    this.#socket.tls = tls;
    this.#output = undefined;
    const early = this.readFrom(tls);
    this.readStart();
    begin?.(tls);
    if (early !== undefined && !this.isClosing) tls.receive(early);
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.flush(); // TLS that breaks says so behind what it has decrypted
    this.destroy();
  }

  destroy(): void {
    this.deadline(0);
    if (this.#closing) return;
    this.#closing = true;
    this.forgetInput();
    const { tls } = this.#socket;
    if (tls !== undefined) tls.onread = noRead;
    this.#socket.onread = noRead;
    this.#socket.close(onHandleClosed);
  }

  /** A handle that is closed without a function to call costs no call then. */
  override abandon(): void {
    if (this.#closing || this.isTls) {
      super.abandon();
      return;
    }
    this.handler = IGNORE;
    this.#closing = true;
    this.forgetInput();
    this.#socket.close();
    this.#forgetHandle();
    this.closedSilently();
  }

  handleClosed(): void {
    const { tls } = this.#socket;
    tls?.destroySSL();
    if (tls !== undefined) {
      tls.owner = undefined;
      tls.handshake = undefined;
      tls.client = undefined;
    }
    this.#socket.tls = undefined;
    this.#forgetHandle();
    this.closed(this.#failure);
  }

  #forgetHandle(): void {
    this.#socket.owner = undefined;
    this.#output = undefined;
    this.inputClosed();
    this.released();
  }
}
