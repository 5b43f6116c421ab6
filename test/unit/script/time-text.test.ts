// Times as variables show them, in other time zones too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoTime, localTime, seconds } from '../../../src/script/time-text.ts';

for (const [zone, local, iso] of [
  ['UTC', '04/Nov/2026:02:08:01 +0000', '2026-11-04T02:08:01+00:00'],
  ['Asia/Kolkata', '04/Nov/2026:07:38:01 +0530', '2026-11-04T07:38:01+05:30'],
  ['America/St_Johns', '03/Nov/2026:22:38:01 -0330', '2026-11-03T22:38:01-03:30'],
] as const) {
  test(`the local time in ${zone}`, () => {
    process.env.TZ = zone;
    const date = new Date(Date.UTC(2026, 10, 4, 2, 8, 1));
    assert.equal(localTime(date), local);
    assert.equal(isoTime(date), iso);
  });
}

test('seconds have three decimals, and are never negative', () => {
  assert.equal(seconds(0), '0.000');
  assert.equal(seconds(-5), '0.000');
  assert.equal(seconds(7), '0.007');
  assert.equal(seconds(1999.9), '1.999');
  assert.equal(seconds(1795487398229), '1795487398.229');
});
