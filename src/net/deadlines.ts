// Time limits by the thousand: those of one length wait in one list, in the order in which they pass, behind one timer.
import { type Limited, MAX_TIMER_MS, type TimeLimit, type TimeLimits } from './time-limit.ts';

/** A place in a list that goes round. */
class Link {
  before: Link = this;
  after: Link = this;

  get isAlone(): boolean {
    return this.after === this;
  }

  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }

  /** Puts another one in front of this one. */
  precede(other: Link): void {
    other.before = this.before;
    other.after = this;
    this.before.after = other;
    this.before = other;
  }
}

/** To set one, or to set it anew, takes no memory and no timer. None of them keeps the process alive. */
export class Deadlines implements TimeLimits {
  readonly #waiting = new Map<number, Waiting>();

  limit(owner: Limited): TimeLimit {
    return new Deadline(this, owner);
  }

  /** Those that wait for so many milliseconds. */
  of(ms: number): Waiting {
    const known = this.#waiting.get(ms);
    if (known !== undefined) return known;
    const fresh = new Waiting(ms, () => this.#waiting.delete(ms));
    this.#waiting.set(ms, fresh);
    return fresh;
  }
}

class Deadline extends Link implements TimeLimit {
  readonly #deadlines: Deadlines;
  readonly #owner: Limited;
  /** Where it was last. */
  #waiting: Waiting | undefined;
  /** On the clock of `performance.now()`. */
  dueMs = 0;

  constructor(deadlines: Deadlines, owner: Limited) {
    super();
    this.#deadlines = deadlines;
    this.#owner = owner;
  }

  set(ms: number): void {
    this.leave();
    if (ms <= 0) return;
    if (this.#waiting?.ms !== ms || this.#waiting.isOver) this.#waiting = this.#deadlines.of(ms);
    this.#waiting.add(this);
  }

  get sinceMs(): number | undefined {
    return this.isAlone ? undefined : this.dueMs - (this.#waiting?.ms ?? 0);
  }

  unref(): void {}

  expire(): void {
    this.leave();
    this.#owner.expired();
  }
}

/** All that wait for the same time. */
class Waiting {
  readonly ms: number;
  /** The global one is a getter, which costs a third of asking it. */
  readonly #clock = performance;
  /** It is known to nobody any more. */
  isOver = false;
  readonly #end = new Link();
  readonly #onEmpty: () => void;

  constructor(ms: number, onEmpty: () => void) {
    this.ms = ms;
    this.#onEmpty = onEmpty;
    this.#wait(ms);
  }

  add(deadline: Deadline): void {
    deadline.dueMs = this.#clock.now() + this.ms;
    this.#end.precede(deadline);
  }

  /**
   * The timer stays as it is when its deadline is set anew, or given up: there is a look too many then, at the most. The
   * next look is always for the first one: who is set anew while others wait stands behind them.
   */
  #look(): void {
    const now = this.#clock.now();
    try {
      for (let first = this.#first; first !== undefined && first.dueMs <= now; first = this.#first) first.expire();
    } finally {
      this.#goOn();
    }
  }

  get #first(): Deadline | undefined {
    const { after } = this.#end;
    return after instanceof Deadline ? after : undefined;
  }

  #goOn(): void {
    const first = this.#first;
    if (first === undefined) {
      this.isOver = true;
      this.#onEmpty();
    } else this.#wait(Math.max(first.dueMs - this.#clock.now(), 1));
  }

  #wait(ms: number): void {
    setTimeout(() => this.#look(), Math.min(Math.ceil(ms), MAX_TIMER_MS)).unref();
  }
}
