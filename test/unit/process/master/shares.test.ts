// What the master tells its workers about their fair share, and when.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Sharer, Shares } from '../../../../src/process/master/shares.ts';

interface Told extends Sharer {
  readonly shares: number[];
}

function worker(): Told {
  const shares: number[] = [];
  return { shares, tell: ({ sessions }) => void shares.push(sessions) };
}

function crew(t: TestContext, count: number): { readonly shares: Shares; readonly workers: readonly Told[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const shares = new Shares();
  const workers = Array.from({ length: count }, worker);
  for (const one of workers) shares.add(one);
  return { shares, workers };
}

interface Limited extends Sharer {
  readonly limits: number[];
}

function limited(): Limited {
  const limits: number[] = [];
  return { limits, tell: ({ upTo }) => void limits.push(upTo) };
}

const told = (workers: readonly Told[]): readonly (readonly number[])[] => workers.map(({ shares }) => shares);

test('everybody hears of a new average, at most every so often', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 10, 0, false);
  shares.report(b, 5, 0, false);
  assert.deepEqual(told(workers), [[], []]);
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[8], [8]]);
  shares.report(a, 9, 0, false);
  shares.report(b, 6, 0, false);
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[8], [8]], 'the same again is no news');
});

test('who waits hears at once that it may go on', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 30, 0, true);
  assert.deepEqual(a.shares, [], 'it may not: 15 are not enough');
  shares.report(b, 10, 0, false);
  assert.deepEqual(told(workers), [[20], []]);
  shares.report(b, 11, 0, false);
  assert.deepEqual(told(workers), [[20], []], 'it does not wait any more');
});

test('a worker that died does not count, and one that follows it does', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 100, 0, false);
  shares.report(b, 100, 0, false);
  t.mock.timers.tick(50);
  shares.remove(a);
  shares.report(a, 100, 0, true);
  t.mock.timers.tick(50);
  assert.deepEqual(b.shares, [100]);
  const young = worker();
  shares.add(young);
  t.mock.timers.tick(50);
  assert.deepEqual([b.shares, young.shares], [[100, 50], [50]]);
});

test('nothing is said to workers that accept no more', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a] = workers;
  assert.ok(a !== undefined);
  shares.report(a, 100, 0, true);
  shares.end();
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[], []]);
});

test('a worker that is ahead hears up to where it may go, and more when the others have caught up', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const shares = new Shares(Date.now);
  const [a, b] = [limited(), limited()];
  for (const one of [a, b]) {
    shares.add(one);
    shares.report(one, 1, 0, false);
  }
  shares.report(a, 1, 200, true);
  assert.deepEqual(a.limits, [], 'it is ahead by 100 already');
  t.mock.timers.tick(20);
  assert.deepEqual([a.limits, b.limits], [[200], [164]]);
  shares.report(a, 1, 200, true);
  shares.report(b, 1, 50, false);
  assert.deepEqual(a.limits, [200], 'the average has grown by 25 only');
  shares.report(b, 1, 150, false);
  assert.deepEqual(a.limits, [200, 243]);
});
