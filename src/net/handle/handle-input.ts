// What a handle reads: one buffer for all of them, copies for the handlers, and loans for a relay that is busy.
import { BaseConnection } from '../base-connection.ts';
import { type ConnHandler, IGNORE } from '../connection.ts';
import { END_OF_FILE, systemFailure } from './failure.ts';
import { HeldInput } from './held-input.ts';
import type { Native } from './native.ts';
import type { HandleOwner, StreamHandle } from './node-handles.d.ts';
import { OwnBuffer } from './own-buffer.ts';

/** A read of so many bytes in a relay: more is coming, and a buffer of its own saves the copies. */
const BUSY_BYTES = 16_384;
/** So much is held for a handler that has paused before the handle is told to stop: it would not see a reset then. */
const MAX_HELD = 8192;

export abstract class HandleInput extends BaseConnection implements HandleOwner {
  readonly native: Native;
  /** What is read and written: the socket, or the TLS over it. */
  stream: StreamHandle;
  bytesReceived = 0;
  bytesSent = 0;
  #paused: boolean;
  #reading = false;
  /** Read, or put back, and not delivered. */
  #held: HeldInput | undefined;
  /** The end of the input stands behind what is held. */
  #hasEnd = false;
  /** What is held will be delivered in a moment. */
  #isDue = false;
  #lends = false;
  /** The handle reads into this; undefined: into the shared one. */
  #own: OwnBuffer | undefined;
  /** What is in there will be delivered when the loop has seen everything that has come. */
  #isGathering = false;
  /** With a handler that has paused. */
  #lent: Buffer | undefined;
  #ended = false;

  constructor(native: Native, stream: StreamHandle, handler: ConnHandler, isPaused: boolean) {
    super(handler, native.deadlines);
    this.native = native;
    this.stream = stream;
    this.#paused = isPaused;
    this.#attach();
  }

  /** No more calls of the handle. */
  abstract get isClosing(): boolean;
  abstract fail(error: Error): void;
  abstract handleClosed(): void;
  abstract get isTls(): boolean;
  /** The connection stands. */
  protected abstract get isOpen(): boolean;
  /** `onEof` was called. */
  protected abstract inputEnded(): void;

  get ended(): boolean {
    return this.#ended;
  }

  get hasInput(): boolean {
    return this.#held !== undefined;
  }

  /** Only when much comes the handle is told to stop: mostly nothing does until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (this.isClosing) return;
    this.#paused = false;
    this.#takeBack();
    this.flush();
    if (this.#held === undefined && !this.#hasEnd) this.readStart();
    else this.#deliverSoon();
  }

  unread(chunk: Buffer): void {
    if (chunk.length === 0 || this.isClosing) return;
    const rest = this.#lends ? Buffer.from(chunk) : chunk; // the chunk itself may be lent
    if (this.#held === undefined) this.#held = new HeldInput(rest);
    else this.#held.putBack(rest);
    if (!this.#paused) this.#deliverSoon();
    else if (this.#held.bytes >= MAX_HELD) this.readStop();
  }

  discardInput(): void {
    this.handler = IGNORE;
    this.forgetInput();
  }

  lendChunks(): void {
    this.#lends = true;
  }

  received(status: number): Buffer | undefined {
    if (this.isClosing || status === 0) return undefined;
    if (status < 0) {
      this.#stopped(status);
      return undefined;
    }
    // More comes only where a Node.js reads to another place: the self-test sees that bytes are lost.
    const count = Math.min(status, this.#own?.room ?? this.native.buffers.shared.length);
    this.bytesReceived += count;
    if (this.#paused || this.#held !== undefined) {
      this.#hold(count);
      return undefined;
    }
    if (this.#lends) return this.#lend(count);
    if (this.handler.borrows === true && this.#own === undefined) this.#show(count);
    else this.#deliver(this.#takeOut(count));
    return undefined;
  }

  /** Without a copy: the handler makes its own of what it needs. */
  #show(count: number): void {
    const { buffers } = this.native;
    this.#deliver(buffers.view(count));
    buffers.wipe(count);
  }

  #stopped(status: number): void {
    this.#reading = false;
    this.flush();
    if (status !== END_OF_FILE) {
      this.fail(systemFailure(status, 'read')); // also while paused: a session that waits need not wait any more
      return;
    }
    this.#hasEnd = true;
    if (!this.#paused && this.#held === undefined) this.#deliverEnd();
  }

  /** @returns where the next bytes go, if elsewhere */
  #lend(count: number): Buffer | undefined {
    const { buffers } = this.native;
    const isBusy = count >= BUSY_BYTES;
    if (this.#own === undefined && !isBusy) {
      this.#deliver(this.#takeOut(count));
      return undefined;
    }
    const isFirst = this.#own === undefined;
    const own = this.#own ?? new OwnBuffer(buffers.takeOver(count));
    this.#own = own;
    own.add(count);
    // One that was not filled may have been the last for hours. TLS ends with a record that is not full, mostly.
    const goesOn = isBusy && (isFirst || this.isTls || own.room === 0);
    if (isBusy && this.isTls && own.hasRoom) {
      this.#flushSoon();
      return own.rest;
    }
    this.#deliver(own.takeLast());
    if (this.isClosing) return undefined;
    if (goesOn && !this.#paused) return own.bytes;
    if (isBusy && this.#paused) this.readStop();
    // TLS goes on with what it has decrypted already, and must not do so in what is on its way.
    if (this.#paused) this.#lent = own.bytes;
    else buffers.give(own.bytes);
    this.#own = undefined;
    return buffers.shared;
  }

  /** TLS brings one record after the other, until all that has come is decrypted: they go on in one write. */
  #flushSoon(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    setImmediate(flush, this);
  }

  flush(): void {
    this.#isGathering = false;
    const chunk = this.#isIdle ? undefined : this.#own?.take();
    if (chunk === undefined || chunk.length === 0) return;
    this.#deliver(chunk);
    if (this.#paused) this.readStop();
  }

  /** What was read, for the handler to keep. */
  #takeOut(count: number): Buffer {
    return this.#own === undefined ? this.native.buffers.takeOut(count) : this.#own.copy(count);
  }

  /** The handler goes on: what it had been lent is free. */
  #takeBack(): void {
    if (this.#lent !== undefined) this.native.buffers.give(this.#lent);
    this.#lent = undefined;
  }

  #hold(count: number): void {
    const chunk = this.#takeOut(count);
    if (this.#held === undefined) this.#held = new HeldInput(chunk);
    else this.#held.add(chunk);
    if (this.#held.bytes >= MAX_HELD) this.readStop();
  }

  #deliver(chunk: Buffer): void {
    try {
      this.handler.onData(chunk);
    } catch (error) {
      this.onFault(error);
    }
  }

  #deliverSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    process.nextTick(deliverHeld, this);
  }

  deliverHeld(): void {
    this.#isDue = false;
    if (this.#isIdle) return;
    const piece = this.#held?.take();
    if (this.#held?.bytes === 0) this.#held = undefined;
    if (piece !== undefined) this.#deliver(piece);
    if (this.#isIdle) return;
    if (this.#held !== undefined) this.#deliverSoon();
    else if (this.#hasEnd) this.#deliverEnd();
    else this.readStart();
  }

  get #isIdle(): boolean {
    return this.#paused || this.isClosing;
  }

  #deliverEnd(): void {
    this.#hasEnd = false;
    this.#ended = true;
    this.guard(() => this.handler.onEof());
    this.inputEnded();
  }

  /** While it connects, so that the system is asked to watch it once. Where it cannot be done, `readStart` will. */
  readAhead(): void {
    this.#reading = this.stream.readStart() === 0;
  }

  protected readStart(): void {
    if (this.#reading || this.#paused || this.#ended || this.isClosing || !this.isOpen) return;
    this.#reading = true;
    const status = this.stream.readStart();
    if (status < 0) process.nextTick(() => this.fail(systemFailure(status, 'read')));
  }

  protected readStop(): void {
    if (!this.#reading) return;
    this.#reading = false;
    this.stream.readStop();
  }

  /** Reads another one from here on: what was read already is in its hands. @returns that */
  protected readFrom(stream: StreamHandle): Buffer | undefined {
    this.stream = stream;
    this.#attach();
    const held = this.#held?.join();
    this.bytesReceived -= held?.length ?? 0; // its clear text counts
    this.#held = undefined;
    this.#paused = false;
    return held;
  }

  protected forgetInput(): void {
    this.#held?.wipe();
    this.#held = undefined;
  }

  /** What was lent may be on its way out of another connection for long: nobody else gets it. */
  protected stopLending(): void {
    this.flush();
    this.#lends = false;
    if (this.#lent !== undefined) this.native.buffers.forget(this.#lent);
    this.#lent = undefined;
  }

  /** The handle is closed. */
  protected inputClosed(): void {
    this.stopLending();
    if (this.#own !== undefined) this.native.buffers.forget(this.#own.bytes);
    this.#own = undefined;
  }

  #attach(): void {
    this.stream.owner = this;
    this.stream.onread = this.native.onread;
    this.stream.useUserBuffer(this.native.buffers.shared);
  }
}

const flush = (input: HandleInput): void => input.flush();
const deliverHeld = (input: HandleInput): void => input.deliverHeld();
