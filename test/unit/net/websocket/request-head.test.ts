// The head of a request, whole and in pieces: the same each time, and nothing beyond its bounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HeadRead, HeadReader, MAX_HEAD } from '../../../../src/net/websocket/request-head.ts';

const GOOD =
  'GET /imap?x=y HTTP/1.1\r\nHost: mail.example \r\nUpgrade:websocket\r\nVia: a\r\nvia:\tb\r\nEmpty:\r\n\r\n';

function readAll(bytes: Buffer, sizes: () => number): HeadRead {
  const reader = new HeadReader();
  let last: HeadRead = 'more';
  for (let at = 0; at < bytes.length && last === 'more'; ) {
    const size = sizes();
    last = reader.add(bytes.subarray(at, at + size));
    at += size;
  }
  return last;
}

/** What can be compared; the rest depends on where the cuts are. */
const shown = (read: HeadRead): unknown =>
  typeof read === 'string'
    ? read
    : ['method', 'path', 'isHttp11'].map((name) => Object.entries(read.head).find(([key]) => key === name)?.[1]);

const whole = (text: string): HeadRead => readAll(Buffer.from(text, 'latin1'), () => text.length + 1);

test('a head', () => {
  const read = whole(`${GOOD}rest`);
  assert.ok(typeof read !== 'string');
  const { head, rest } = read;
  assert.deepEqual([head.method, head.path, head.isHttp11], ['GET', '/imap', true]);
  const fields = ['host', 'upgrade', 'via', 'empty', 'other'].map((name) => head.header(name));
  assert.deepEqual(fields, ['mail.example', 'websocket', 'a, b', '', undefined]);
  assert.equal(rest.toString(), 'rest');
});

test('byte by byte, and cut anywhere', () => {
  const bytes = Buffer.from(GOOD);
  assert.deepEqual(shown(readAll(bytes, () => 1)), shown(whole(GOOD)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
      let turn = 0;
      const read = readAll(bytes, () => sizes[turn++ % sizes.length] ?? 1);
      assert.deepEqual(shown(read), shown(whole(GOOD)));
    }),
  );
});

test('what is no head', () => {
  const end = '\r\n\r\n';
  for (const text of [
    `GET imap HTTP/1.1${end}`,
    `GET http://mail.example/imap HTTP/1.1${end}`,
    `GET / HTTP/1.2${end}`,
    `GET / HTTP/2.0${end}`,
    `GET /${end}`,
    `GET  / HTTP/1.1${end}`,
    `GET / HTTP/1.1 ${end}`,
    `get / HTTP/1.1${end}`,
    `GET /\x80 HTTP/1.1${end}`,
    `GET / HTTP/1.1\r\nHost : x${end}`,
    `GET / HTTP/1.1\r\n Host: x${end}`,
    `GET / HTTP/1.1\r\nHost: x\r\n y${end}`,
    `GET / HTTP/1.1\r\nHost${end}`,
    `GET / HTTP/1.1\r\n: x${end}`,
    `GET / HTTP/1.1\r\nHost: x\nUpgrade: y${end}`,
    `GET / HTTP/1.1\r\nHost: x\0${end}`,
    `GET / HTTP/1.1\r\nHost: x\r\nHost: x${end}`,
    `\r\nGET / HTTP/1.1${end}`,
    `GET / HTTP/1.1${'\r\na: b'.repeat(101)}${end}`,
  ]) {
    assert.equal(whole(text), 'bad', JSON.stringify(text));
  }
  assert.notEqual(whole(`GET / HTTP/1.1${'\r\na: b'.repeat(100)}${end}`), 'bad');
});

test('so many bytes, and not one more', () => {
  const of = (size: number): string => {
    const [start, end] = ['GET / HTTP/1.1\r\na: ', '\r\n\r\n'];
    return `${start}${'x'.repeat(size - start.length - end.length)}${end}`;
  };
  for (const cut of [1, 1000, 10_000]) {
    assert.notEqual(
      readAll(Buffer.from(of(MAX_HEAD)), () => cut),
      'long',
    );
    assert.equal(
      readAll(Buffer.from(of(MAX_HEAD + 1)), () => cut),
      'long',
    );
    assert.equal(
      readAll(Buffer.from('x'.repeat(MAX_HEAD)), () => cut),
      'long',
    );
  }
});

test('whatever comes, it is read to an end', () => {
  const pieces = fc.constantFrom(
    'GET / HTTP/1.1',
    '\r\n',
    '\n',
    ':',
    ' ',
    '\t',
    'a',
    'Host: x',
    '\0',
    '\xff',
    '\r\n\r\n',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => {
      const text = parts.join('');
      const read = whole(text);
      assert.equal(read === 'more', !text.includes('\r\n\r\n'));
      assert.deepEqual(shown(readAll(Buffer.from(text, 'latin1'), () => 3)), shown(read));
    }),
  );
  whole(`GET / HTTP/1.1\r\na:${' '.repeat(8000)}\x01\r\n\r\n`);
});
