import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmtpCommand, SmtpParser } from '../../../../src/mail/smtp/parser.ts';
import { type Feed, feed, sameForAnySplit, scrambled, survivesNoise, whole } from '../parser-feed.ts';

const SMTP: Feed<SmtpParser> = {
  make: () => new SmtpParser(),
  sasl: SmtpCommand.auth,
  more: (parser, b) => parser.typed(b).toString('latin1'),
};

const NAMES = new Map<number | undefined, string>(Object.entries(SmtpCommand).map(([name, code]) => [code, name]));

const results = (text: string): string[] =>
  feed(SMTP, whole(text)).map((r) => (r.at === 'ok' ? [NAMES.get(r.command), ...r.args].join('|') : r.at));

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'knows the commands',
    'HELO x\r\nEHLO x\r\nQUIT\r\nAUTH\r\nNOOP\r\nMAIL x\r\nRSET\r\nRCPT x\r\nVRFY\r\nEXPN\r\nHELP\r\nSTARTTLS\r\n',
    ['helo|x', 'ehlo|x', 'quit', 'auth', 'noop', 'mail|x', 'rset', 'rcpt|x', 'vrfy', 'expn', 'help', 'starttls'],
  ],
  ['takes commands in any case', 'ehlo x\r\nStartTls\r\n', ['ehlo|x', 'starttls']],
  [
    'refuses what it does not know',
    'DATA\r\nBDAT 1\r\nXCLIENT A=b\r\nLHLO x\r\nSTARTTL\r\nSTARTTLSX\r\nSTARTxLS\r\nNOO\r\nNOOPS\r\n',
    ['invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid'],
  ],
  [
    'refuses an empty line, a leading space and a byte that is no letter',
    '\r\n NOOP\r\nH\xc5LO x\r\nNOOP\tx\r\n',
    ['invalid', 'invalid', 'invalid', 'invalid'],
  ],
  ['takes eleven arguments', 'NOOP 1 2 3 4 5 6 7 8 9 10 11  \r\n', ['noop|1|2|3|4|5|6|7|8|9|10|11']],
  ['refuses a twelfth argument', 'NOOP 1 2 3 4 5 6 7 8 9 10 11 12\r\nNOOP\r\n', ['invalid', 'noop']],
  ['splits at spaces whatever stands around them', 'MAIL FROM:<"a b"@c>\r\n', ['mail|FROM:<"a|b"@c>']],
  [
    'takes a bare LF and refuses a bare CR',
    'NOOP\nNOOP\rx\r\nNOOP\r\r\nNOOP\r\n',
    ['noop', 'invalid', 'invalid', 'noop'],
  ],
  ['reads SASL data as arguments', 'AUTH LOGIN\r\n 1 2\r\nNOOP\r\n', ['auth|LOGIN', 'auth||1|2', 'noop']],
  [
    'limits the arguments of SASL data as those of a command',
    'AUTH PLAIN\r\n1 2 3 4 5 6 7 8 9 10 11\r\nAUTH PLAIN\r\n1 2 3 4 5 6 7 8 9 10 11 12\r\nNOOP\r\n',
    ['auth|PLAIN', 'auth|1|2|3|4|5|6|7|8|9|10|11', 'auth|PLAIN', 'invalid', 'noop'],
  ],
  ['takes an empty line of SASL data for an empty argument', 'AUTH PLAIN\n\nNOOP\n', ['auth|PLAIN', 'auth|', 'noop']],
];

for (const [name, input, expected] of CASES) {
  test(`SMTP parser ${name}`, () => assert.deepEqual(results(input), expected));
}

test('SMTP parser keeps a command as typed, without the spaces behind it', () => {
  const typed = (line: string): unknown => feed(SMTP, whole(`NOOP\r\n${line}`)).at(-1)?.more;
  assert.equal(typed('MAIL   FROM:<a b>   SIZE=1  \r\n'), 'MAIL   FROM:<a b>   SIZE=1');
  assert.equal(typed('rcpt to:<X>\n'), 'rcpt to:<X>');
  assert.equal(typed('MAIL\r\n'), 'MAIL');
  assert.equal(typed('MAIL  \r\n'), 'MAIL');
  assert.equal(typed('MAIL a\tb\r\n'), 'MAIL a\tb');
});

test('SMTP parser gives the same result for any split', () => {
  const pieces = ['EHLO', 'mail', 'AUTH', 'STARTTLS', 'DATA', ' ', '  ', 'a', '<x>', '\t', '\r', '\n', '\r\n', '\r\n'];
  sameForAnySplit(SMTP, scrambled([...pieces, 'AUTH PLAIN\r\n', 'MAIL FROM:<a>', 'NOOP 1 2 3 4 5 6 7 8 9 10 11']));
});

test('SMTP parser survives any bytes', () => survivesNoise(SMTP));
