// Scales and the ticks of axes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linearScale, logScale, roundUp, timeTicks, valueTicks } from '../../../src/dashboard/scale.ts';

test('a linear scale goes from border to border, also downwards', () => {
  const scale = linearScale({ from: 0, to: 50 }, { from: 200, to: 0 });
  assert.deepEqual([0, 25, 50].map(scale), [200, 100, 0]);
  assert.equal(linearScale({ from: 7, to: 7 }, { from: 0, to: 10 })(7), 5);
});

test('a logarithmic scale gives each power of ten the same room, and keeps to its borders', () => {
  const scale = logScale({ from: 1, to: 1000 }, { from: 0, to: 90 });
  assert.deepEqual(
    [1, 10, 100, 1000].map((value) => Math.round(scale(value))),
    [0, 30, 60, 90],
  );
  assert.deepEqual([0, 5000].map(scale), [0, 90]);
});

test('what is round is 1, 2 or 5 times a power of ten', () => {
  assert.deepEqual([0.03, 1, 1.1, 3, 7, 4001].map(roundUp), [0.05, 1, 2, 5, 10, 5000]);
  assert.equal(roundUp(0), 0);
});

test('the ticks of an axis begin at zero and reach what is greatest', () => {
  assert.deepEqual(valueTicks(3, 4, 1), [0, 1, 2, 3]);
  assert.deepEqual(valueTicks(0, 4, 4), [0, 1, 2, 3, 4]);
  assert.deepEqual(valueTicks(46_900, 4, 4), [0, 20_000, 40_000, 60_000]);
  assert.deepEqual(valueTicks(0.5, 4, 1), [0, 0.5, 1]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (greatest) => {
      const ticks = valueTicks(greatest, 4, 1);
      assert.equal(ticks[0], 0);
      assert.ok((ticks.at(-1) ?? 0) >= greatest * (1 - 1e-6));
      assert.ok(ticks.length >= 2 && ticks.length <= 6);
    }),
  );
});

test('ticks of time are whole in the time zone of who looks, and not too many', () => {
  const MINUTE = 60_000;
  const from = Date.UTC(2026, 0, 1, 12, 3, 7);
  const ticks = timeTicks({ from, to: from + 60 * MINUTE }, 6);
  assert.deepEqual(
    ticks.map((tick) => new Date(tick).toISOString().slice(11, 19)),
    ['12:10:00', '12:20:00', '12:30:00', '12:40:00', '12:50:00', '13:00:00'],
  );
  const india = 330 * MINUTE;
  for (const tick of timeTicks({ from, to: from + 240 * MINUTE }, 4, india))
    assert.equal((tick + india) % (60 * MINUTE), 0);
});
