import assert from 'node:assert/strict';
import test from 'node:test';
import { AnswerCache } from '../../../../src/core/resolver/cache.ts';

test('a full cache loses what was not used for longest', () => {
  const cache = new AnswerCache<number>(3, 30);
  for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, i, 100, 0);
  assert.equal(cache.get('a', 1), 0);
  cache.set('d', 3, 100, 1);
  assert.equal(cache.size, 3);
  assert.equal(cache.get('b', 1), undefined);
  assert.equal(cache.get('a', 1), 0);
});

test('an entry that was not used for its idle time goes when another comes', () => {
  const cache = new AnswerCache<number>(3, 30);
  cache.set('idle', 1, 1000, 0);
  cache.set('used', 2, 1000, 0);
  assert.equal(cache.get('used', 20), 2);
  cache.set('new', 3, 1000, 30);
  assert.equal(cache.get('idle', 30), undefined);
  assert.equal(cache.get('used', 30), 2);
});

test('an entry holds in its last second and not after it', () => {
  const cache = new AnswerCache<number>(3, 30);
  cache.set('a', 1, 5, 5);
  assert.equal(cache.get('a', 5), 1);
  assert.equal(cache.get('a', 6), undefined);
  assert.equal(cache.size, 0);
});
