// What a WebSocket reads and writes in place of a socket: bytes of a connection, which can be held back.
import { Duplex } from 'node:stream';
import type { Connection, ConnHandler } from '../connection.ts';
import { FrameGather } from './frame-gather.ts';

export interface UpgradedOwner {
  /** Something has come, or has been taken. */
  heard(): void;
  /** Everything that was written has been taken. */
  drained(): void;
  timedOut(): void;
  /** Both sides have said that they end. */
  ending(): void;
  gone(error: Error | undefined): void;
}

/** Answers to pings wait here where their reader has stopped. With more of them nothing is read from it either. */
const MAX_QUEUED = 262_144;
const LINGER_MS = 5000;

export class UpgradedStream extends Duplex implements ConnHandler {
  bytesWritten = 0;
  readonly #conn: Connection;
  readonly #owner: UpgradedOwner;
  readonly #gather = new FrameGather();
  #isHeld = false;
  #isEnding = false;
  #onDrain: (() => void) | undefined;

  constructor(conn: Connection, owner: UpgradedOwner) {
    super({ readableHighWaterMark: 1, allowHalfOpen: true });
    this.#conn = conn;
    this.#owner = owner;
    conn.handler = this;
  }

  /** The peer has to take something before more should be written. */
  get isBlocked(): boolean {
    return this.#onDrain !== undefined;
  }

  /** Nothing more is read. What has been read already still comes: a chunk, and the frame that it completes. */
  hold(): void {
    this.#isHeld = true;
    this.#conn.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#flow();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  onData(chunk: Buffer): void {
    this.#owner.heard();
    const frames = this.#gather.add(chunk);
    if ((frames !== undefined && !this.push(frames)) || this.writableLength > MAX_QUEUED) this.#conn.pause();
  }

  onDrain(): void {
    const onDrain = this.#onDrain;
    if (onDrain === undefined) return;
    this.#onDrain = undefined;
    this.#owner.heard();
    onDrain();
    if (this.isBlocked) return;
    this.#flow();
    this.#owner.drained();
  }

  onEof(): void {
    this.push(null);
  }

  onTimeout(): void {
    if (this.#isEnding) this.destroy();
    else this.#owner.timedOut();
  }

  onClose(error: Error | undefined): void {
    this.destroy();
    this.#owner.gone(error);
  }

  override _read(): void {
    this.#flow();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytesWritten += chunk.length;
    this.#after(this.#conn.write(chunk), done);
  }

  /** A frame is its head and what it carries: small ones go as one write. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const whole = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.bytesWritten += whole.length;
    this.#after(this.#conn.write(whole), done);
  }

  override _final(done: () => void): void {
    this.#isEnding = true;
    this.#owner.ending();
    this.#conn.deadline(LINGER_MS);
    this.#conn.endOutput(done);
    this.release();
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.#onDrain = undefined;
    this.#conn.destroy();
    done(null); // whoever owns it knows why
  }

  #flow(): void {
    if (!this.#isHeld && this.writableLength <= MAX_QUEUED) this.#conn.resume();
  }

  #after(isTaken: boolean, done: () => void): void {
    if (isTaken) done();
    else this.#onDrain = done;
  }
}
