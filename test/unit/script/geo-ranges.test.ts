// Values of ranges and networks, beside a list that is searched from its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../src/conf/directive.ts';
import { Networks } from '../../../src/script/geo/networks.ts';
import { Ranges } from '../../../src/script/geo/ranges.ts';

const bytesOf = (n: number): Uint8Array => Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
const textOf = (n: number): string => bytesOf(n).join('.');
const silent = (): void => {};

/** Around the borders of the pieces that ranges are kept in. */
const near = fc.integer({ min: 0x0a00ffe0, max: 0x0a010020 });
const far = fc.integer({ min: 0x0a00fff0, max: 0x0a0500ff });

test('an address has the value of the range that was added last and holds it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(near, far), fc.oneof(near, far))), fc.array(near), (pairs, probes) => {
      const ranges = new Ranges();
      const added: { start: number; end: number; value: string }[] = [];
      for (const [i, [a, b]] of pairs.entries()) {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        // What overlaps is refused piece by piece: only what fits as a whole is compared.
        const fits = added.every((o) => end < o.start || start > o.end || (start >= o.start && end <= o.end));
        if (!fits) continue;
        assert.equal(ranges.add(`${textOf(start)}-${textOf(end)}`, String(i), silent), undefined);
        added.push({ start, end, value: String(i) });
      }
      for (const n of [...probes, ...added.flatMap(({ start, end }) => [start - 1, start, end, end + 1])]) {
        const expected = added.findLast(({ start, end }) => n >= start && n <= end)?.value;
        assert.equal(ranges.find(bytesOf(n)), expected, textOf(n));
      }
    }),
  );
});

test('a range that crosses the border of another is refused, and so is what is none', () => {
  const ranges = new Ranges();
  const add = (text: string): string | undefined => {
    const fault = ranges.add(text, 'x', silent);
    return fault instanceof Fault ? fault.text : undefined;
  };
  assert.equal(add('1.1.1.0-1.1.1.9'), undefined);
  assert.equal(add('1.1.1.3-1.1.1.4'), undefined);
  assert.equal(add('1.1.1.2-1.1.1.5'), 'range "1.1.1.2-1.1.1.5" overlaps "1.1.1.5-1.1.1.9"');
  for (const text of ['', '-', '1.1.1.1', '1.1.1.1-', '1.1.1.2-1.1.1.1', '::1-::2', '1.1.1.1-255.255.255.255']) {
    assert.equal(add(text), `invalid range "${text}"`);
  }
});

test('only a whole range is deleted', () => {
  const ranges = new Ranges();
  ranges.add('1.0.255.0-1.2.0.9', 'x', silent);
  assert.equal(ranges.delete('1.1.0.0-1.1.0.9'), false);
  assert.equal(ranges.find(Uint8Array.of(1, 1, 0, 0)), 'x');
  assert.equal(ranges.delete('1.0.255.0-1.2.0.9'), true);
  assert.equal(ranges.find(Uint8Array.of(1, 1, 0, 0)), undefined);
});

test('of networks the smallest one counts, for each family by itself', () => {
  const network = fc.record({ address: near.map(bytesOf), bits: fc.integer({ min: 0, max: 32 }) });
  const holds = ({ address, bits }: { address: Uint8Array; bits: number }, other: Uint8Array): boolean =>
    Array.from({ length: bits }, (_, i) => i).every(
      (i) => (((address[i >> 3] ?? 0) ^ (other[i >> 3] ?? 0)) & (0x80 >> (i & 7))) === 0,
    );
  fc.assert(
    fc.property(fc.array(network), near, (list, n) => {
      const networks = new Networks();
      for (const [i, item] of list.entries()) networks.set(item, String(i));
      const inside = [...list.entries()].filter(([, item]) => holds(item, bytesOf(n)));
      const smallest = inside.sort(([i, a], [j, b]) => b.bits - a.bits || j - i)[0]?.[0];
      assert.equal(networks.find(bytesOf(n)), smallest === undefined ? undefined : String(smallest));
      assert.equal(networks.find(new Uint8Array(16)), undefined);
    }),
  );
});
