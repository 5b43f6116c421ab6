// Which worker is ahead of the others in sessions that began lately.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../../../src/process/master/arrivals.ts';

interface Stage {
  readonly arrivals: Arrivals<string>;
  /** Time passes, in which each begins so many. */
  pass(ms: number, begins: Readonly<Record<string, number>>): void;
  /** How many more it may begin. */
  left(worker: string): number;
}

function stage(): Stage {
  let now = 1000;
  const begun = new Map<string, number>();
  const arrivals = new Arrivals<string>(() => now);
  return {
    arrivals,
    pass: (ms, begins) => {
      now += ms;
      for (const [worker, count] of Object.entries(begins)) {
        begun.set(worker, (begun.get(worker) ?? 0) + count);
        arrivals.count(worker, begun.get(worker) ?? 0);
      }
    },
    left: (worker) => arrivals.limit(worker) - (begun.get(worker) ?? 0),
  };
}

test('who has begun more than the others may begin few more, and they many', () => {
  const { pass, left } = stage();
  pass(0, { a: 0, b: 0 });
  pass(10, { a: 100, b: 0 });
  assert.equal(left('a'), 15, '64 and 2 % more than the average of 50');
  assert.equal(left('b'), 115);
  pass(10, { a: 20, b: 0 });
  assert.equal(left('a'), 5);
  pass(10, { a: 20, b: 0 });
  assert.equal(left('a'), 0, 'never less than none');
  pass(10, { a: 0, b: 140 });
  assert.ok(left('a') > 60, 'the other has caught up');
});

test('it is forgotten after some seconds', () => {
  const { pass, left } = stage();
  pass(0, { a: 0, b: 0 });
  pass(10, { a: 1000, b: 0 });
  assert.equal(left('a'), 0);
  for (let i = 0; i < 50; i++) pass(200, { a: 1, b: 1 });
  assert.ok(left('a') > 50);
});

test('a worker that says nothing does not hold up the others', () => {
  const { pass, left } = stage();
  pass(0, { a: 0, stuck: 0 });
  for (let i = 0; i < 10; i++) pass(100, { a: 500 });
  assert.ok(left('a') >= 64);
});

test('who comes back, or is new, need not make up for what it missed', () => {
  const { pass, left } = stage();
  pass(0, { a: 0, away: 0 });
  for (let i = 0; i < 10; i++) pass(100, { a: 500 });
  pass(10, { a: 0, away: 0, young: 0 });
  for (const worker of ['a', 'away', 'young']) assert.ok(left(worker) >= 64 && left(worker) < 300, worker);
});

test('nothing is known of a worker that said nothing yet, or has gone', () => {
  const { arrivals, pass } = stage();
  pass(0, { a: 10 });
  assert.equal(arrivals.limit('b'), Number.POSITIVE_INFINITY);
  arrivals.remove('a');
  assert.equal(arrivals.limit('a'), Number.POSITIVE_INFINITY);
  assert.equal(arrivals.begun('a'), 0);
});
