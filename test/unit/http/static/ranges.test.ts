// The Range line: which parts of a file it asks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRanges } from '../../../../src/http/static/ranges.ts';

const MANY = Number.POSITIVE_INFINITY;

const of = (text: string, most = MANY): string => {
  const found = parseRanges(text, 10, most);
  return typeof found === 'string' ? found : found.map(({ from, to }) => `${from}-${to}`).join(' ');
};

const CASES: readonly (readonly [text: string, parts: string])[] = [
  ['bytes=0-1', '0-2'],
  ['Bytes=0-', '0-10'],
  ['bytes=-3', '7-10'],
  ['bytes=-30', '0-10'],
  ['bytes=9-100', '9-10'],
  ['bytes= 1 - 2 , -1 ', '1-3 9-10'],
  ['bytes=0-1,20-30', '0-2'],
  ['bytes=00-01', '0-2'],
  ['bytes=0-4,5-9', '0-5 5-10'],
  ['bytes=0-9,0-0', 'whole'],
  ['bytes=', 'whole'],
  ['byte=0-1', 'whole'],
  ['', 'whole'],
  ['bytes=10-', 'bad'],
  ['bytes=3-2', 'bad'],
  ['bytes=-0', 'bad'],
  ['bytes=-', 'bad'],
  ['bytes=0-1,', 'bad'],
  ['bytes=0-1 2-3', 'bad'],
  ['bytes=0--1', 'bad'],
  [`bytes=${'9'.repeat(20)}-`, 'bad'],
  [`bytes=-${'9'.repeat(20)}`, 'bad'],
];

test('parts of ten bytes', () => {
  for (const [text, parts] of CASES) assert.equal(of(text), parts, text);
});

test('more ranges than are wanted make it the whole file; those outside are not counted', () => {
  assert.equal(of('bytes=0-0,2-2', 1), 'whole');
  assert.equal(of('bytes=20-,30-,2-2', 1), '2-3');
});

test('whatever is sent, parts lie within the file, and are no longer than it', () => {
  const text = fc.array(fc.constantFrom('0', '9', '5', '-', ',', ' ', 'x')).map((all) => `bytes=${all.join('')}`);
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 1000 }), (range, size) => {
      const parts = parseRanges(range, size, MANY);
      if (typeof parts === 'string') return;
      assert.ok(parts.length > 0);
      for (const { from, to } of parts) assert.ok(from >= 0 && from < to && to <= size);
      assert.ok(parts.reduce((sum, { from, to }) => sum + to - from, 0) <= size);
    }),
  );
});

test('a line of many ranges takes no time to speak of', () => {
  assert.equal(of(`bytes=${'0-0,'.repeat(8000)}x`), 'bad');
  assert.equal(of(`bytes=${' '.repeat(30_000)}x`), 'bad');
});
