// How long the place of a dead worker stays empty.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RespawnDelay } from '../../../../src/process/master/respawn-delay.ts';

/** Deaths at these times, in milliseconds. @returns the delays */
function delays(...times: readonly number[]): readonly number[] {
  let now = 0;
  const delay = new RespawnDelay(() => now);
  return times.map((time) => {
    now = time;
    return delay.next();
  });
}

test('two deaths within a second are made good at once, the third a little later', () => {
  assert.deepEqual(delays(0, 500, 999), [0, 0, 100]);
});

test('deaths that are far apart are made good at once, however many', () => {
  assert.deepEqual(delays(0, 1000, 2000, 3000, 10_000), [0, 0, 0, 0, 0]);
});

test('who keeps dying waits twice as long each time, up to ten seconds', () => {
  const times: number[] = [];
  let now = 0;
  const delay = new RespawnDelay(() => now);
  for (let i = 0; i < 12; i++) {
    const next = delay.next();
    times.push(next);
    now += next + 10; // it dies as soon as it has started
  }
  assert.deepEqual(times, [0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
});

test('who has lived long enough starts anew', () => {
  assert.deepEqual(delays(0, 10, 20, 130, 10_000, 10_010), [0, 0, 100, 200, 0, 0]);
});
