// Two ends of a connection within this process: what one of them writes the other one reads, in a later turn of the loop.
import { BaseConnection } from '../base-connection.ts';
import { type ConnHandler, IGNORE, type RequestConnection } from '../connection.ts';
import { systemFailure } from '../handle/failure.ts';
import type { ClientTlsDone } from '../tls/client-outcome.ts';
import type { TlsDone } from '../tls/outcome.ts';
import { ChunkQueue } from './chunk-queue.ts';

/** So much waits for the reader before the writer has to wait: about what the kernel would hold. */
const MAX_UNREAD = 262_144;
const ECONNRESET = -104;
const EPIPE = -32;

/**
 * Nothing is delivered from within a call of either end. An end that was closed is to the other one what it is over
 * TCP: the end of the input, or a reset where something had not been read.
 */
export class MemoryConnection extends BaseConnection implements RequestConnection {
  hasReceived = false;
  bytesReceived = 0;
  bytesSent = 0;
  /** undefined: closed, on either side. */
  #peer: MemoryConnection | undefined;
  readonly #unread = new ChunkQueue();
  #paused: boolean;
  #peerEnded = false;
  #peerReset = false;
  #ended = false;
  /** Writes that nobody reads any more. */
  #lostWrites = 0;
  #blocked = false;
  #outputEnded = false;
  /** Who waits for the end of the output to be on its way. */
  #sent: (() => void) | undefined;
  #destroyed = false;
  #failure: Error | undefined;
  #scheduled = false;
  /** There is more to do than the turn at hand has seen. */
  #again = false;

  readonly #maxUnread: number;

  private constructor(handler: ConnHandler, paused: boolean, maxUnread: number) {
    super(handler);
    this.#maxUnread = maxUnread;
    this.#paused = paused;
  }

  /**
   * @param handler of the end that dials; the one that is accepted is paused, and has none
   * @param maxUnread bytes that wait for a reader before the writer has to wait
   */
  static pair(handler: ConnHandler, maxUnread = MAX_UNREAD): [near: MemoryConnection, far: MemoryConnection] {
    const near = new MemoryConnection(handler, false, maxUnread);
    const far = new MemoryConnection(IGNORE, true, maxUnread);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  get ended(): boolean {
    return this.#ended;
  }

  get hasUnread(): boolean {
    return !this.#unread.isEmpty;
  }

  /** The chunk is copied: its owner may use it again, or overwrite it, at once. */
  write(chunk: Buffer): boolean {
    if (this.#destroyed || this.#outputEnded) return false;
    const peer = this.#peer;
    if (peer === undefined) {
      // The first one finds out.
      if (this.#lostWrites++ > 0) this.#fail('write', EPIPE);
      return true;
    }
    this.bytesSent += chunk.length;
    if (chunk.length > 0) peer.#receive(Buffer.from(chunk));
    this.#blocked ||= peer.isFull;
    return !this.#blocked;
  }

  writeAll(chunks: readonly Buffer[]): boolean {
    let isTaken = true;
    for (const chunk of chunks) isTaken = this.write(chunk);
    return isTaken;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.hasUnread || this.#peerReset || (this.#peerEnded && !this.#ended)) this.#wake();
  }

  unread(chunk: Buffer): void {
    if (chunk.length === 0 || this.#destroyed) return;
    this.#unread.putBack(chunk);
    this.#wake();
  }

  discardInput(): void {
    this.handler = IGNORE;
    this.#forgetInput();
  }

  noDelay(): void {}

  /** They are copies. */
  lendChunks(): void {}

  /** Not where nobody could listen in. */
  startTls(_tls: unknown, _alpn: readonly string[], done: TlsDone): void {
    this.destroy();
    setImmediate(done, { kind: 'failed', log: 'no TLS within a process' });
  }

  startClientTls(_peer: unknown, done: ClientTlsDone): void {
    this.destroy();
    const outcome = { kind: 'failed', error: new Error('no TLS within a process'), begun: false } as const;
    setImmediate(done, outcome);
  }

  endOutput(sent: () => void): void {
    if (this.#destroyed || this.#outputEnded) return;
    this.#outputEnded = true;
    this.#sent = sent;
    if (this.#peer !== undefined) this.#peer.#hearEnd();
    this.#wake();
  }

  destroy(): void {
    this.deadline(0);
    if (this.#destroyed) return;
    this.#destroyed = true;
    const peer = this.#peer;
    if (peer !== undefined) {
      this.#peer = undefined;
      peer.#peer = undefined;
      peer.#peerReset ||= this.hasUnread;
      peer.#hearEnd();
    }
    this.#forgetInput();
    this.#sent = undefined;
    this.#wake();
  }

  reset(): void {
    if (this.#peer !== undefined) this.#peer.#peerReset = true;
    this.destroy();
  }

  get isFull(): boolean {
    return this.#unread.bytes > this.#maxUnread;
  }

  #receive(chunk: Buffer): void {
    this.hasReceived = true;
    this.#unread.add(chunk);
    this.bytesReceived += chunk.length;
    if (!this.#paused) this.#wake();
  }

  #hearEnd(): void {
    this.#peerEnded = true;
    this.#wake();
  }

  #forgetInput(): void {
    this.#unread.wipe();
    if (this.#peer !== undefined) this.#peer.#wake();
  }

  #fail(syscall: 'read' | 'write', errno: number): void {
    this.#failure ??= systemFailure(errno, syscall);
    this.destroy();
  }

  /** One turn for all that has come together until then. */
  #wake(): void {
    this.#again = true;
    if (this.#scheduled || this.isClosed) return;
    this.#scheduled = true;
    setImmediate(takeTurn, this);
  }

  turn(): void {
    this.#again = false;
    if (!this.#destroyed) this.#settleOutput();
    if (!this.#destroyed) this.#deliver();
    this.#scheduled = false;
    if (this.#destroyed) {
      this.released();
      this.closed(this.#failure);
    } else if (this.#again) {
      this.#wake();
    }
  }

  #settleOutput(): void {
    const peer = this.#peer;
    if (peer?.isFull === true) return;
    const isLost = peer === undefined && this.#peerReset;
    const blocked = this.#blocked;
    const sent = this.#sent;
    this.#blocked = false;
    this.#sent = undefined;
    if (isLost && (blocked || sent !== undefined)) {
      this.#fail('write', ECONNRESET); // seen also by who does not read
      return;
    }
    if (blocked) this.guard(() => this.handler.onDrain());
    if (sent === undefined || this.#destroyed) return;
    this.guard(sent);
    if (this.#ended) this.destroy();
  }

  #deliver(): void {
    const wasFull = this.isFull;
    while (!this.#paused && !this.#destroyed) {
      const chunk = this.#unread.take();
      if (chunk === undefined) break;
      try {
        this.handler.onData(chunk);
      } catch (error) {
        this.onFault(error); // as `guard`, without a closure for each chunk
      }
    }
    if (wasFull && !this.isFull && this.#peer !== undefined) this.#peer.#wake();
    if (this.#paused || this.#destroyed || this.hasUnread) return;
    if (this.#peerReset) {
      this.#fail('read', ECONNRESET);
    } else if (this.#peerEnded && !this.#ended) {
      this.#ended = true;
      this.guard(() => this.handler.onEof());
      if (this.#outputEnded && this.#sent === undefined) this.destroy();
    }
  }
}

const takeTurn = (connection: MemoryConnection): void => connection.turn();
