import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parse } from '../../../../src/mail/command/parse.ts';
import { Pop3Command, Pop3Parser } from '../../../../src/mail/pop3/parser.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import { type Feed, feed, sameForAnySplit, scrambled, survivesNoise, whole } from '../parser-feed.ts';

const POP3: Feed<Pop3Parser> = { make: () => new Pop3Parser(), sasl: Pop3Command.auth, more: () => undefined };

/** One line of text per result: `command [args]`, or `invalid`. */
const results = (text: string): string[] =>
  feed(POP3, whole(text)).map((r) => (r.at === 'ok' ? `${r.command} ${JSON.stringify(r.args)}` : r.at));

const { user, pass, capa, quit, noop, stls, apop, auth } = Pop3Command;

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'knows the eight commands',
    'USER x\r\nPASS y\r\nCAPA\r\nQUIT\r\nNOOP\r\nSTLS\r\nAPOP a b\r\nAUTH\r\n',
    [
      `${user} ["x"]`,
      `${pass} ["y"]`,
      `${capa} []`,
      `${quit} []`,
      `${noop} []`,
      `${stls} []`,
      `${apop} ["a","b"]`,
      `${auth} []`,
    ],
  ],
  ['takes commands in any case', 'noop\r\nNoOp\r\n', [`${noop} []`, `${noop} []`]],
  ['takes a bare LF for the end of a line', 'NOOP\nNOOP a\n', [`${noop} []`, `${noop} ["a"]`]],
  ['refuses commands of the transaction state', 'STAT\r\nLIST 1\r\nNOOP\r\n', ['invalid', 'invalid', `${noop} []`]],
  [
    'refuses words that are not four letters',
    'NOO\r\nNOOPS\r\nN\r\nNO1P\r\n',
    ['invalid', 'invalid', 'invalid', 'invalid'],
  ],
  ['refuses an empty line and a leading space', '\r\n\n NOOP\r\n', ['invalid', 'invalid', 'invalid']],
  ['drops spaces between and behind arguments', 'NOOP  a   b  \r\n', [`${noop} ["a","b"]`]],
  [
    'takes three arguments and refuses four',
    'NOOP a b c\r\nNOOP a b c  \r\nNOOP a b c d\r\n',
    [`${noop} ["a","b","c"]`, `${noop} ["a","b","c"]`, 'invalid'],
  ],
  [
    'takes the rest of a USER or PASS line as one argument',
    'USER  a b \r\npass  c  d e f \n',
    [`${user} ["a b "]`, `${pass} ["c  d e f "]`],
  ],
  ['sees no argument in spaces alone', 'USER   \r\nPASS \r\n', [`${user} []`, `${pass} []`]],
  [
    'takes TAB, NUL and 8-bit bytes for argument bytes',
    'PASS \ta\0\xe9\r\nNOOP a\tb\r\n',
    [`${pass} ["\\ta\\u0000é"]`, `${noop} ["a\\tb"]`],
  ],
  ['refuses a TAB behind the command', 'NOOP\tx\r\n', ['invalid']],
  ['knows no quotes', 'APOP "a b"\r\n', [`${apop} ["\\"a","b\\""]`]],
  [
    'refuses a CR that no LF follows',
    'NOOP\rx\r\nNOOP\r\r\nUSER a\rb\r\nNOOP \rx\r\nNOOP\r\n',
    ['invalid', 'invalid', 'invalid', 'invalid', `${noop} []`],
  ],
  ['skips a refused line to its LF, whatever it holds', '!\r\r\0NOOP\r NOOP\nNOOP\r\n', ['invalid', `${noop} []`]],
  [
    'reads pipelined commands one by one',
    'USER x\r\nPASS y\r\nNOOP\r\n',
    [`${user} ["x"]`, `${pass} ["y"]`, `${noop} []`],
  ],
  [
    'reads SASL data as arguments',
    'AUTH PLAIN\r\nAGEAYg== x y\r\nNOOP\r\n',
    [`${auth} ["PLAIN"]`, `${auth} ["AGEAYg==","x","y"]`, `${noop} []`],
  ],
  [
    'refuses a fourth argument in SASL data',
    'AUTH PLAIN\r\na b c d\r\nNOOP\r\n',
    [`${auth} ["PLAIN"]`, 'invalid', `${noop} []`],
  ],
  [
    'takes an empty line of SASL data for an empty argument',
    'AUTH PLAIN\r\n\r\nAUTH PLAIN\n\n',
    [`${auth} ["PLAIN"]`, `${auth} [""]`, `${auth} ["PLAIN"]`, `${auth} [""]`],
  ],
  [
    'takes a leading space of SASL data for an empty first argument',
    'AUTH PLAIN\r\n  AA==\r\n',
    [`${auth} ["PLAIN"]`, `${auth} ["","AA=="]`],
  ],
  ['drops trailing spaces of SASL data', 'AUTH PLAIN\r\nAA==  \r\n', [`${auth} ["PLAIN"]`, `${auth} ["AA=="]`]],
  ['refuses a CR within SASL data', 'AUTH PLAIN\r\nAA\r==\r\nNOOP\r\n', [`${auth} ["PLAIN"]`, 'invalid', `${noop} []`]],
];

for (const [name, input, expected] of CASES) {
  test(`POP3 parser ${name}`, () => assert.deepEqual(results(input), expected));
}

test('POP3 parser gives the same result for any split', () => {
  const pieces = [
    'USER',
    'PASS',
    'auth',
    'NOOP',
    'APOP',
    'STAT',
    ' ',
    '  ',
    'a',
    'xyz',
    '=',
    '"',
    '\t',
    '\r',
    '\n',
    '\r\n',
    '\r\n',
  ];
  sameForAnySplit(POP3, scrambled([...pieces, 'AUTH PLAIN\r\n', 'USER ', 'NOOP a b c']));
});

test('POP3 parser survives any bytes', () => survivesNoise(POP3));

test('POP3 parser tells where the line begins', () => {
  const seen = feed(POP3, whole('NOOP\r\nGET / HTTP/1.1\r\nNOOP a\r\n'));
  assert.deepEqual(
    seen.map((r) => r.line),
    ['NOOP\r\n', 'GET / HTTP/1.1\r\n', 'NOOP a\r\n'],
  );
});

test('POP3 parser holds a whole buffer without a line end', () => {
  const b = new LineBuffer(16);
  const parser = new Pop3Parser();
  b.fill(Buffer.from('NOOP aaaaaaaaaaaaaaaaaa'));
  assert.equal(parser.parse(b), Parse.again);
  assert.equal(b.pos, 16);
  assert.ok(b.full);
  assert.equal(parser.parse(b), Parse.again);
});

test('POP3 parser takes a line that fills the buffer to its end', () => {
  const b = new LineBuffer(16);
  const parser = new Pop3Parser();
  b.fill(Buffer.from('USER 123456789\r\n'));
  assert.equal(parser.parse(b), Parse.ok);
  assert.equal(parser.args.get(b, 0).toString(), '123456789');
});

test('POP3 parser forgets half a line on reset', () => {
  const b = new LineBuffer(64);
  const parser = new Pop3Parser();
  for (const half of ['NOO', 'NOOP', 'NOOP a', 'NOOP\r', '!!']) {
    b.fill(Buffer.from(half));
    assert.equal(parser.parse(b), Parse.again);
    parser.reset();
    b.reset();
    b.fill(Buffer.from('QUIT\r\n'));
    assert.equal(parser.parse(b), Parse.ok);
    assert.equal(parser.command, quit);
    assert.equal(parser.args.count, 0);
    b.reset();
  }
});
