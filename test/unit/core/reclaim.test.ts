// When memory is collected: once, and a while after much has gone.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Collection, Reclaimer } from '../../../src/core/reclaim.ts';

const QUIET_MS = 2000;

function counter(t: TestContext): { count: number; readonly collect: () => void } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const counted = {
    count: 0,
    collect: () => {
      counted.count++;
    },
  };
  return counted;
}

test('a collection comes once, a while after it was first asked for, however often that is', (t) => {
  const counted = counter(t);
  const collection = new Collection(counted.collect);
  for (let i = 0; i < QUIET_MS; i++) {
    assert.equal(counted.count, 0);
    collection.soon();
    t.mock.timers.tick(1);
  }
  assert.equal(counted.count, 1);
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 1);
  collection.soon();
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 2);
});

test('a collection that was taken back does not come', (t) => {
  const counted = counter(t);
  const collection = new Collection(counted.collect);
  collection.soon();
  collection.cancel();
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 0);
});

test('a crowd that has left for a while is worth a collection, a small one is not', (t) => {
  const counted = counter(t);
  const reclaimer = new Reclaimer(counted.collect);
  for (const crowd of [499, 0]) reclaimer.count(crowd);
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 0);
  reclaimer.count(1000);
  t.mock.timers.tick(QUIET_MS);
  reclaimer.count(251);
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 0);
  reclaimer.count(250);
  t.mock.timers.tick(QUIET_MS - 1);
  reclaimer.count(251); // some of them are back
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 0);
  for (let sessions = 250; sessions >= 0; sessions--) reclaimer.count(sessions);
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 1);
  // The next crowd is measured by itself.
  for (const crowd of [400, 0]) reclaimer.count(crowd);
  t.mock.timers.tick(QUIET_MS);
  assert.equal(counted.count, 1);
});
