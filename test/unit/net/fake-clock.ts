// The global timers in the hands of a test. node:test's own mock does not restart a timer at `refresh`.
import type { TestContext } from 'node:test';
import { turnsUntil } from '../../support/in-time.ts';

const MAX_MS = 2 ** 31 - 1;

class FakeTimer {
  readonly run: () => void;
  readonly ms: number;
  readonly #clock: FakeClock;
  due: number;

  constructor(clock: FakeClock, run: () => void, ms: number) {
    this.#clock = clock;
    this.run = run;
    this.ms = ms > MAX_MS ? 1 : ms; // as Node.js does
    this.due = clock.now + this.ms;
  }

  refresh(): this {
    this.due = this.#clock.now + this.ms;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

export class FakeClock {
  now = 0;
  readonly #timers = new Set<FakeTimer>();

  /** Takes the place of setTimeout and clearTimeout until the test ends. */
  constructor(t: TestContext) {
    t.mock.method(globalThis, 'setTimeout', (run: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => {
      const timer = new FakeTimer(this, () => run(...args), ms);
      this.#timers.add(timer);
      return timer;
    });
    t.mock.method(globalThis, 'clearTimeout', (timer: FakeTimer | undefined) => {
      if (timer !== undefined) this.#timers.delete(timer);
    });
  }

  /** Timers that will fire. */
  get armed(): number {
    return this.#timers.size;
  }

  /** Waits, over turns of the event loop, until a timer of so many milliseconds is armed, or until there is no need. */
  async waitFor(ms: number, needless: () => boolean = () => false): Promise<void> {
    const isArmed = (): boolean => needless() || [...this.#timers].some((timer) => timer.ms === ms);
    await turnsUntil(isArmed, `a timer of ${ms} ms`);
  }

  /** Lets time pass; timers fire in their order. */
  tick(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.now = next.due;
      this.#timers.delete(next);
      next.run();
    }
    this.now = end;
  }
}
