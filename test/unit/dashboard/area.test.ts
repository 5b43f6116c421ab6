// Layers of area charts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averaged, layers, runs } from '../../../src/dashboard/area.ts';

const same = (value: number): number => value;
const points = [
  { atMs: 0, values: [1, 2] },
  { atMs: 10, values: [3, 0] },
];

test('a layer stands on those below it', () => {
  const [low, high] = layers([points], same, same);
  assert.equal(low?.area, 'M0,1L10,3L10,0L0,0Z');
  assert.equal(low?.line, 'M0,1L10,3');
  assert.equal(high?.area, 'M0,3L10,3L10,3L0,1Z');
});

test('the edge of a layer that is not there is not drawn', () => {
  const none = [0, 1, 2, 3, 4].map((atMs) => ({ atMs, values: [5, atMs === 4 ? 1 : 0] }));
  const [, high] = layers([none], same, same);
  assert.equal(high?.line, 'M3,5L4,6');
});

test('where nothing is known there is a gap', () => {
  const parts = runs([{ atMs: 0 }, { atMs: 5 }, { atMs: 30 }], 15);
  assert.deepEqual(parts, [[{ atMs: 0 }, { atMs: 5 }], [{ atMs: 30 }]]);
  const [layer] = layers([[{ atMs: 0, values: [1] }], [{ atMs: 9, values: [2] }]], same, same);
  assert.equal(layer?.line, 'M0,1M9,2');
  assert.deepEqual(layers([], same, same), []);
});

test('what shares a slot of time is one point, and slots stay where they are', () => {
  const many = [0, 1, 2, 3, 4, 5].map((atMs) => ({ atMs, values: [atMs] }));
  assert.deepEqual(averaged(many, 2), [
    { atMs: 0.5, values: [0.5] },
    { atMs: 2.5, values: [2.5] },
    { atMs: 4.5, values: [4.5] },
  ]);
  assert.deepEqual(averaged(many.slice(2), 2), averaged(many, 2).slice(1));
});
