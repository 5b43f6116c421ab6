// Which server a user belongs to: with sessions, after the last one, without room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AffinityRules, AffinityTable } from '../../../src/upstream/affinity/table.ts';
import { userKey } from '../../../src/upstream/affinity/zone.ts';

const RULES: AffinityRules = { users: 3, timeoutMs: 1000 };
const NOW = 1_000_000;

class Table extends AffinityTable<string> {
  begins(user: string, server: string, nowMs = NOW, holder = 'w1'): string {
    return this.claim(user, server, holder, RULES, nowMs);
  }

  ends(user: string, nowMs = NOW, counts = true, holder = 'w1'): void {
    this.end(user, holder, counts, RULES, nowMs);
  }
}

test('a user belongs to the first server while a session lives, and for the time after the last one', () => {
  const table = new Table();
  assert.equal(table.begins('joe', 'a'), 'a');
  assert.equal(table.begins('joe', 'b', NOW, 'w2'), 'a', 'whichever worker has the session');
  table.ends('joe');
  assert.equal(table.begins('joe', 'b', NOW + 99_000), 'a', 'the other session lives');
  table.ends('joe', NOW + 100_000);
  table.ends('joe', NOW + 100_000, true, 'w2');
  assert.equal(table.begins('joe', 'b', NOW + 100_999), 'a');
  table.ends('joe', NOW + 101_000);
  assert.equal(table.begins('joe', 'b', NOW + 102_000), 'b', 'the time is over');
});

test('a server that cannot take the user is replaced for all of their sessions', () => {
  const table = new Table();
  table.begins('joe', 'a');
  table.move('joe', 'b');
  assert.equal(table.begins('joe', 'a'), 'b');
  table.move('jim', 'b');
  assert.equal(table.begins('jim', 'a'), 'a', 'who has no session is nowhere');
});

test('a login that fails leaves nothing behind, unless the user has other sessions', () => {
  const table = new Table();
  table.begins('joe', 'a');
  table.ends('joe', NOW, false);
  assert.equal(table.begins('joe', 'b'), 'b');
  table.begins('joe', 'c');
  table.ends('joe', NOW, false);
  assert.equal(table.begins('joe', 'c'), 'b');
});

test('a login that fails takes nothing away from what is remembered, however many try', () => {
  const table = new Table();
  table.begins('joe', 'a');
  table.ends('joe');
  table.begins('joe', 'b', NOW + 500);
  table.ends('joe', NOW + 500, false);
  assert.equal(table.begins('joe', 'b', NOW + 900), 'a');
  table.ends('joe', NOW + 900, false);
  assert.equal(table.begins('joe', 'b', NOW + 1000), 'b', 'nor does it add to the time');
  table.begins('joe', 'c', NOW + 1000, 'w2');
  table.ends('joe', NOW + 1000);
  table.ends('joe', NOW + 1100, false, 'w2');
  assert.equal(table.begins('joe', 'c', NOW + 1500), 'b', 'a session has ended that was one');
});

test('a holder that is gone has no sessions', () => {
  const table = new Table();
  table.begins('joe', 'a');
  table.begins('jim', 'a', NOW, 'w2');
  table.leave('w1', RULES, NOW);
  table.leave('w2', RULES, NOW + 500);
  assert.deepEqual([table.begins('joe', 'b', NOW + 1001), table.begins('jim', 'b', NOW + 1001)], ['b', 'a']);
});

test('without room the user goes first whose last session ended first; those with sessions stay', () => {
  const table = new Table();
  for (const user of ['u1', 'u2', 'u3']) table.begins(user, 'a');
  for (const user of ['u2', 'u1']) table.ends(user);
  assert.equal(table.begins('u4', 'b'), 'b');
  assert.equal(table.begins('u1', 'c'), 'a');
  assert.equal(table.begins('u5', 'c'), 'c');
  assert.equal(table.begins('u5', 'd'), 'd', 'all three are taken, so that nothing is remembered of it');
  table.ends('u5');
  assert.equal(table.begins('u3', 'd'), 'a');
});

test('an end that nobody has begun is none', () => {
  const table = new Table();
  table.ends('joe');
  table.begins('joe', 'a');
  table.ends('joe', NOW, true, 'w2');
  assert.equal(table.begins('joe', 'b', NOW + 5000), 'a');
});

test('users are known by digests of one length', () => {
  assert.equal(userKey('joe').length, 22);
  assert.equal(userKey('x'.repeat(1000)).length, 22);
  assert.notEqual(userKey('joe'), userKey('jim'));
});
