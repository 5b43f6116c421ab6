// Header lines of a request: which count, how those of one name are joined, and arguments and cookies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptLines, RequestHeaders } from '../../../src/http/request/request-headers.ts';
import { findArgument, findCookie } from '../../../src/http/variables/request.ts';

const STRICT = { underscoresInHeaders: false, ignoreInvalidHeaders: true };
const UNDERSCORES = { underscoresInHeaders: true, ignoreInvalidHeaders: true };
const LOOSE = { underscoresInHeaders: false, ignoreInvalidHeaders: false };

test('names of letters, digits and dashes count', () => {
  const raw = ['A-1', 'a', 'B_2', 'b', 'C.3', 'c'];
  assert.deepEqual(acceptLines(raw, STRICT, STRICT), { lines: ['A-1', 'a'], ignored: ['B_2: b', 'C.3: c'] });
  assert.deepEqual(acceptLines(raw, UNDERSCORES, UNDERSCORES), {
    lines: ['A-1', 'a', 'B_2', 'b'],
    ignored: ['C.3: c'],
  });
  assert.equal(acceptLines(raw, LOOSE, LOOSE).lines, raw);
});

test('behind a Host the rules of its server hold', () => {
  const raw = ['A_1', 'a', 'host', 'h', 'B_2', 'b'];
  assert.deepEqual(acceptLines(raw, STRICT, UNDERSCORES).lines, ['host', 'h', 'B_2', 'b']);
  assert.deepEqual(acceptLines(raw, UNDERSCORES, STRICT).lines, ['A_1', 'a', 'host', 'h']);
});

test('lines of one name are joined, cookies by semicolons', () => {
  const headers = new RequestHeaders(['X', '1', 'Cookie', 'a=1', 'x', '2', 'COOKIE', 'b=2', 'Y', '']);
  assert.equal(headers.get('x'), '1, 2');
  assert.equal(headers.get('cookie'), 'a=1; b=2');
  assert.equal(headers.get('y'), '');
  assert.equal(headers.get('z'), undefined);
});

test('a variable has underscores for dashes, and for underscores', () => {
  assert.equal(new RequestHeaders(['Auth-Smtp-To', '1']).ofVariable('auth_smtp_to'), '1');
  assert.equal(new RequestHeaders(['A-B', '1', 'a_b', '2']).ofVariable('a_b'), '1, 2');
  assert.equal(new RequestHeaders(['A-B', '1', 'a_b', '2']).get('a-b'), '1');
  assert.equal(new RequestHeaders(['A_B', '1']).ofVariable('a'), undefined);
});

test('an argument is found by its whole name', () => {
  for (const [args, value] of [
    ['', undefined],
    ['a', undefined],
    ['a=', ''],
    ['A=1', '1'],
    ['b=1&a=2&a=3', '2'],
    ['ba=1&ab=2', undefined],
    ['b=a=1', undefined],
    ['a&a=1', '1'],
    ['a=1=2&', '1=2'],
    ['&&a=%41+', '%41+'],
  ] as const) {
    assert.equal(findArgument(args, 'a'), value, args);
  }
});

test('a cookie is found by its whole name', () => {
  for (const [cookies, value] of [
    [undefined, undefined],
    ['', undefined],
    ['a', undefined],
    ['a=', ''],
    ['A=1', '1'],
    ['b=1; a=2; a=3', '2'],
    ['ba=1;ab=2', undefined],
    ['b=a=1', undefined],
    [' a = 1 ; b', '1 '],
    ['b,a=1,2;c', '1,2'],
    ['a="1;2"', '"1'],
  ] as const) {
    assert.equal(findCookie(cookies, 'a'), value, String(cookies));
  }
});
