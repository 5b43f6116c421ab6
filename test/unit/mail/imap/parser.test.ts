import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parse } from '../../../../src/mail/command/parse.ts';
import { ImapCommand, ImapParser } from '../../../../src/mail/imap/parser.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import { byteByByte, type Feed, feed, sameForAnySplit, scrambled, survivesNoise, whole } from '../parser-feed.ts';

const IMAP: Feed<ImapParser> = {
  make: () => new ImapParser(),
  sasl: ImapCommand.authenticate,
  more: (parser, b) => ({ tag: parser.tag(b).toString('latin1'), closes: parser.closeAfterInvalid }),
};

const NAMES = new Map<number | undefined, string>(Object.entries(ImapCommand).map(([name, code]) => [code, name]));

/** `TAGcommand|arg|arg` for a command, `TAGBAD` or `TAGBAD close` for a refused line, `+` for a literal. */
const results = (text: string): string[] =>
  feed(IMAP, whole(text)).map((r) => {
    if (r.at === 'literal') return '+';
    const { tag, closes } = IMAP_MORE(r.more);
    if (r.at === 'ok') return `${tag}${[NAMES.get(r.command), ...r.args].join('|')}`;
    return `${tag}BAD${closes ? ' close' : ''}`;
  });

const IMAP_MORE = (more: unknown): { tag: string; closes: boolean } => {
  assert.ok(typeof more === 'object' && more !== null && 'tag' in more && 'closes' in more);
  return { tag: String(more.tag), closes: more.closes === true };
};

const TAG32 = 'a'.repeat(32);

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'knows the six commands',
    'a NOOP\r\nb LOGIN c d\r\ne LOGOUT\r\nf CAPABILITY\r\ng AUTHENTICATE\r\nh STARTTLS\r\n',
    ['a noop', 'b login|c|d', 'e logout', 'f capability', 'g authenticate', 'h starttls'],
  ],
  ['takes commands in any case', 'a nOoP\r\na LogIn b c\r\n', ['a noop', 'a login|b|c']],
  [
    'refuses unknown words under their tag',
    'a SELECT x\r\na LOG\r\na LOGI\r\na LOGON\r\na LOGOUTS\r\na NOOP1\r\n',
    ['a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD'],
  ],
  ['refuses an empty line', '\r\n\n', ['* BAD', '* BAD']],
  ['refuses a tag without a command', 'a\r\na \r\na  \n', ['* BAD', 'a BAD', 'a BAD']],
  ['takes an empty tag', ' NOOP\r\n  NOOP\r\n', [' noop', ' noop']],
  ['takes spaces before the command and one of them for the tag', 'a   NOOP\r\n', ['a noop']],
  ['takes letters, digits, dash, dot and underscore in a tag', 'aZ09-._ NOOP\r\n', ['aZ09-._ noop']],
  [
    'refuses other bytes in a tag',
    'a+ NOOP\r\n* NOOP\r\n\xe9 NOOP\r\na\t NOOP\r\n',
    ['* BAD', '* BAD', '* BAD', '* BAD'],
  ],
  ['takes a tag of 32 bytes and none longer', `${TAG32} NOOP\r\n${TAG32}a NOOP\r\n`, [`${TAG32} noop`, '* BAD']],
  [
    'takes three arguments and refuses four',
    'a NOOP x y z  \r\na NOOP x y z w\r\na NOOP x y z "\r\na NOOP x y z {1}\r\n',
    ['a noop|x|y|z', 'a BAD', 'a BAD', 'a BAD'],
  ],
  [
    'takes a bare LF and refuses a bare CR',
    'a NOOP\na NOOP\r\r\na NOOP \rx\r\na NOOP x\ry\r\na NOOP\r\n',
    ['a noop', 'a BAD', 'a BAD', 'a BAD', 'a noop'],
  ],
  ['refuses a TAB behind the command', 'a LOGIN\tb c\r\n', ['a BAD']],
  ['takes any byte in an atom', 'a LOGIN b"{1}\\\t\0\xe9 c{2}\r\n', ['a login|b"{1}\\\t\0\xe9|c{2}']],
  ['takes quoted strings', 'a LOGIN "b c" "d\t{1}\0"\r\na LOGIN b ""\r\n', ['a login|b c|d\t{1}\0', 'a login|b|']],
  ['unescapes any byte of a quoted string', 'a LOGIN "\\b\\\\c\\"" "d\\ e\\\0"\r\n', ['a login|b\\c"|d e\0']],
  [
    'takes an argument right behind a closing quote',
    'a LOGIN "a""b"\r\na LOGIN "a"b\r\na LOGIN "a"{1+}\r\nb\r\n',
    ['a login|a|b', 'a login|a|b', 'a login|a|b'],
  ],
  [
    'refuses a quoted string that the line ends',
    'a LOGIN "b\r\na LOGIN b "c\na LOGIN "b\\\r\na LOGIN "b\\\n',
    ['a BAD', 'a BAD', 'a BAD', 'a BAD'],
  ],
  ['keeps no quote from a refused line', 'a LOGIN "b\r\nb LOGIN c d\r\n', ['a BAD', 'b login|c|d']],
  ['asks for a literal', 'a LOGIN {1}\r\nb {3}\r\nc d\r\n', ['+', '+', 'a login|b|c d']],
  ['takes any byte in a literal', 'a LOGIN {2}\r\n\r\n {5}\n"\\\0\xe9{\n', ['+', '+', 'a login|\r\n|"\\\0\xe9{']],
  ['does not ask for a non-synchronizing literal', 'a LOGIN {1+}\r\nb {1+}\nc\r\n', ['a login|b|c']],
  ['takes any number of CRs before the LF of a literal head', 'a NOOP {1}\r\r\r\nb\r\n', ['+', 'a noop|b']],
  [
    'takes an empty literal for an empty argument',
    'a LOGIN {0}\r\n b\r\na LOGIN b {0}\r\n\r\na LOGIN {0+}\r\n {}\r\n\nb NOOP {+}\r\n\r\n',
    ['+', 'a login||b', '+', 'a login|b|', '+', 'a login||', 'b noop|'],
  ],
  [
    'refuses what follows a literal without a space',
    'a NOOP {1}\r\nbc\r\na NOOP {1+}\r\nb"c"\r\na NOOP {1}\r\nb\rc\r\na NOOP {0}\r\nb\r\n',
    ['+', 'a BAD', 'a BAD', '+', 'a BAD', '+', 'a BAD'],
  ],
  [
    'refuses a malformed literal head',
    'a NOOP {x}\r\na NOOP {1\r\na NOOP {-1}\r\na NOOP { 1}\r\na NOOP {1} \r\na NOOP {1}x\r\na NOOP {1}\rx\r\na NOOP {1+x}\r\na NOOP {1+\r\nb NOOP\r\n',
    ['a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD', 'b noop'],
  ],
  ['takes leading zeros in a literal size', `a NOOP {${'0'.repeat(40)}1}\r\nb\r\n`, ['+', 'a noop|b']],
  ['asks for a literal of nearly any size', 'a NOOP {1844674407370955161}\r\n', ['+']],
  [
    'refuses a literal that is larger still',
    'a NOOP {1844674407370955162}\r\na NOOP {99999999999999999999999}\r\n',
    ['a BAD', 'a BAD'],
  ],
  ['skips the synchronizing literal of a refused line', 'a FOO {3}\r\nb NOOP\r\n', ['a BAD', 'b noop']],
  ['closes after a refused line with a non-synchronizing literal', 'a FOO {3+}\r\n', ['a BAD close']],
  ['closes also when the literal is one argument too many', 'a NOOP x y z {3+}\r\n', ['a BAD close']],
  ['closes also without a tag or a CR', '!!!! x {3+}\n', ['* BAD close']],
  [
    'closes also on a line of SASL data',
    'a AUTHENTICATE PLAIN\r\nAA== {x+}\r\n',
    ['a authenticate|PLAIN', 'a BAD close'],
  ],
  ['closes for an ending that is no literal', 'a FOO +}\r\naaaa+}\r\n', ['a BAD close', '* BAD close']],
  [
    'does not close for other endings',
    'a FOO {3+} \r\na FOO {3+}\r\r\na FOO +} x\r\na FOO }\r\na FOO +\r\n',
    ['a BAD', 'a BAD', 'a BAD', 'a BAD', 'a BAD'],
  ],
  ['does not close within the first bytes of the buffer', '+}\n\r\n', ['* BAD', '* BAD']],
  ['closes from the sixth byte of the buffer on', 'aa+}\r\n', ['* BAD close']],
  ['does not close where the LF is the fifth byte', 'a+}\r\n', ['* BAD']],
  [
    'keeps the tag through SASL data',
    'a AUTHENTICATE PLAIN\r\nAA== x y\r\nb AUTHENTICATE PLAIN\r\na b c d\r\nc NOOP\r\n',
    ['a authenticate|PLAIN', 'a authenticate|AA==|x|y', 'b authenticate|PLAIN', 'b BAD', 'c noop'],
  ],
  [
    'takes quotes and braces at the start of SASL data for data',
    'a AUTHENTICATE PLAIN\r\n"AA=="\r\na AUTHENTICATE PLAIN\r\n{8}\r\n',
    ['a authenticate|PLAIN', 'a authenticate|"AA=="', 'a authenticate|PLAIN', 'a authenticate|{8}'],
  ],
  [
    'takes quotes and literals behind SASL data',
    'a AUTHENTICATE PLAIN\r\nAA== "x y" {1}\r\nz\r\n',
    ['a authenticate|PLAIN', '+', 'a authenticate|AA==|x y|z'],
  ],
  [
    'takes an empty line of SASL data for an empty argument',
    'a AUTHENTICATE PLAIN\r\n\r\na AUTHENTICATE "PLAIN"\n AA==\n',
    ['a authenticate|PLAIN', 'a authenticate|', 'a authenticate|PLAIN', 'a authenticate||AA=='],
  ],
];

for (const [name, input, expected] of CASES) {
  test(`IMAP parser ${name}`, () => assert.deepEqual(results(input), expected));
}

test('IMAP parser gives the same result for any split', () => {
  const pieces = [
    'a ',
    'NOOP',
    'LOGIN',
    ' ',
    '"',
    '\\',
    '\\"',
    '{',
    '}',
    '+}',
    '1',
    '3',
    '{2}\r\n',
    '{3+}\r\n',
    '{0}\r\n',
  ];
  const more = ['x', 'yz', '\r', '\n', '\r\n', '\r\n', 'a LOGIN ', 'b AUTHENTICATE PLAIN\r\n', 'AA== ', '"a\\"b"'];
  sameForAnySplit(IMAP, scrambled([...pieces, ...more]));
});

test('IMAP parser survives any bytes', () => survivesNoise(IMAP));

test('IMAP parser stops at a literal head even when the literal has arrived', () => {
  const b = new LineBuffer(64);
  const parser = new ImapParser();
  b.fill(Buffer.from('a NOOP {1}\r\nb\r\n'));
  assert.equal(parser.parse(b), Parse.literal);
  assert.equal(b.pos, 12);
  assert.equal(parser.parse(b), Parse.ok);
  assert.equal(parser.args.get(b, 0).toString(), 'b');
});

test('IMAP parser waits for a literal that cannot fit until the buffer is full', () => {
  const b = new LineBuffer(32);
  const parser = new ImapParser();
  b.fill(Buffer.from('a LOGIN {99999999999}\r\n'));
  assert.equal(parser.parse(b), Parse.literal);
  b.fill(Buffer.alloc(100, 'x'));
  assert.equal(parser.parse(b), Parse.again);
  assert.ok(b.full);
  assert.equal(parser.parse(b), Parse.again);
  assert.equal(parser.tag(b).toString(), 'a ');
});

test('IMAP parser has no tag to reply with while it is still reading one', () => {
  const b = new LineBuffer(64);
  const parser = new ImapParser();
  b.fill(Buffer.from('a NOOP\r\n'));
  parser.parse(b);
  b.fill(Buffer.from('bb'));
  assert.equal(parser.parse(b), Parse.again);
  assert.equal(parser.tag(b).toString(), '* ');
});

test('IMAP parser forgets half a command on reset', () => {
  const halves = [
    'a',
    'a ',
    'a NO',
    'a NOOP "x',
    'a NOOP "x\\',
    'a NOOP {1',
    'a NOOP {1+',
    'a NOOP {5+}\r\nab',
    'a NOOP x\r',
    '!',
  ];
  for (const half of halves) {
    const b = new LineBuffer(64);
    const parser = new ImapParser();
    b.fill(Buffer.from(half));
    assert.equal(parser.parse(b), Parse.again);
    parser.reset();
    assert.equal(parser.tag(b).toString(), '* ');
    b.reset();
    b.fill(Buffer.from('b NOOP y z\r\n'));
    assert.equal(parser.parse(b), Parse.ok);
    assert.deepEqual([parser.tag(b).toString(), parser.args.count, parser.args.get(b, 1).toString()], ['b ', 2, 'z']);
  }
});

test('IMAP parser reads a literal as large as the buffer in single bytes', () => {
  const text = `a NOOP {3000+}\r\n${'\r\n"'.repeat(1000)}\r\n`;
  const seen = feed(IMAP, byteByByte(text), 4096);
  assert.deepEqual(
    seen.map((r) => [r.at, r.args[0]?.length]),
    [['ok', 3000]],
  );
});
