// Numbers, sizes and times: what they are worth; golden cases hold what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  lower,
  parseFlag,
  parseMsec,
  parseNumber,
  parseOffset,
  parseSec,
  parseSize,
  parseWord,
} from '../../../src/conf/values.ts';

test('numbers are decimal digits up to the largest int64', () => {
  assert.equal(parseNumber('0012'), 12);
  assert.equal(parseNumber('9223372036854775807'), 2 ** 63);
  assert.equal(parseNumber('9223372036854775808'), undefined);
  for (const text of ['', '-1', '+1', '1 ', '1e3', '0x1', '\xb2']) assert.equal(parseNumber(text), undefined, text);
});

test('sizes take k and m, offsets g as well', () => {
  assert.equal(parseSize('8k'), 8192);
  assert.equal(parseSize('8K'), 8192);
  assert.equal(parseSize('1M'), 1_048_576);
  assert.equal(parseSize('1g'), undefined);
  assert.equal(parseOffset('1g'), 1_073_741_824);
  assert.equal(parseOffset('3G'), 3_221_225_472);
  for (const text of ['', 'k', '1kk', '1.5k', '-1', 'k1', '1t', '4096b']) {
    assert.equal(parseSize(text), undefined, text);
    assert.equal(parseOffset(text), undefined, text);
  }
});

test('sizes overflow as an int64 does', () => {
  assert.equal(parseSize('9007199254740991k'), 9007199254740991 * 1024);
  assert.equal(parseSize('9007199254740992k'), undefined);
  assert.equal(parseSize('8796093022207m'), 8796093022207 * 1048576);
  assert.equal(parseSize('8796093022208m'), undefined);
  assert.equal(parseOffset('8589934592g'), undefined);
});

test('times add their items', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['10', 10_000],
    ['1m30s', 90_000],
    ['1m  30s', 90_000],
    ['1s500ms', 1500],
    ['1w2d3h4m5s6ms', 788_645_006],
    ['10s5', 15_000],
    ['10ms5', 5010],
    ['5 5', 10_000],
    [' 10', 10_000],
    ['10 ', 10_000],
    ['1m s', 60_000],
    ['10s 5', 15_000],
  ];
  for (const [text, value] of cases) assert.equal(parseMsec(text), value, text);
  assert.equal(parseSec('1y1M1w1d1h1m1s'), 31536000 + 2592000 + 604800 + 86400 + 3600 + 60 + 1);
});

test('milliseconds and years belong to one type each', () => {
  assert.equal(parseSec('1ms'), undefined);
  assert.equal(parseSec('1M'), 2_592_000);
  assert.equal(parseMsec('1M'), undefined);
  assert.equal(parseMsec('1y'), undefined);
});

test('times overflow as an int64 of their base unit does', () => {
  assert.equal(parseMsec('9223372036854775s'), 9223372036854775000);
  assert.equal(parseMsec('9223372036854776s'), undefined);
  assert.equal(parseSec('9223372036854775807'), 2 ** 63);
  assert.equal(parseSec('9223372036854775808'), undefined);
  assert.equal(parseSec('292471208677y'), 292471208677 * 31536000);
  assert.equal(parseSec('292471208678y'), undefined);
});

test('a time written from its parts is their sum', () => {
  const units = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  const part = fc.record({ n: fc.nat(9999), present: fc.boolean(), spaces: fc.constantFrom('', ' ', '  ') });
  fc.assert(
    fc.property(fc.tuple(part, part, part, part, part, part), (parts) => {
      const items = Object.entries(units).flatMap(([unit, scale], i) => {
        const p = parts[i];
        return p?.present ? [{ text: `${p.n}${unit}${p.spaces}`, value: p.n * scale }] : [];
      });
      const expected = items.length === 0 ? undefined : items.reduce((sum, item) => sum + item.value, 0);
      assert.equal(parseMsec(items.map((item) => item.text).join('')), expected);
    }),
  );
});

test('flags and words compare without case, in ASCII only', () => {
  assert.equal(parseFlag('oN'), true);
  assert.equal(parseFlag('OFF'), false);
  assert.equal(parseFlag('yes'), undefined);
  assert.equal(parseWord('Cram-MD5', { plain: 1, 'cram-md5': 2 }), 2);
  assert.equal(parseWord('constructor', { plain: 1 }), undefined);
  assert.equal(lower('A\xc4b'), 'a\xc4b');
});
