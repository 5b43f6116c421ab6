// Dates of HTTP in the three forms that there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHttpDate } from '../../../../src/http/static/http-date.ts';

const MS = Date.UTC(1994, 10, 6, 8, 49, 37);

test('each form of a date', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), MS);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), MS);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), MS);
  assert.equal(parseHttpDate('Thursday, 01-Jan-26 00:00:00 GMT'), Date.UTC(2026, 0, 1));
  assert.equal(parseHttpDate('Thu, 29 Feb 2024 00:00:00 GMT'), Date.UTC(2024, 1, 29));
});

test('what is no date', () => {
  for (const text of [
    '',
    'x',
    '2024-01-02',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nix 1994 08:49:37 GMT',
    'Sun, 31 Feb 2024 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
  ]) {
    assert.equal(parseHttpDate(text), undefined, text);
  }
});
