// When the page connects again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Retry } from '../../../src/dashboard/retry.ts';

test('a server that restarts is there again at once, but not for ever', () => {
  for (const code of [1001, 1012]) {
    const retry = new Retry(() => 1);
    assert.equal(retry.waitAfter(code), 0);
    assert.equal(retry.waitAfter(code), 1000);
  }
});

test('the waits double up to a quarter of a minute, and begin anew with a message', () => {
  const retry = new Retry(() => 1);
  const waits = Array.from({ length: 8 }, () => retry.waitAfter(1006));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.equal(retry.failures, 8);
  retry.succeeded();
  assert.equal(retry.waitAfter(1006), 500);
});

test('pages that lost the same server do not come back at the same moment', () => {
  assert.equal(new Retry(() => 0).waitAfter(1006), 250);
});
