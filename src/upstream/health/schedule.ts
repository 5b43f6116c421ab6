// When each check is made: one list and one timer for all of them, and so many at a time at the most.

export interface Check {
  /** How long after it has begun the next one begins, in milliseconds. */
  readonly intervalMs: number;
  /** So much later at the most. */
  readonly jitterMs: number;
  /** @param done called once, perhaps at once */
  run(done: () => void): void;
  /** Its `done` is not waited for any more. */
  cancel(): void;
}

export interface ScheduleOptions {
  readonly atOnce: number;
  /** From 0 to less than 1. */
  readonly random: () => number;
}

const DEFAULTS: ScheduleOptions = { atOnce: 32, random: Math.random };

export class CheckSchedule {
  readonly #options: ScheduleOptions;
  /** When each is due, on the clock of `performance.now()`; the longest waiting first. */
  readonly #due = new Map<Check, number>();
  readonly #running = new Set<Check>();
  /** They are spread over the interval with their second time. */
  readonly #fresh = new Set<Check>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Partial<ScheduleOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The first time is now. */
  add(check: Check): void {
    this.#due.set(check, performance.now());
    this.#fresh.add(check);
    this.#arm();
  }

  remove(check: Check): void {
    this.#due.delete(check);
    this.#fresh.delete(check);
    if (this.#running.delete(check)) {
      check.cancel();
      this.#arm();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due.clear();
    this.#fresh.clear();
    for (const check of [...this.#running]) check.cancel();
    this.#running.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [check, due] of [...this.#due]) {
      if (this.#running.size >= this.#options.atOnce) return; // the next one that ends looks again
      if (due <= now) this.#run(check, now);
    }
    this.#arm();
  }

  #run(check: Check, now: number): void {
    this.#due.delete(check);
    this.#running.add(check);
    check.run(() => {
      if (!this.#running.delete(check)) return;
      this.#due.set(check, now + this.#pause(check));
      this.#arm();
    });
  }

  #pause(check: Check): number {
    const share = this.#fresh.delete(check) ? this.#options.random() : 1;
    return check.intervalMs * share + check.jitterMs * this.#options.random();
  }

  #arm(): void {
    if (this.#running.size >= this.#options.atOnce) return;
    let first = Number.POSITIVE_INFINITY;
    for (const due of this.#due.values()) first = Math.min(first, due);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (first === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.min(Math.max(Math.ceil(first - performance.now()), 0), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#look(), waitMs).unref();
  }
}

/** setTimeout fires at once for anything larger. */
const MAX_TIMER_MS = 2 ** 31 - 1;
