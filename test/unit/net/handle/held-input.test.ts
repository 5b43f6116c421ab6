// What waits for a handler that has paused: nothing gets lost, and what was put back comes first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldInput } from '../../../../src/net/handle/held-input.ts';

const text = (held: HeldInput): readonly string[] => {
  const pieces: string[] = [];
  while (held.bytes > 0) pieces.push(String(held.take()));
  return pieces;
};

test('pieces come in their order, after those that were put back', () => {
  const held = new HeldInput(Buffer.from('two '));
  held.add(Buffer.from('three'));
  held.putBack(Buffer.from('one '));
  assert.equal(held.bytes, 13);
  assert.equal(String(held.join()), 'one two three');
  assert.deepEqual(text(held), ['one ', 'two ', 'three']);
  assert.equal(held.bytes, 0);
  assert.equal(held.take(), undefined);
  assert.equal(held.bytes, 0);
});

test('what is forgotten is overwritten', () => {
  const pieces = [Buffer.from('secret'), Buffer.from('word')] as const;
  const held = new HeldInput(pieces[0]);
  held.add(pieces[1]);
  held.wipe();
  for (const piece of pieces) assert.deepEqual(piece, Buffer.alloc(piece.length));
});
