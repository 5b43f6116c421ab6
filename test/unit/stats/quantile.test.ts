// Quantiles of histograms: within the bucket that they are in, of what was gained only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTOGRAM_SLOTS, type Histogram, histogramOf, observe } from '../../../src/stats/histogram.ts';
import { gained, quantile } from '../../../src/stats/quantile.ts';

function histogram(times: readonly number[]): Histogram {
  const values = new Float64Array(HISTOGRAM_SLOTS);
  for (const ms of times) observe(values, 0, ms);
  return histogramOf(values, 0);
}

test('spread evenly over a bucket', () => {
  const even = histogram([3, 3, 3, 3]);
  assert.equal(quantile(even, 0.5), 3.75);
  assert.equal(quantile(even, 1), 5);
  const mixed = histogram([...new Array<number>(98).fill(0.5), 700, 700]);
  assert.ok((quantile(mixed, 0.5) ?? 0) <= 1);
  assert.equal(quantile(mixed, 0.99), 750);
});

test('of nothing there is none, and beyond the last end it is that', () => {
  assert.equal(quantile(histogram([]), 0.5), undefined);
  assert.equal(quantile(histogram([100_000]), 0.5), 60_000);
});

test('what was there before does not count', () => {
  const before = histogram([700, 700, 700]);
  const now = histogram([700, 700, 700, 3]);
  assert.ok((quantile(gained(now, before), 0.99) ?? 100) <= 5);
  assert.equal(quantile(gained(before, now), 0.5), undefined);
  assert.equal(gained(now, undefined).counts.at(-1), 4);
});
