// Time limits in lists: each passes once, in its order, and not when it was set anew or given up.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from '../../../src/net/deadlines.ts';
import { nodeTimers, type TimeLimit } from '../../../src/net/time-limit.ts';

/** Time goes by when a test says so. */
class Clock {
  nowMs = 0;
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
    t.mock.timers.enable({ apis: ['setTimeout'] });
    t.mock.method(performance, 'now', () => this.nowMs);
  }

  pass(ms: number): void {
    for (let i = 0; i < ms; i++) {
      this.nowMs++;
      this.#t.mock.timers.tick(1);
    }
  }
}

interface Watched {
  readonly limit: TimeLimit;
  readonly passed: number[];
}

function watch(deadlines: Deadlines, clock: Clock, then: (limit: TimeLimit) => void = () => {}): Watched {
  const passed: number[] = [];
  const limit = deadlines.limit({
    expired: () => {
      passed.push(clock.nowMs);
      then(limit);
    },
  });
  return { limit, passed };
}

test('a limit passes once, after its time', (t) => {
  const clock = new Clock(t);
  const { limit, passed } = watch(new Deadlines(), clock);
  limit.set(10);
  clock.pass(9);
  assert.deepEqual(passed, []);
  clock.pass(50);
  assert.deepEqual(passed, [10]);
});

test('what was set anew counts from then on, what was given up does not pass', (t) => {
  const clock = new Clock(t);
  const deadlines = new Deadlines();
  const [again, shorter, never] = [watch(deadlines, clock), watch(deadlines, clock), watch(deadlines, clock)];
  for (const { limit } of [again, shorter, never]) limit.set(10);
  clock.pass(6);
  again.limit.set(10);
  shorter.limit.set(2);
  never.limit.set(0);
  clock.pass(50);
  assert.deepEqual([again.passed, shorter.passed, never.passed], [[16], [8], []]);
});

test('a limit can be set while it passes, to the same time or to another one', (t) => {
  const clock = new Clock(t);
  const deadlines = new Deadlines();
  let times = 0;
  const { limit, passed } = watch(deadlines, clock, (own) => {
    times++;
    if (times < 4) own.set(times === 2 ? 5 : 10);
  });
  limit.set(10);
  clock.pass(100);
  assert.deepEqual(passed, [10, 20, 25, 35]);
});

test('one that is set anew while it passes does not make the next one wait', (t) => {
  const clock = new Clock(t);
  const deadlines = new Deadlines();
  const again = watch(deadlines, clock, (own) => own.set(10));
  const next = watch(deadlines, clock);
  again.limit.set(10);
  clock.pass(3);
  next.limit.set(10);
  clock.pass(12);
  assert.deepEqual([again.passed, next.passed], [[10], [13]]);
});

test('whoever fails when its time is over does not keep the others from theirs', (t) => {
  const clock = new Clock(t);
  const deadlines = new Deadlines();
  const failing = deadlines.limit({
    expired: () => {
      throw new Error('of a test');
    },
  });
  const { limit, passed } = watch(deadlines, clock);
  failing.set(10);
  limit.set(10);
  assert.throws(() => clock.pass(10), /of a test/);
  clock.pass(5);
  assert.deepEqual(passed, [11]);
});

test('more than a timer can wait is waited for in parts', (t) => {
  const clock = new Clock(t);
  const waits: number[] = [];
  const { setTimeout: schedule } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (run: () => void, ms: number) => {
    waits.push(ms);
    return schedule(run, ms);
  });
  watch(new Deadlines(), clock).limit.set(2 ** 32);
  assert.deepEqual(waits, [2 ** 31 - 1]);
});

test('whatever is set when, each passes when a timer of its own would have', (t) => {
  const clock = new Clock(t);
  const step = fc.record({
    who: fc.nat(4),
    ms: fc.constantFrom(0, 1, 7, 7, 20),
    /** What it is set to when it passes. */
    again: fc.constantFrom(0, 0, 7, 20),
    wait: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const deadlines = new Deadlines();
      const next = Array.from({ length: 5 }, () => 0);
      const owners = next.map((_, who) =>
        watch(deadlines, clock, (own) => {
          own.set(next[who] ?? 0);
          next[who] = 0;
        }),
      );
      const due: (number | undefined)[] = owners.map(() => undefined);
      const later = owners.map(() => 0);
      const expected: number[][] = owners.map(() => []);
      const settle = (): void => {
        due.forEach((first, i) => {
          for (let at = first; at !== undefined && at <= clock.nowMs; at = due[i]) {
            expected[i]?.push(at);
            due[i] = later[i] ? at + later[i] : undefined;
            later[i] = 0;
          }
        });
      };
      for (const { who, ms, again, wait } of steps) {
        owners[who]?.limit.set(ms);
        due[who] = ms === 0 ? undefined : clock.nowMs + ms;
        next[who] = again;
        later[who] = again;
        clock.pass(wait);
        settle();
      }
      clock.pass(60);
      settle();
      assert.deepEqual(
        owners.map(({ passed }) => passed),
        expected,
      );
    }),
    { numRuns: 200 },
  );
});

test('when it was set is known while it waits', (t) => {
  const clock = new Clock(t);
  const { limit } = watch(new Deadlines(), clock);
  assert.equal(limit.sinceMs, undefined);
  clock.pass(3);
  limit.set(10);
  clock.pass(4);
  assert.equal(limit.sinceMs, 3);
  limit.set(10);
  assert.equal(limit.sinceMs, 7);
  limit.set(0);
  assert.equal(limit.sinceMs, undefined);
  limit.set(5);
  clock.pass(20);
  assert.equal(limit.sinceMs, undefined, 'it has passed');
});

test('so it is of a timer of Node.js', (t) => {
  const clock = new Clock(t);
  const limit = nodeTimers.limit({ expired: () => {} });
  assert.equal(limit.sinceMs, undefined);
  clock.pass(3);
  limit.set(10);
  clock.pass(4);
  limit.set(10);
  assert.equal(limit.sinceMs, 7);
  limit.set(0);
  assert.equal(limit.sinceMs, undefined);
});
