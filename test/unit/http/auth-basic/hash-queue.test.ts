// The queue of slow hashes: turns, those that nobody wants any more, and those that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hashing } from '../../../../src/http/auth-basic/crypt/hashing.ts';
import { HashQueue } from '../../../../src/http/auth-basic/hash-queue.ts';

const wanted = (): boolean => true;

/** Takes that many turns: each holds out until its time is over. */
function* slow(name: string, turns: number): Hashing {
  for (let turn = 0; turn < turns; turn++) {
    const endMs = performance.now() + 3;
    while (performance.now() < endMs);
    yield;
  }
  return name;
}

function* failing(): Hashing {
  yield;
  throw new Error('broken');
}

test('a short one does not wait for the end of a long one', async () => {
  const queue = new HashQueue();
  const order: (string | undefined)[] = [];
  const tell = async (hash: Promise<string | undefined>): Promise<unknown> => order.push(await hash);
  await Promise.all([
    tell(queue.run(slow('long', 30), wanted)),
    tell(queue.run(slow('middle', 5), wanted)),
    tell(queue.run(slow('short', 1), wanted)),
  ]);
  assert.deepEqual(order, ['short', 'middle', 'long']);
});

test('the event loop goes on meanwhile', async () => {
  const queue = new HashQueue();
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  turn();
  await queue.run(slow('x', 20), wanted);
  isOver = true;
  assert.ok(turns >= 20, String(turns));
});

test('only a few are begun at a time, and all of them end', async () => {
  const queue = new HashQueue();
  let running = 0;
  let most = 0;
  function* counted(): Hashing {
    most = Math.max(most, ++running);
    yield* slow('', 2);
    running--;
    return 'done';
  }
  const hashes = await Promise.all(Array.from({ length: 20 }, () => queue.run(counted(), wanted)));
  assert.deepEqual(new Set(hashes), new Set(['done']));
  assert.equal(most, 4);
});

test('what nobody wants any more is not computed to its end', async () => {
  const queue = new HashQueue();
  let isWanted = true;
  const endless = queue.run(slow('never', Number.POSITIVE_INFINITY), () => isWanted);
  assert.equal(await queue.run(slow('other', 2), wanted), 'other');
  isWanted = false;
  assert.equal(await endless, undefined);
  assert.equal(await queue.run(slow('next', 1), wanted), 'next');
});

test('one that fails does not hold up the others', async () => {
  const queue = new HashQueue();
  const broken = queue.run(failing(), wanted);
  const other = queue.run(slow('other', 1), wanted);
  await assert.rejects(broken, /broken/);
  assert.equal(await other, 'other');
});
