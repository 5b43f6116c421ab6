// One face for TCP, unix and TLS connections; a phase change swaps `handler`, as nginx swaps rev->handler.
import type { Duplex } from 'node:stream';

/** Called by the connection; never after `onClose`. */
export interface ConnHandler {
  onData(chunk: Buffer): void;
  /** Everything queued has been handed to the system. */
  onDrain(): void;
  /** The peer finished sending. */
  onEof(): void;
  /** The deadline passed. */
  onTimeout(): void;
  /** The connection is gone. `error` is a system error (`code`, `errno`) or a TLS one. */
  onClose(error: Error | undefined): void;
}

/** What became of the bytes that were queued at a `finish`. */
export type FinishEnd = 'sent' | 'closed' | 'timeout';

export interface Connection {
  handler: ConnHandler;
  /** Bytes written and not yet taken by the system. */
  readonly pendingBytes: number;
  /** Queues bytes; false: wait for `onDrain`. The bytes belong to the connection until then. */
  write(chunk: Buffer): boolean;
  pause(): void;
  resume(): void;
  /** Arms, re-arms or (0) disarms the only deadline of this connection, in milliseconds. */
  deadline(ms: number): void;
  /** Sends what is queued, then closes; gives up when that takes longer than `flushMs`. */
  finish(flushMs?: number, done?: (how: FinishEnd) => void): void;
  /** Closes at once; what is queued is lost. */
  destroy(): void;
}

const LINGER_MS = 5000;
/** setTimeout fires at once for anything larger; 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Over every kind of Duplex (net.Socket, tls.TLSSocket, WebSocket adapter). Its listeners are attached once and never
 * removed.
 */
export class StreamConnection implements Connection {
  handler: ConnHandler;
  /** Takes what a handler throws: a fault of ours must not end more than one session. */
  onFault: (error: unknown) => void = rethrow;
  #io: Duplex;
  #timer: NodeJS.Timeout | undefined;
  #armedMs = 0;
  #closed = false;
  #ended = false;

  constructor(io: Duplex, handler: ConnHandler) {
    this.handler = handler;
    this.#io = io;
    this.#listen(io);
  }

  get pendingBytes(): number {
    return this.#io.writableLength;
  }

  /** The peer has finished sending, and all of it was delivered: `onEof` was called, if on another handler. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The stream underneath: for a TLS handshake, which wraps it. */
  get stream(): Duplex {
    return this.#io;
  }

  write(chunk: Buffer): boolean {
    return this.#io.write(chunk);
  }

  pause(): void {
    this.#io.pause();
  }

  resume(): void {
    this.#io.resume();
  }

  /** Puts bytes back: they come again as the first ones, to whoever reads next. */
  unread(chunk: Buffer): void {
    if (chunk.length > 0) this.#io.unshift(chunk);
  }

  /** Drops what was read and not delivered yet. The handler is gone with it: reading emits what it reads. */
  discardInput(): void {
    this.handler = IGNORE;
    while (this.#io.read() !== null);
  }

  deadline(ms: number): void {
    if (ms === this.#armedMs && this.#timer !== undefined) {
      this.#timer.refresh(); // a fifth of the cost of clear and set
      return;
    }
    clearTimeout(this.#timer);
    this.#armedMs = this.#closed ? 0 : ms;
    this.#timer = this.#armedMs > 0 ? setTimeout(() => this.#expired(), Math.min(ms, MAX_TIMER_MS)) : undefined;
  }

  /**
   * The TLS stream takes the place of the one that it wraps; events of the old one are ignored from here on. It
   * comes paused, as accepted connections do.
   */
  swap(io: Duplex): void {
    this.#io = io;
    this.#listen(io);
    io.pause();
  }

  /**
   * Sends what is queued, then closes. The peer gets some seconds to close as well: closed at once, bytes of its
   * own that are still under way would make the kernel drop ours.
   * @param flushMs how long the peer may take for what is queued
   * @param done called once, when nothing is queued
   */
  finish(flushMs = LINGER_MS, done: (how: FinishEnd) => void = nothing): void {
    this.deadline(0);
    if (this.#closed) {
      done('closed');
      return;
    }
    let told = false;
    const tell = (how: FinishEnd): void => {
      if (told) return;
      told = true;
      this.guard(() => done(how));
    };
    this.handler = {
      ...IGNORE,
      onTimeout: () => {
        this.destroy();
        tell('timeout');
      },
      onClose: () => tell('closed'),
    };
    this.deadline(flushMs);
    this.#io.once('finish', () => {
      this.deadline(LINGER_MS);
      this.#timer?.unref(); // the socket keeps the process alive, not its deadline
      tell('sent');
    });
    this.#io.end();
    this.#io.resume(); // a paused stream never sees the peer's end
  }

  destroy(): void {
    this.deadline(0);
    this.#io.destroy();
  }

  /** Runs something of the session; what it throws goes to `onFault`. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.onFault(error);
    }
  }

  #expired(): void {
    this.#timer = undefined;
    this.guard(() => this.handler.onTimeout());
  }

  /** Events of a stream that was swapped away are ignored. What a handler throws goes to `onFault`. */
  #listen(io: Duplex): void {
    let failed: Error | undefined;
    const when = (run: () => void): void => {
      if (io === this.#io) this.guard(run);
    };
    io.on('data', (chunk: Buffer) => when(() => this.handler.onData(chunk)));
    io.on('drain', () => when(() => this.handler.onDrain()));
    io.on('end', () =>
      when(() => {
        this.#ended = true;
        this.handler.onEof();
      }),
    );
    io.on('error', (error: Error) => {
      failed ??= error;
    });
    // After 'secure' a TLSSocket made by hand reports its errors only here.
    io.on('_tlsError', (error: Error) => {
      failed ??= error;
    });
    io.on('close', () =>
      when(() => {
        this.#closed = true;
        this.deadline(0);
        this.handler.onClose(failed);
      }),
    );
  }
}

const nothing = (): void => {};
const rethrow = (error: unknown): never => {
  throw error;
};
/** Takes every event and does nothing. */
export const IGNORE: ConnHandler = {
  onData: nothing,
  onDrain: nothing,
  onEof: nothing,
  onTimeout: nothing,
  onClose: nothing,
};
