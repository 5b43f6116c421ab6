// A connection to a peer for the time of one request: a kept or a new one, its time limits, its bytes, and its end.
import type { Socket } from 'node:net';
import { Level } from '../../core/log.ts';
import type { AttemptFailure, AttemptInput, UpstreamTimeouts } from './attempt.ts';
import { type DialPlan, dialKey, dialPeer } from './dial.ts';
import { SENDING } from './failure-text.ts';
import type { IdlePool } from './idle-pool.ts';
import { type Outgoing, sendTo } from './outgoing.ts';

export interface LinkOptions {
  readonly pool: IdlePool;
  readonly plan: DialPlan;
  readonly timeouts: UpstreamTimeouts;
  readonly outgoing: Outgoing;
}

/** Hears of the connection until it is released. */
export interface LinkOwner {
  /** There is none. */
  onNone(failure: AttemptFailure): void;
  onData(chunk: Buffer): void;
  /** The peer, or this side because nobody waits any more, has closed it. @param error undefined: in order */
  onClosed(error: Error | undefined): void;
  onTimeout(): void;
}

export class PeerLink {
  readonly #input: AttemptInput;
  readonly #options: LinkOptions;
  readonly #owner: LinkOwner;
  #socket: Socket | undefined;
  #isReused = false;
  #isSent = false;
  #isOver = false;
  #isPaused = false;
  #sentBefore = 0;
  #receivedBefore = 0;
  #stopSending: () => void = () => {};

  constructor(input: AttemptInput, options: LinkOptions, owner: LinkOwner) {
    this.#input = input;
    this.#options = options;
    this.#owner = owner;
  }

  /** All of the request is with the system. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** A kept connection on which nothing has come back: it may have been gone already. */
  get isStale(): boolean {
    return this.#isReused && this.#socket?.bytesRead === this.#receivedBefore;
  }

  open(): void {
    const { pool, plan } = this.#options;
    const kept = pool.take(dialKey(plan));
    if (kept !== undefined) {
      this.#isReused = true;
      this.#use(kept);
      return;
    }
    dialPeer(plan, (failure, socket) => {
      if (failure !== undefined || socket === undefined) {
        const { kind = 'error', level = Level.error, message = '' } = failure ?? {};
        this.#isOver = true;
        this.#owner.onNone({ kind, level, text: message, requestSent: false, stale: false });
        return;
      }
      pool.opened(socket);
      this.#use(socket);
    });
  }

  pause(): void {
    if (this.#isOver) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    this.waitOn();
    this.#socket?.resume();
  }

  /** The peer gets as much time again. */
  waitOn(): void {
    this.#socket?.setTimeout(this.#options.timeouts.readMs);
  }

  /** Puts into the state of the attempt what has gone over the wire. */
  account(): void {
    const { state } = this.#input;
    const socket = this.#socket;
    if (socket === undefined) return;
    state.bytesSent = socket.bytesWritten - this.#sentBefore;
    state.bytesReceived = socket.bytesRead - this.#receivedBefore;
  }

  /** The owner hears nothing more. @param keeps the peer takes more requests over it */
  release(keeps: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input.signal.removeEventListener('abort', this.#onAbort);
    this.#stopSending();
    const socket = this.#socket;
    if (socket === undefined) return;
    this.account();
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd).off('timeout', this.#onTimeout);
    if (keeps && this.#isSent && !socket.destroyed) {
      socket.off('error', this.#onError);
      this.#options.pool.put(dialKey(this.#options.plan), socket);
    } else {
      socket.destroy();
    }
  }

  readonly #onAbort = (): void => {
    this.release(false);
    this.#owner.onClosed(undefined);
  };
  readonly #onData = (chunk: Buffer): void => this.#owner.onData(chunk);
  readonly #onEnd = (): void => {
    if (!this.#isOver) this.#owner.onClosed(undefined);
  };
  readonly #onError = (error: Error): void => {
    if (!this.#isOver) this.#owner.onClosed(error);
  };
  readonly #onTimeout = (): void => {
    // A client that takes nothing is no fault of the peer.
    if (this.#isPaused) this.waitOn();
    else this.#owner.onTimeout();
  };

  #use(socket: Socket): void {
    const { state, request, signal } = this.#input;
    const { timeouts, outgoing } = this.#options;
    this.#socket = socket;
    this.#sentBefore = socket.bytesWritten;
    this.#receivedBefore = socket.bytesRead;
    state.connected();
    request.action = SENDING;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd);
    socket.on('error', this.#onError).on('timeout', this.#onTimeout);
    if (signal.aborted) {
      this.#onAbort();
      return;
    }
    signal.addEventListener('abort', this.#onAbort);
    socket.setTimeout(timeouts.sendMs);
    this.#stopSending = sendTo(socket, outgoing, () => {
      if (this.#isOver) return;
      this.#isSent = true;
      socket.setTimeout(timeouts.readMs);
    });
  }
}
