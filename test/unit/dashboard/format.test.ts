// Numbers and times as they are written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, count, duration, milliseconds, percent, plural, rate, short } from '../../../src/dashboard/format.ts';

test('counts have their thousands apart', () => {
  assert.deepEqual([0, 999, 51_204, 1_804_212].map(count), ['0', '999', '51,204', '1,804,212']);
  assert.deepEqual([plural(1, 'session'), plural(0, 'session')], ['1 session', '0 sessions']);
});

test('what is short has three digits that count', () => {
  const texts = [0, 7, 999, 999.6, 1000, 51_204, 999_999, 1_040_000].map(short);
  assert.deepEqual(texts, ['0', '7', '999', '1k', '1k', '51.2k', '1M', '1.04M']);
  fc.assert(fc.property(fc.nat(), (value) => assert.ok(short(value).length <= 5)));
});

test('a rate is nothing only when there is none', () => {
  assert.deepEqual([0, 0.004, 0.04, 3.14, 41.7, 5120].map(rate), ['0', '<0.01', '0.04', '3.1', '42', '5.12k']);
});

test('bytes have a unit', () => {
  assert.deepEqual([0, 900, 1200, 34_500_000].map(bytes), ['0 B', '900 B', '1.2 kB', '34.5 MB']);
});

test('times are milliseconds or seconds', () => {
  assert.deepEqual([0.84, 5, 34.4, 999, 1200, 61_000].map(milliseconds), [
    '0.8 ms',
    '5 ms',
    '34 ms',
    '999 ms',
    '1.2 s',
    '61 s',
  ]);
});

test('how long something lasts has two units at most', () => {
  const texts = [-5, 999, 45_000, 3_600_000, 11_520_000, 90_061_000].map(duration);
  assert.deepEqual(texts, ['0 s', '0 s', '45 s', '1 h', '3 h 12 min', '1 d 1 h']);
});

test('a share is all or nothing only when it is', () => {
  assert.deepEqual(
    [percent(0, 0), percent(0, 9), percent(1, 1000), percent(999, 1000), percent(5, 8), percent(8, 8)],
    ['0%', '0%', '<1%', '>99%', '63%', '100%'],
  );
});
