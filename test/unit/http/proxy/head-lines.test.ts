// Lines of a head that end by LF alone: they get their CR however they are cut, and the body stays as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeadLines } from '../../../../src/http/proxy/head-lines.ts';
import { byteByByte, cutAt, whole } from '../../mail/parser-feed.ts';

function fed(chunks: readonly Buffer[]): string {
  const lines = new HeadLines();
  return Buffer.concat(chunks.map((chunk) => lines.feed(chunk))).toString('latin1');
}

const CASES: readonly (readonly [name: string, bytes: string, expected: string])[] = [
  ['bare LF', 'HTTP/1.1 200 OK\nA: b\n\nx\ny\n\n', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\nx\ny\n\n'],
  ['mixed', 'HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\n\n', 'HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n\n'],
  ['as it should be', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\nx\ny', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\nx\ny'],
  [
    'an interim answer',
    'HTTP/1.1 103 E\nL: x\n\nHTTP/1.1 200 OK\n\n\n',
    'HTTP/1.1 103 E\r\nL: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\n',
  ],
  ['another protocol', 'HTTP/1.1 101 S\n\n\n', 'HTTP/1.1 101 S\r\n\r\n\n'],
  ['an empty line before', '\nHTTP/1.1 200 OK\n\n\n', '\r\nHTTP/1.1 200 OK\r\n\r\n\n'],
  ['a CR within a line', 'HTTP/1.1 200 O\rK\n\n\n', 'HTTP/1.1 200 O\rK\r\n\r\n\n'],
];

for (const [name, bytes, expected] of CASES) {
  test(name, () => {
    assert.equal(fed(whole(bytes)), expected);
    assert.equal(fed(byteByByte(bytes)), expected);
  });
}

test('a head that needs nothing is not copied', () => {
  const chunk = Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\nx\ny');
  assert.equal(new HeadLines().feed(chunk), chunk);
});

test('the same for any cut', () => {
  const piece = fc.constantFrom('HTTP/1.1 ', '100 C', '200 OK', '101 S', '\n', '\r\n', '\r', 'A: b', '\n\n', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 6 }), (pieces, places) => {
      const bytes = pieces.join('');
      const expected = fed(whole(bytes));
      assert.equal(fed(byteByByte(bytes)), expected);
      assert.equal(fed(cutAt(bytes, places)), expected);
      assert.equal(
        expected.replaceAll('\r\n', '\n').replaceAll('\r', ''),
        bytes.replaceAll('\r\n', '\n').replaceAll('\r', ''),
      );
    }),
    { numRuns: 1000 },
  );
});
