// Long work in slices: others have their turn between two of them, and one kind of work is done before the next.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers';
import { Slices } from '../../../src/control/slices.ts';

/** Each thing takes a millisecond. */
function bench(): { readonly slices: Slices; readonly done: string[]; work(name: string): (thing: number) => void } {
  let now = 0;
  const done: string[] = [];
  const work = (name: string) => (thing: number) => {
    now++;
    done.push(`${name}${thing}`);
  };
  return { slices: new Slices(() => now), done, work };
}

test('a slice is five milliseconds, and others have their turn behind it', async () => {
  const { slices, done, work } = bench();
  const things = Array.from({ length: 12 }, (_, i) => i);
  const run = slices.run(things, 1, work('a'));
  const turn = (): void => {
    done.push('turn');
    if (done.length < 14) setImmediate(turn);
  };
  setImmediate(turn);
  assert.equal(await run, true);
  const slicesOf = done
    .join(' ')
    .split('turn')
    .map((slice) => slice.trim());
  assert.deepEqual(
    slicesOf.filter((slice) => slice !== ''),
    ['a0 a1 a2 a3 a4', 'a5 a6 a7 a8 a9', 'a10 a11'],
  );
});

test('the clock is looked at after so many things only', async () => {
  const { slices, done, work } = bench();
  setImmediate(() => done.push('turn'));
  await slices.run([0, 1, 2, 3, 4, 5, 6, 7, 8], 4, work('a'));
  assert.deepEqual(done.indexOf('turn'), 8);
});

test('who comes later waits, is asked whether it is still wanted, and goes on where others fail', async () => {
  const { slices, done, work } = bench();
  const first = slices.run([0, 1, 2, 3, 4, 5, 6], 1, work('a'));
  const broken = slices.run([0], 1, () => {
    throw new Error('broken');
  });
  const unwanted = slices.run([0], 1, work('b'), () => false);
  const last = slices.run([0], 1, work('c'));
  await assert.rejects(broken, /broken/);
  assert.deepEqual([await first, await unwanted, await last], [true, false, true]);
  assert.deepEqual(done, ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'c0']);
});

test('things may come and go meanwhile', async () => {
  const { slices, done, work } = bench();
  const things = new Set(Array.from({ length: 9 }, (_, i) => i));
  const run = slices.run(things, 1, work('a'));
  setImmediate(() => {
    things.delete(7);
    things.add(9);
  });
  await run;
  assert.deepEqual(done.slice(5), ['a5', 'a6', 'a8', 'a9']);
});
