// The history of the page: what it has and what the server tells become one, of a bounded size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { append, indexAt, KEPT_MS, mergeHistory, nearest } from '../../../src/dashboard/history.ts';
import type { Sample } from '../../../src/http/dashboard/messages.ts';

const NOW = 1_800_000_000_000;
const sample = (atMs: number, imap = 1): Sample => ({ atMs, sessions: { imap }, ok: 1, refused: 0, error: 0 });
const times = (history: readonly Sample[]): number[] => history.map(({ atMs }) => atMs - NOW);

test('what the page missed is filled in, and what it has stays', () => {
  const known = [sample(NOW - 20_000, 7), sample(NOW - 19_000, 7)];
  const told = [sample(NOW - 25_000, 3), sample(NOW - 20_200, 3), sample(NOW - 15_000, 3), sample(NOW - 10_000, 3)];
  const merged = mergeHistory(known, told, NOW);
  assert.deepEqual(times(merged), [-25_000, -20_200, -19_000, -15_000, -10_000]);
  assert.equal(merged[2]?.sessions.imap, 7);
});

test('seconds are kept for five minutes, one in five for an hour, and nothing longer', () => {
  const history: Sample[] = [];
  for (let second = 0; second <= 2 * 3600; second++) append(history, sample(NOW + second * 1000));
  const last = NOW + 7_200_000;
  assert.equal(history.at(-1)?.atMs, last);
  assert.ok((history[0]?.atMs ?? 0) > last - KEPT_MS - 5000);
  assert.ok(history.length < 660 + 310, String(history.length));
  assert.equal(history.filter(({ atMs }) => atMs > last - 295_000).length, 295);
});

test('a clock that was set back loses what is now to come, and goes on', () => {
  const history = [sample(NOW), sample(NOW + 60_000)];
  append(history, sample(NOW + 1000));
  assert.deepEqual(times(history), [0, 1000]);
});

test('the same moment twice is there once', () => {
  const history = [sample(NOW)];
  append(history, sample(NOW + 100));
  assert.deepEqual(times(history), [0]);
});

test('a moment finds the sample that is closest', () => {
  const history = [0, 1000, 5000].map((at) => sample(NOW + at));
  assert.deepEqual(
    [-9, 0, 400, 600, 2900, 3100, 9999].map((at) => nearest(history, NOW + at)),
    [0, 0, 0, 1, 1, 2, 2],
  );
  assert.deepEqual(
    [-1, 0, 1, 5001].map((at) => indexAt(history, NOW + at)),
    [0, 0, 1, 3],
  );
});

test('whatever comes in whatever order, the history is in order', () => {
  const moments = fc.array(fc.integer({ min: -4_000_000, max: 0 }).map((at) => sample(NOW + at)));
  fc.assert(
    fc.property(moments, moments, (one, other) => {
      const merged = mergeHistory(one, other, NOW);
      merged.reduce((before, { atMs }) => {
        assert.ok(atMs - before >= 500);
        return atMs;
      }, 0);
    }),
  );
});
