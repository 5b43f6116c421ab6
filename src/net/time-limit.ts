// The one time limit that a connection has at a time.

/** Whose time is limited. */
export interface Limited {
  /** The time is over. */
  expired(): void;
}

export interface TimeLimit {
  /** From now on, in milliseconds, instead of what was set before; 0: none. */
  set(ms: number): void;
  /** When it was set, on the clock of `performance.now()`; undefined: there is none. */
  readonly sinceMs: number | undefined;
  /** It does not keep the process alive. */
  unref(): void;
}

/** Where limits come from. */
export interface TimeLimits {
  limit(owner: Limited): TimeLimit;
}

/** setTimeout fires at once for anything larger; 24.8 days. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Each with a timer of Node.js. */
export const nodeTimers: TimeLimits = { limit: (owner) => new TimerLimit(owner) };

class TimerLimit implements TimeLimit {
  readonly #owner: Limited;
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;
  #sinceMs = 0;

  constructor(owner: Limited) {
    this.#owner = owner;
  }

  set(ms: number): void {
    this.#sinceMs = performance.now();
    if (ms === this.#ms && this.#timer !== undefined) {
      this.#timer.refresh(); // a fifth of the cost of clear and set
      return;
    }
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = ms > 0 ? setTimeout(expire, Math.min(ms, MAX_TIMER_MS), this) : undefined;
  }

  get sinceMs(): number | undefined {
    return this.#timer === undefined ? undefined : this.#sinceMs;
  }

  unref(): void {
    this.#timer?.unref();
  }

  expire(): void {
    this.#timer = undefined;
    this.#owner.expired();
  }
}

/** One function for all of them, so that a limit brings no closure along. */
const expire = (limit: TimerLimit): void => limit.expire();
