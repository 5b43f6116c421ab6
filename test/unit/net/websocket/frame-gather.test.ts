// Pieces of frames: put together, and nothing held back that would be of use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameGather } from '../../../../src/net/websocket/frame-gather.ts';
import { BINARY, frame } from '../../../support/websocket-client.ts';

test('the ends of frames and of their heads go on at once, and nothing else before it is worth it', () => {
  const gather = new FrameGather();
  const bytes = frame(BINARY, 'x'.repeat(10_000));
  const sizes: number[] = [];
  for (const byte of bytes) {
    const piece = gather.add(Buffer.from([byte]));
    if (piece !== undefined) sizes.push(piece.length);
  }
  assert.deepEqual(sizes, [4, 4096, 4096, 10_008 - 4 - 2 * 4096]);
});

test('what comes in large pieces is not copied', () => {
  const gather = new FrameGather();
  const bytes = frame(BINARY, 'x'.repeat(100_000));
  for (let at = 0; at < bytes.length; at += 4096) {
    const piece = bytes.subarray(at, at + 4096);
    assert.equal(gather.add(piece), piece);
  }
});

test('whatever comes, it is the same bytes in the same order, and little of it waits', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 9000 }))
      .map(([opcode, length]) => frame(opcode, Buffer.alloc(length, 7))),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 6000 }), (parts, size) => {
      const bytes = Buffer.concat(parts);
      const gather = new FrameGather();
      let out: Buffer = Buffer.alloc(0);
      for (let at = 0; at < bytes.length; at += size) {
        const piece = gather.add(bytes.subarray(at, at + size));
        if (piece !== undefined) out = Buffer.concat([out, piece]);
        assert.ok(Math.min(at + size, bytes.length) - out.length < 4096);
      }
      assert.ok(out.equals(bytes.subarray(0, out.length)));
    }),
  );
});
