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

const told = (workers: readonly Told[]): readonly (readonly number[])[] => workers.map(({ shares }) => shares);

test('everybody hears of a new average, at most every so often', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 10, false);
  shares.report(b, 5, false);
  assert.deepEqual(told(workers), [[], []]);
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[8], [8]]);
  shares.report(a, 9, false);
  shares.report(b, 6, false);
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[8], [8]], 'the same again is no news');
});

test('who waits hears at once that it may go on', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 30, true);
  assert.deepEqual(a.shares, [], 'it may not: 15 are not enough');
  shares.report(b, 10, false);
  assert.deepEqual(told(workers), [[20], []]);
  shares.report(b, 11, false);
  assert.deepEqual(told(workers), [[20], []], 'it does not wait any more');
});

test('a worker that died does not count, and one that follows it does', (t) => {
  const { shares, workers } = crew(t, 2);
  const [a, b] = workers;
  assert.ok(a !== undefined && b !== undefined);
  shares.report(a, 100, false);
  shares.report(b, 100, false);
  t.mock.timers.tick(50);
  shares.remove(a);
  shares.report(a, 100, true);
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
  shares.report(a, 100, true);
  shares.end();
  t.mock.timers.tick(50);
  assert.deepEqual(told(workers), [[], []]);
});
