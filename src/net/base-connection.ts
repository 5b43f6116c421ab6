// What connections of every kind have in common: the handler, the deadline, and an end in order.
import { type ConnHandler, type FinishEnd, IGNORE } from './connection.ts';

const LINGER_MS = 5000;
/** setTimeout fires at once for anything larger; 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export abstract class BaseConnection {
  handler: ConnHandler;
  onFault: (error: unknown) => void = rethrow;
  released: () => void = nothing;
  #timer: NodeJS.Timeout | undefined;
  #armedMs = 0;
  #closed = false;

  constructor(handler: ConnHandler) {
    this.handler = handler;
  }

  /** `onClose` was called. */
  get isClosed(): boolean {
    return this.#closed;
  }

  abstract resume(): void;
  abstract destroy(): void;
  abstract endOutput(sent: () => void): void;

  deadline(ms: number): void {
    if (ms === this.#armedMs && this.#timer !== undefined) {
      this.#timer.refresh(); // a fifth of the cost of clear and set
      return;
    }
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#armedMs = this.#closed ? 0 : ms;
    this.#timer = this.#armedMs > 0 ? setTimeout(expire, Math.min(this.#armedMs, MAX_TIMER_MS), this) : undefined;
  }

  abandon(): void {
    this.handler = IGNORE;
    this.destroy();
  }

  /** Closing at once would lose nothing of ours, and the peer need not be waited for. */
  protected get mayClose(): boolean {
    return false;
  }

  finish(flushMs = LINGER_MS, done: (how: FinishEnd) => void = nothing): void {
    this.deadline(0);
    if (this.#closed) {
      done('closed');
      return;
    }
    if (this.mayClose) {
      this.abandon();
      done('sent');
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
    this.endOutput(() => {
      this.deadline(LINGER_MS);
      this.#timer?.unref(); // the socket keeps the process alive, not its deadline
      tell('sent');
    });
    this.resume(); // a paused connection never sees the peer's end
  }

  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.onFault(error);
    }
  }

  /** The last event. */
  protected closed(error: Error | undefined): void {
    this.closedSilently();
    this.guard(() => this.handler.onClose(error));
    this.handler = IGNORE; // whoever keeps the connection does not keep the session with it
  }

  protected closedSilently(): void {
    this.#closed = true;
    this.deadline(0);
  }

  /** Runs when the deadline has passed. */
  expired(): void {
    this.#timer = undefined;
    this.guard(() => this.handler.onTimeout());
  }
}

const nothing = (): void => {};
const rethrow = (error: unknown): never => {
  throw error;
};
/** One function for all of them, so that a deadline brings no closure along. */
const expire = (connection: BaseConnection): void => connection.expired();
