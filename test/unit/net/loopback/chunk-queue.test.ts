// The queue against a plain array, whatever is put in and taken out of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkQueue } from '../../../../src/net/loopback/chunk-queue.ts';

const STEP = fc.oneof(
  fc.constant('take' as const),
  fc.record({
    to: fc.constantFrom('add' as const, 'putBack' as const),
    text: fc.string({ minLength: 1, maxLength: 5 }),
  }),
);

test('chunks come out as they would of an array, and the bytes that wait are counted', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 60 }), (steps) => {
      const queue = new ChunkQueue();
      const model: Buffer[] = [];
      for (const step of steps) {
        if (step === 'take') {
          assert.equal(queue.take(), model.shift());
        } else {
          const chunk = Buffer.from(step.text);
          queue[step.to](chunk);
          if (step.to === 'add') model.push(chunk);
          else model.unshift(chunk);
        }
        assert.equal(queue.bytes, Buffer.concat(model).length);
        assert.equal(queue.isEmpty, model.length === 0);
      }
    }),
  );
});

test('what is wiped is overwritten, wherever in the queue it stood', () => {
  const queue = new ChunkQueue();
  const [taken, back, next, came] = [
    Buffer.from('taken'),
    Buffer.from('back'),
    Buffer.from('next'),
    Buffer.from('came'),
  ];
  queue.add(taken);
  queue.add(next);
  assert.equal(queue.take(), taken);
  queue.putBack(back);
  queue.add(came);
  queue.wipe();
  assert.deepEqual([taken, back, next, came].map(String), ['taken', '\0'.repeat(4), '\0'.repeat(4), '\0'.repeat(4)]);
  assert.deepEqual([queue.isEmpty, queue.bytes, queue.take()], [true, 0, undefined]);
});
