// split_clients: the hash, the borders between shares, and what is refused. The hashes and values are what nginx gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../src/conf/directive.ts';
import { murmurHash2 } from '../../../src/script/split-clients/murmur-hash2.ts';
import { Shares } from '../../../src/script/split-clients/shares.ts';

const BORDERS = [
  ['ucvnQoaN', 21_474_835, 'A'],
  ['nopmI8Hy', 21_474_836, 'B'],
  ['wefwGYJF', 107_374_180, 'B'],
  ['lvbdP8gX', 107_374_181, 'C'],
  ['axfy4c5c', 4_294_967_293, 'F'],
  ['ujpyA3Hj', 4_294_967_294, 'F'],
  ['vqgl7Ij9', 4_294_967_295, 'F'],
] as const;

function shares(...entries: readonly (readonly string[])[]): Shares {
  const made = new Shares();
  for (const entry of entries) assert.equal(made.add(entry), undefined);
  assert.equal(made.finish(), undefined);
  return made;
}

const MANY = shares(['0.5%', 'A'], ['2.0%', 'B'], ['10%', 'C'], ['30.25%', 'D'], ['0.01%', 'E'], ['*', 'F']);
const HALVES = shares(['50%', 'A'], ['50%', 'B']);

for (const [key, hash, value] of BORDERS) {
  test(`the hash of ${key} is ${hash}, which has the value ${value}`, () => {
    assert.equal(murmurHash2(key), hash);
    assert.equal(MANY.find(hash), value);
  });
}

test('texts of any length have a hash', () => {
  const values = ['', 'a', 'user0@example.com', 'user4@example.com', 'user17@example.com'].map((key) =>
    MANY.find(murmurHash2(key)),
  );
  assert.deepEqual(values, ['A', 'F', 'D', 'F', 'C']);
  assert.deepEqual(
    ['', '\xff', '\xff\xfe', '\xff\xfe\xfd'].map(murmurHash2),
    [0, 2_664_983_274, 2_530_721_265, 1_029_784_976],
  );
});

test('what the shares leave has no value', () => {
  const ends = [2_147_483_646, 2_147_483_647, 4_294_967_293, 4_294_967_294];
  assert.deepEqual(
    ends.map((hash) => HALVES.find(hash)),
    ['A', 'B', 'B', undefined],
  );
  assert.equal(new Shares().find(0), undefined);
});

test('sizes that are none are refused, and more than all of it', () => {
  for (const size of ['', '%', '.%', '50', '0%', '0.00%', '0.001%', '1.2.3%', '-5%', '*%', '9'.repeat(18)]) {
    assert.ok(new Shares().add([size, 'x']) instanceof Fault, size);
  }
  const over = new Shares();
  over.add(['99.99%', 'x']);
  over.add(['0.02%', 'y']);
  assert.ok(over.finish() instanceof Fault);
});
