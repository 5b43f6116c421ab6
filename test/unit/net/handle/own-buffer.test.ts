// The buffer of a busy relay: what was read stands in it until it is taken, and nothing that is on its way is overwritten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OwnBuffer } from '../../../../src/net/handle/own-buffer.ts';

const PIECE = 16_384;

test('pieces that follow each other are taken as one', () => {
  const own = new OwnBuffer(Buffer.alloc(4 * PIECE));
  own.rest.fill('a', 0, PIECE);
  own.add(PIECE);
  own.rest.fill('b', 0, 3);
  own.add(3);
  assert.equal(own.take().toString('latin1'), `${'a'.repeat(PIECE)}bbb`);
  assert.equal(own.take().length, 0);
});

test('there is room as long as another piece fits', () => {
  const own = new OwnBuffer(Buffer.alloc(3 * PIECE));
  own.add(PIECE);
  assert.equal(own.hasRoom, true);
  own.add(PIECE);
  assert.equal(own.hasRoom, true);
  assert.equal(own.room, PIECE);
  own.add(1);
  assert.equal(own.hasRoom, false);
  own.takeLast();
  assert.equal(own.room, 3 * PIECE);
});

test('whatever is read and taken when, every byte is taken once, in order, and what was taken last is not touched', () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: PIECE }), takes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const own = new OwnBuffer(Buffer.alloc(4 * PIECE));
      const [put, got]: [Buffer[], Buffer[]] = [[], []];
      let next = 0;
      let last: { readonly view: Buffer; readonly copy: Buffer } | undefined;
      const took = (view: Buffer): void => {
        last = { view, copy: Buffer.from(view) };
        got.push(last.copy);
      };
      for (const { bytes, takes } of steps) {
        const piece = Buffer.alloc(bytes, ++next);
        piece.copy(own.rest);
        assert.ok(own.copy(bytes).equals(piece));
        own.add(bytes);
        put.push(piece);
        if (last !== undefined) assert.ok(last.view.equals(last.copy), 'it may be on its way');
        if (!own.hasRoom) {
          got.push(Buffer.from(own.takeLast())); // it is gone before the next read
          last = undefined;
        } else if (takes) took(own.take());
      }
      got.push(Buffer.from(own.take()));
      assert.ok(Buffer.concat(got).equals(Buffer.concat(put)));
    }),
    { numRuns: 60 },
  );
});
