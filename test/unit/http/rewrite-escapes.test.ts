// How captures are escaped for arguments, and what a redirect leaves escaped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeArgument, unescapeRedirect } from '../../../src/http/request/uri.ts';

const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

test('in an argument these stand for themselves', () => {
  const plain = bytes.filter((byte) => escapeArgument(byte) === byte).join('');
  assert.equal(plain, "!$'()*,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~");
  assert.equal(escapeArgument('a b+\xe9\n'), 'a%20b%2B%E9%0A');
});

test('in the path of a redirect these are not escaped', () => {
  const escaped = (byte: string): string => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const plain = bytes.filter((byte) => unescapeRedirect(escaped(byte)) === byte).join('');
  assert.equal(plain, bytes.slice(0x26, 0x7f).join(''));
});

for (const [url, expected] of [
  ['/a%26b?c%26d', '/a&b?c%26d'],
  ['/a%3fb%26', '/a?b%26'],
  ['/%2541%20%e9', '/%2541%20%e9'],
  ['/a%zz', '/azz'],
  ['/a%4z%41', '/aA'],
  ['/a%%41', '/a%41'],
  ['/a%', '/a'],
  ['/a%4', '/a'],
] as const) {
  test(`a redirect to ${url}`, () => assert.equal(unescapeRedirect(url), expected));
}
