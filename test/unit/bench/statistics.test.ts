// The arithmetic of the benchmark.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, ratios, summary } from '../../bench/statistics.ts';

test('the median is the value in the middle, in whatever order they come', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([7]), 7);
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  assert.equal(median([4, 1, 100, 2]), 3);
});

test('there is no median of nothing', () => {
  assert.ok(Number.isNaN(median([])));
  assert.equal(summary([]), undefined);
});

test('values are compared as numbers and left in their order', () => {
  const values = [100, 9, 20];
  assert.equal(median(values), 20);
  assert.deepEqual(values, [100, 9, 20]);
});

test('a summary has the median and the ends', () => {
  assert.deepEqual(summary([3, 1, 2]), { median: 2, min: 1, max: 3 });
});

test('ratios are taken round by round', () => {
  assert.deepEqual(ratios([10, 30], [20, 10]), [0.5, 3]);
});

test('a round that one of them lacks has no ratio', () => {
  assert.deepEqual(ratios([10, 30, 50], [20]), [0.5]);
  assert.deepEqual(ratios([10], [20, 40]), [0.5]);
  assert.deepEqual(ratios([10], []), []);
});

test('there is no ratio to nothing', () => {
  assert.deepEqual(ratios([10, 4], [0, 2]), [2]);
});
