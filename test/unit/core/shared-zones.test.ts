// Zones of shared memory: what a name may stand for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedZones } from '../../../src/core/shared-zones.ts';

test('a zone has one use and one size, which may come later', () => {
  const zones = new SharedZones();
  assert.equal(zones.declare('a', 0, 'one'), undefined);
  assert.equal(zones.withoutSize, 'a');
  assert.equal(zones.declare('a', 4096, 'one'), undefined);
  assert.equal(zones.withoutSize, undefined);
  assert.equal(zones.declare('a', 0, 'one'), undefined);
  assert.equal(
    zones.declare('a', 8192, 'one')?.text,
    'the size 8192 of shared memory zone "a" conflicts with already declared size 4096',
  );
  assert.equal(
    zones.declare('a', 8192, 'two')?.text,
    'the shared memory zone "a" is already declared for a different use',
  );
  assert.equal(zones.declare('b', 8192, 'two'), undefined);
});
