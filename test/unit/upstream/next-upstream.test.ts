// After which failures and answers another server is asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksNext, isFailureOfPeer, type NextOn, reasonOfStatus } from '../../../src/upstream/next-upstream.ts';

const rules = (...on: NextOn[]) => ({ on: new Set(on), tries: 0, timeoutMs: 0 });
const tried = { method: 'GET', requestSent: true, hasMore: true, elapsedMs: 5 };

test('another peer is asked after what the rules name', () => {
  assert.equal(asksNext('error', rules('error', 'timeout'), tried), true);
  assert.equal(asksNext('invalid_header', rules('error', 'timeout'), tried), false);
  assert.equal(asksNext('error', rules('error', 'off'), tried), false);
  assert.equal(asksNext('error', rules('error'), { ...tried, hasMore: false }), false);
});

test('not beyond next_upstream_timeout', () => {
  const limited = { ...rules('error'), timeoutMs: 100 };
  assert.equal(asksNext('error', limited, { ...tried, elapsedMs: 99 }), true);
  assert.equal(asksNext('error', limited, { ...tried, elapsedMs: 100 }), false);
});

test('a request that could do something twice is sent once', () => {
  for (const method of ['POST', 'LOCK', 'PATCH']) {
    assert.equal(asksNext('error', rules('error'), { ...tried, method }), false, method);
    assert.equal(asksNext('error', rules('error'), { ...tried, method, requestSent: false }), true, method);
    assert.equal(asksNext('error', rules('error', 'non_idempotent'), { ...tried, method }), true, method);
  }
});

test('statuses that rules can name', () => {
  assert.equal(reasonOfStatus(503), 'http_503');
  assert.equal(reasonOfStatus(501), undefined);
  assert.deepEqual([403, 404, 429, 500].map(isFailureOfPeer), [false, false, true, true]);
});
