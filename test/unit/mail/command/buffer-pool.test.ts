// Command buffers that are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from '../../../../src/mail/command/buffer-pool.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import { bytes, isZero } from '../doubles.ts';

test('a buffer comes back empty and overwritten', () => {
  const pool = new BufferPool();
  for (const consumed of [0, 4, 6]) {
    const buffer = pool.take(8);
    buffer.data.fill(0);
    buffer.fill(bytes('secret'));
    buffer.pos = consumed;
    pool.give(buffer);
    const again = pool.take(8);
    assert.equal(again, buffer);
    assert.deepEqual([again.pos, again.last], [0, 0]);
    assert.ok(isZero(again.data));
  }
});

test('a buffer that started over before it was given back keeps nothing either', () => {
  const pool = new BufferPool();
  const buffer = pool.take(8);
  buffer.data.fill(0);
  buffer.fill(bytes('secret'));
  buffer.reset();
  buffer.fill(bytes('a'));
  pool.give(buffer);
  assert.ok(isZero(buffer.data));
});

test('sizes do not mix', () => {
  const pool = new BufferPool();
  pool.give(new LineBuffer(8));
  assert.equal(pool.take(16).data.length, 16);
  assert.equal(pool.take(8).data.length, 8);
});

test('a buffer is lent to one at a time', () => {
  const pool = new BufferPool();
  pool.give(new LineBuffer(8));
  assert.notEqual(pool.take(8), pool.take(8));
});

test('no more than 64 free buffers of a size are kept', () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 100 }, () => new LineBuffer(8));
  for (const buffer of given) pool.give(buffer);
  const taken = Array.from({ length: 100 }, () => pool.take(8));
  assert.equal(taken.filter((buffer) => given.includes(buffer)).length, 64);
});
