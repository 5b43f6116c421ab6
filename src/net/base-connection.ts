// What connections of every kind have in common: the handler, the deadline, and an end in order.
import { type ConnHandler, type FinishEnd, IGNORE } from './connection.ts';
import { type Limited, nodeTimers, type TimeLimit, type TimeLimits } from './time-limit.ts';

const LINGER_MS = 5000;

export abstract class BaseConnection implements Limited {
  handler: ConnHandler;
  onFault: (error: unknown) => void = rethrow;
  released: () => void = nothing;
  readonly #limit: TimeLimit;
  #closed = false;

  constructor(handler: ConnHandler, limits: TimeLimits = nodeTimers) {
    this.handler = handler;
    this.#limit = limits.limit(this);
  }

  /** `onClose` was called. */
  get isClosed(): boolean {
    return this.#closed;
  }

  abstract resume(): void;
  abstract destroy(): void;
  abstract endOutput(sent: () => void): void;

  deadline(ms: number): void {
    this.#limit.set(this.#closed ? 0 : ms);
  }

  get limitedSinceMs(): number | undefined {
    return this.#limit.sinceMs;
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
      this.#limit.unref(); // the socket keeps the process alive, not its deadline
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

  expired(): void {
    this.guard(() => this.handler.onTimeout());
  }
}

const nothing = (): void => {};
const rethrow = (error: unknown): never => {
  throw error;
};
