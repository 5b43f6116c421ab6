// Answers that are used again: until their time, within a bound, and the one that was not used goes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReplyStore, type StoredReply } from '../../../../src/mail/auth-cache/reply-store.ts';

const NOTHING: StoredReply = {
  failure: undefined,
  server: undefined,
  port: undefined,
  user: undefined,
  sealedPass: undefined,
  waitS: 0,
  code: undefined,
  method: undefined,
  ok: true,
  saslError: undefined,
  ssl: undefined,
  sslName: undefined,
  proxyVersion: undefined,
  source: undefined,
  kept: undefined,
};
const KIB = 1024;
const large = (bytes: number): StoredReply => ({ ...NOTHING, user: Buffer.alloc(bytes) });

test('an answer is there until its time is over, and then it is gone', () => {
  const store = new ReplyStore(KIB);
  store.set('a', NOTHING, 100);
  assert.equal(store.get('a', 99), NOTHING);
  assert.equal(store.get('a', 100), undefined);
  assert.equal(store.size, 0);
});

test('a later answer takes the place of the one before, with its own time', () => {
  const store = new ReplyStore(KIB);
  const later = large(1);
  store.set('a', NOTHING, 100);
  store.set('a', later, 200);
  assert.equal(store.get('a', 150), later);
  assert.equal(store.size, 1);
});

test('where there is no room the answer that was used last stays', () => {
  const store = new ReplyStore(3 * KIB);
  for (const id of ['a', 'b', 'c']) store.set(id, large(200), 100);
  assert.ok(store.get('a', 0));
  store.set('d', large(200), 100);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((id) => store.get(id, 0) !== undefined),
    ['a', 'c', 'd'],
  );
});

test('what is too large for the zone is not kept, and costs the others nothing', () => {
  const store = new ReplyStore(2 * KIB);
  store.set('a', NOTHING, 100);
  store.set('b', large(2 * KIB), 100);
  assert.equal(store.get('b', 0), undefined);
  assert.equal(store.get('a', 0), NOTHING);
});

test('whatever comes and goes, there is never more than fits', () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 9 }), bytes: fc.nat(900), removes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new ReplyStore(4 * KIB);
      for (const { id, bytes, removes } of steps) {
        if (removes) store.remove(`${id}`);
        else store.set(`${id}`, large(bytes), 100);
        assert.ok(store.size <= 6, 'an entry takes 640 bytes at the least');
        if (!removes) assert.equal(store.get(`${id}`, 0)?.user?.length, bytes);
      }
    }),
  );
});
