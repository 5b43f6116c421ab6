// What node:http reads and writes in place of a socket: it gets a connection's bytes only when they are asked for.
import { Duplex } from 'node:stream';
import type { RequestConnection } from '../../net/connection.ts';
import { endsHead } from '../request/head-record.ts';

/** What decides about the bytes. */
export interface StreamOwner {
  /** Whether node:http may be given more: each piece can bring many requests, and they are answered one by one. */
  takes(): boolean;
  /** A piece is about to be read. */
  reading(piece: Buffer): void;
  /** Bytes wait for the client to take them. */
  blocked(): void;
  unblocked(): void;
  /** Nothing more will be written, and all of it is with the connection. */
  finished(): void;
}

/** Bounds the requests that are parsed at once. */
const PIECE = 4096;

/** A head and a body up to this size are cheaper to copy than to hand over one by one. */
const JOINED = 8192;

export class HttpStream extends Duplex {
  /** Bytes that were written. */
  bytesWritten = 0;
  readonly #conn: RequestConnection;
  /** undefined: nothing comes or goes any more. */
  #owner: StreamOwner | undefined;
  #held: Buffer | undefined;
  /** What node:http got last. */
  #piece: Buffer | undefined;
  #ended = false;
  /** node:http has asked for bytes. */
  #wanted = false;
  #onDrain: (() => void) | undefined;

  constructor(conn: RequestConnection, owner: StreamOwner) {
    // One piece at a time: what would be buffered here nobody could hold back any more.
    super({ readableHighWaterMark: 1, allowHalfOpen: true });
    this.#conn = conn;
    this.#owner = owner;
  }

  /** Bytes of the client wait. */
  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** Something stands behind the head that ended last. */
  get isFollowed(): boolean {
    return this.#held !== undefined || (this.#piece !== undefined && !endsHead(this.#piece));
  }

  /** The client has to take something before more can be written. */
  get isBlocked(): boolean {
    return this.#onDrain !== undefined;
  }

  /** The client has sent something. */
  feed(chunk: Buffer): void {
    this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.pass();
    if (this.#held !== undefined) this.#conn.pause();
  }

  /** The client will send nothing more. */
  feedEnd(): void {
    this.#ended = true;
    this.pass();
  }

  /** Hands on what waits, as far as it is wanted. */
  pass(): void {
    while (this.#wanted && this.#owner?.takes() === true) {
      if (this.#held === undefined) {
        if (this.#ended) {
          this.#wanted = false;
          this.push(null);
        }
        return;
      }
      const piece = this.#held.subarray(0, PIECE);
      this.#held = this.#held.length > PIECE ? this.#held.subarray(PIECE) : undefined;
      if (this.#held === undefined) this.#conn.resume();
      this.#wanted = false;
      this.#piece = piece;
      this.#owner?.reading(piece);
      this.push(piece);
    }
  }

  /** The system has taken everything that was written. */
  drained(): void {
    const onDrain = this.#onDrain;
    if (onDrain === undefined) return;
    this.#onDrain = undefined;
    this.#owner?.unblocked();
    onDrain();
  }

  /** What node:http has written, and would hand on a little later, goes on at once. */
  flush(): void {
    while (this.writableCorked > 0) this.uncork();
  }

  override _read(): void {
    this.#wanted = true;
    this.pass();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytesWritten += chunk.length;
    this.#after(this.#conn.write(chunk), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    const pieces = chunks.map(({ chunk }) => chunk);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.bytesWritten += length;
    const isTaken = length <= JOINED ? this.#conn.write(Buffer.concat(pieces, length)) : this.#conn.writeAll(pieces);
    this.#after(isTaken, done);
  }

  override _final(done: () => void): void {
    done();
    this.#owner?.finished();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held = undefined;
    this.#piece = undefined;
    // node:http keeps the stream until it uses the parser again, and need not keep all the rest.
    this.#owner = undefined;
    this.#onDrain = undefined;
    this.#conn.destroy();
    done(error);
  }

  #after(isTaken: boolean, done: () => void): void {
    if (isTaken) {
      done();
      return;
    }
    this.#onDrain = done;
    this.#owner?.blocked();
  }
}
