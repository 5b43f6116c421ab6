// The answer of the auth server, whole, byte by byte and at random splits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AuthReply } from '../../../../src/mail/auth-http/reply.ts';
import { AuthResponseParser } from '../../../../src/mail/auth-http/response.ts';
import { byteByByte, cutAt, scrambled, whole } from '../parser-feed.ts';

interface Told {
  readonly state: string;
  readonly reply: Readonly<Record<string, string | number | boolean>>;
}

/** Only what was said: a field that is undefined, false or 0 is left out. */
function tell(reply: AuthReply): Told['reply'] {
  const said: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(reply)) {
    if (Buffer.isBuffer(value)) said[name] = value.toString('latin1');
    else if (value !== undefined && value !== false && value !== 0) said[name] = value;
  }
  return said;
}

function read(chunks: readonly Buffer[]): Told {
  const parser = new AuthResponseParser();
  let state = 'again';
  for (const chunk of chunks) {
    state = parser.feed(chunk);
    chunk.fill(0xee); // values are copies
    if (state !== 'again') break;
  }
  return { state, reply: tell(parser.reply) };
}

const OK = 'HTTP/1.0 200 OK\r\n';

const CASES: readonly (readonly [string, string, string, Told['reply']])[] = [
  ['an answer without headers is complete', `${OK}\r\n`, 'done', {}],
  ['the status code is not looked at', 'HTTP/1.1 500 No\r\nAuth-Port: 1\r\n\r\n', 'done', { port: '1' }],
  ['the status line may end in LF alone', 'HTTP/1.0 200 OK\nAuth-Port: 1\n\n', 'done', { port: '1' }],
  ['the status line may be anything', 'HTTP/\r\nAuth-Port: 1\r\n\r\n', 'done', { port: '1' }],
  ['the status line may be missing', 'Auth-Port: 1\r\n\r\n', 'done', { port: '1' }],
  ['a word in lower case is no status line', 'http/1.0 200 OK\r\n\r\n', 'invalid-header', {}],
  ['a CR in the status line must be followed by LF', 'HTTP/1.0 200\rOK\r\n\r\n', 'invalid-response', {}],
  ['an empty line alone is complete', '\r\n', 'done', {}],
  ['LF alone is complete', '\n', 'done', {}],
  ['a CR that is no end of line breaks the empty line', `${OK}\rx`, 'invalid-header', {}],
  ['names in any case', `${OK}aUTH-sERVER: ::1\r\n\r\n`, 'done', { server: '::1' }],
  [
    'what is said of the way to the backend, and the last one of each counts',
    `${OK}Auth-Upstream-Protocol: v1\r\nAuth-Upstream-Protocol: v2\r\nAuth-Source-IP: ::1\r\n\r\n`,
    'done',
    { proxyVersion: 'v2', source: '::1' },
  ],
  ['no space behind the colon', `${OK}Auth-Port:143\r\n\r\n`, 'done', { port: '143' }],
  ['spaces around the value are trimmed', `${OK}Auth-Port:   14 3   \r\n\r\n`, 'done', { port: '14 3' }],
  ['a tab is part of the value', `${OK}Auth-User: \ta\t\r\n\r\n`, 'done', { user: '\ta\t' }],
  ['a colon is part of the value', `${OK}Auth-User: a:b\r\n\r\n`, 'done', { user: 'a:b' }],
  ['bytes from 0x80 are part of the value', `${OK}Auth-User: \xff\x80\r\n\r\n`, 'done', { user: '\xff\x80' }],
  ['a value of spaces is empty', `${OK}Auth-Pass:    \r\n\r\n`, 'done', { pass: '' }],
  ['a name without a colon has an empty value', `${OK}Auth-Pass\r\n\r\n`, 'done', { pass: '' }],
  ['a name without a colon may end in LF', `${OK}Auth-Pass\n\n`, 'done', { pass: '' }],
  ['a CR inside a value', `${OK}Auth-User: a\rb\r\n\r\n`, 'invalid-header', {}],
  ['an underscore in a name', `${OK}Auth_User: a\r\n\r\n`, 'invalid-header', {}],
  ['a space before the colon', `${OK}Auth-User : a\r\n\r\n`, 'invalid-header', {}],
  ['a folded line', `${OK}Auth-User: a\r\n b\r\n\r\n`, 'invalid-header', { user: 'a' }],
  ['a name that begins with a hyphen', `${OK}-Auth: a\r\n\r\n`, 'invalid-header', {}],
  ['a name that begins with a digit', `${OK}1-x: a\r\n\r\n`, 'done', {}],
  ['unknown headers', `${OK}Auth-Foo: a\r\nServer: b\r\nX: Auth-User: c\r\n\r\n`, 'done', {}],
  ['what comes behind the headers', `${OK}Auth-Port: 1\r\n\r\nAuth-Port: 2\r\n\r\n`, 'done', { port: '1' }],
  ['OK', `${OK}Auth-Status: OK\r\n\r\n`, 'done', { ok: true }],
  ['WAIT', `${OK}Auth-Status: WAIT\r\n\r\n`, 'done', { wait: true }],
  ['the case of a status counts', `${OK}Auth-Status: ok\r\n\r\n`, 'done', { failure: 'ok' }],
  ['an empty status is a failure', `${OK}Auth-Status:\r\n\r\n`, 'done', { failure: '' }],
  ['OK behind a failure', `${OK}Auth-Status: no\r\nAuth-Status: OK\r\n\r\n`, 'done', { ok: true, failure: 'no' }],
  ['a failure behind OK', `${OK}Auth-Status: OK\r\nAuth-Status: no\r\n\r\n`, 'done', { ok: true, failure: 'no' }],
  ['the last failure', `${OK}Auth-Status: a\r\nAuth-Status: b\r\n\r\n`, 'done', { failure: 'b' }],
  ['WAIT and a failure', `${OK}Auth-Status: WAIT\r\nAuth-Status: b\r\n\r\n`, 'done', { wait: true, failure: 'b' }],
  ['the last of each header', `${OK}Auth-Pass: a\r\nAuth-Pass: b\r\n\r\n`, 'done', { pass: 'b' }],
  ['the seconds to wait', `${OK}Auth-Wait: 007\r\n\r\n`, 'done', { waitS: 7 }],
  ['seconds that are no number', `${OK}Auth-Wait: 7s\r\nAuth-Wait: -1\r\nAuth-Wait: \r\n\r\n`, 'done', {}],
  ['a number keeps behind one that is none', `${OK}Auth-Wait: 7\r\nAuth-Wait: x\r\n\r\n`, 'done', { waitS: 7 }],
  [
    'everything at once',
    `${OK}Auth-Status: no\r\nAuth-Server: 1.2.3.4\r\nAuth-Port: 5\r\nAuth-User: u\r\nAuth-Pass: p\r\nAuth-Wait: 3\r\nAuth-Error-Code: 535\r\n\r\n`,
    'done',
    { failure: 'no', server: '1.2.3.4', port: '5', user: 'u', pass: 'p', waitS: 3, code: '535' },
  ],
];

for (const [name, text, state, reply] of CASES) {
  test(name, () => {
    assert.deepEqual(read(whole(text)), { state, reply });
    assert.deepEqual(read(byteByByte(text)), { state, reply });
  });
}

test('an answer that is not complete waits for more, whatever there is of it', () => {
  const text = `${OK}Auth-Status: OK\r\nAuth-Server: 1.2.3.4\r\nAuth-Port: 143\r\n\r\n`;
  for (let n = 0; n < text.length; n++) assert.equal(read(whole(text.slice(0, n))).state, 'again', `${n} bytes`);
});

const block = (length: number): string => {
  const [head, tail] = [`${OK}X: `, '\r\nAuth-Port: 1\r\n\r\n'];
  return head + 'x'.repeat(length - head.length - tail.length) + tail;
};

test('headers of 1024 bytes are taken, with or without a body behind them', () => {
  for (const text of [block(1024), `${block(1024)}body`, `${block(1000)}${'body'.repeat(100)}`]) {
    for (const chunks of [whole(text), byteByByte(text)]) {
      assert.deepEqual(read(chunks), { state: 'done', reply: { port: '1' } });
    }
  }
});

test('headers of more than 1024 bytes are refused at the last byte that there is room for', () => {
  for (const text of [block(1025), block(5000)]) {
    assert.equal(read(whole(text)).state, 'too-long');
    const parser = new AuthResponseParser();
    const states = byteByByte(text.slice(0, 1024)).map((byte) => parser.feed(byte));
    assert.deepEqual([...new Set(states.slice(0, 1023))], ['again']);
    assert.equal(states[1023], 'too-long');
  }
});

test('another limit holds for all of it, whole and in pieces', () => {
  for (const [length, state] of [
    [5000, 'done'],
    [5001, 'too-long'],
  ] as const) {
    for (const chunks of [whole(block(length)), byteByByte(block(length))]) {
      const parser = new AuthResponseParser(undefined, 5000);
      const states = chunks.map((chunk) => parser.feed(chunk));
      assert.equal(
        states.find((said) => said !== 'again'),
        state,
      );
    }
  }
});

const PIECES = [
  'HTTP/',
  'HTTP/1.0 200 OK',
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  'Auth-Status: ',
  'Auth-Status',
  'OK',
  'WAIT',
  'Auth-Wait: 5',
  'Auth-User: u',
  'Auth-Pass:',
  'auth-server:1.2.3.4',
  'Auth-Port: 143\r\n',
  'X-Y: z\r\n',
  'x'.repeat(400),
];

test('every way to cut an answer gives the same result', () => {
  fc.assert(
    fc.property(scrambled(PIECES), fc.array(fc.nat(), { maxLength: 6 }), (text, places) => {
      const expected = read(whole(text));
      assert.deepEqual(read(byteByByte(text)), expected);
      assert.deepEqual(read(cutAt(text, places)), expected);
    }),
    { numRuns: 500 },
  );
});

test('no bytes make the parser throw or lose count', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), (noise) => {
      const parser = new AuthResponseParser();
      for (let at = 0, state = 'again'; state === 'again' && at < noise.length; at += 37) {
        state = parser.feed(Buffer.from(noise.subarray(at, at + 37)));
        assert.ok(state !== 'again' || at + 37 < 1024 + 37);
      }
    }),
    { numRuns: 200 },
  );
});
