// What is held for a handler that has paused: all of it, in order, without a buffer for every byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldInput } from '../../../../src/net/handle/held-input.ts';

const bytes = (from: number, count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, i) => from + i));

function drain(held: HeldInput): Buffer[] {
  const pieces: Buffer[] = [];
  while (held.bytes > 0) pieces.push(held.take() ?? Buffer.alloc(0));
  return pieces;
}

test('small pieces are put together, and come in order', () => {
  const held = new HeldInput(Buffer.from('a'));
  for (let i = 0; i < 5000; i++) held.add(Buffer.from([i % 251]));
  held.add(Buffer.alloc(4096, 'large'));
  held.add(Buffer.from('z'));
  held.putBack(Buffer.from('first'));
  const pieces = drain(held);
  assert.ok(pieces.length < 12, `${pieces.length} pieces`);
  const expected = ['first', 'a', Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251))];
  assert.deepEqual(
    Buffer.concat(pieces),
    Buffer.concat([...expected.map((part) => Buffer.from(part)), Buffer.alloc(4096, 'large'), Buffer.from('z')]),
  );
});

test('a piece that was taken stays what it is when more comes', () => {
  const held = new HeldInput(bytes(0, 1));
  held.add(bytes(1, 2));
  assert.deepEqual(held.take(), bytes(0, 1));
  const taken = held.take();
  held.add(bytes(3, 4));
  assert.deepEqual(taken, bytes(1, 2));
  assert.deepEqual(held.join(), bytes(3, 4));
});

test('small pieces leave no copy behind, and all of it can be wiped', () => {
  const held = new HeldInput(Buffer.from('secret'));
  const more = Buffer.from('secret');
  held.add(more);
  assert.deepEqual(more, Buffer.alloc(6));
  held.wipe();
  assert.deepEqual(held.join(), Buffer.alloc(12));
});
