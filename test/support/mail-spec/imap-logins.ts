// IMAP logins: what the auth server is asked, what the backend sees, what the client gets.
import { base64, saslPlain } from '../bytes.ts';
import { accept } from '../fake-auth.ts';
import { casesOf, type Facts, type Script, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const imap = casesOf('imap');
const BAD: Line = 'S: a BAD invalid command';
const USERNAME: Line = 'S: + VXNlcm5hbWU6';
const PASSWORD: Line = 'S: + UGFzc3dvcmQ6';

/** What the backend of the tests says when a session is in, and at its end. */
const IN: Line = 'S: a OK logged in';
const OUT: readonly Line[] = ['C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'];

/** The dialogue with the backend: always synchronising literals. */
function seen(user: string, pass: string, after = 'b LOGOUT\r\n', tag = 'a'): string {
  return `${tag} LOGIN {${user.length}}\r\n${user} {${pass.length}}\r\n${pass}\r\n${after}`;
}

/** A login by any way that ends as the user with this password. */
function login(lines: (user: string) => readonly Line[], pass = 'secret', escaped = pass): (facts: Facts) => Script {
  return ({ user }) => ({
    lines: [...lines(user), IN, ...OUT],
    asks: [{ method: 'plain', user, pass: escaped }],
    sees: seen(user, pass),
  });
}

/** A refused SASL exchange, after which commands go on. */
const refused = (...lines: Line[]): readonly Line[] => [...lines, BAD, 'C: a NOOP', 'S: a OK completed'];

export const imapLogins: readonly SpecCase[] = [
  imap(
    'LOGIN with atoms',
    login((user) => [`C: a LOGIN ${user} secret`]),
  ),
  imap(
    'LOGIN with quoted strings, and spaces and escapes in them',
    login((user) => [`C: a LOGIN "${user}" "s e\\"c\\\\\\r"`], 's e"c\\r', 's%20e"c\\r'),
  ),
  imap(
    'LOGIN with quoted strings back to back',
    login((user) => [`C: a LOGIN "${user}""secret"`]),
  ),
  imap(
    'LOGIN with atoms that hold quotes, braces, TAB, NUL and 8-bit bytes',
    login((user) => [`C: a LOGIN ${user} p"{1}\\\t\0\xff%`], 'p"{1}\\\t\0\xff%', 'p"{1}\\%09%00\xff%25'),
  ),
  imap(
    'LOGIN with literals of any bytes',
    login(
      (user) => ['C: a LOGIN {8}', 'S: + OK', `C: ${user} {4}`, 'S: + OK', 'C: \r\n\0 '],
      '\r\n\0 ',
      '%0D%0A%00%20',
    ),
  ),
  imap(
    'LOGIN with non-synchronising literals',
    login((user) => ['C: a LOGIN {8+}', `C: ${user} {6+}`, 'C: secret']),
  ),
  imap(
    'LOGIN with an empty password',
    login((user) => [`C: a LOGIN ${user} ""`], ''),
  ),
  imap(
    'LOGIN with {0} for a password',
    login((user) => [`C: a LOGIN ${user} {0}`, 'S: + OK', 'C: '], ''),
  ),
  imap('a tag of 32 characters reaches the backend', ({ user }) => ({
    lines: [`C: ${'t'.repeat(32)} LOGIN ${user} secret`, `S: ${'t'.repeat(32)} OK logged in`, ...OUT],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: seen(user, 'secret', 'b LOGOUT\r\n', 't'.repeat(32)),
  })),
  imap(
    'AUTHENTICATE PLAIN',
    login((user) => ['C: a AUTHENTICATE PLAIN', 'S: + ', `C: ${saslPlain(user, 'secret', 'admin')}`]),
  ),
  imap(
    'AUTHENTICATE with an initial response, in any case and quoted',
    login((user) => [`C: a authenticate "plAIN" ${saslPlain(user, 'secret')}`]),
  ),
  imap(
    'AUTHENTICATE LOGIN',
    login((user) => ['C: a AUTHENTICATE LOGIN', USERNAME, `C: ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  imap(
    'AUTHENTICATE LOGIN with the user name at once',
    login((user) => [`C: a AUTHENTICATE LOGIN ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  imap(
    'AUTHENTICATE LOGIN with an empty password',
    login((user) => [`C: a AUTHENTICATE LOGIN ${base64(user)}`, PASSWORD, 'C: '], ''),
  ),
  imap(
    'a whole SASL exchange in one segment',
    login((user) => ['C: a AUTHENTICATE LOGIN', `C: ${base64(user)}`, `C: ${base64('secret')}`, USERNAME, PASSWORD]),
  ),
  imap(
    'base64 without padding, and with garbage behind it',
    login((user) => [
      'C: a AUTHENTICATE PLAIN',
      'S: + ',
      `C: ${saslPlain(user, 'secret').replace(/=*$/, '')}=!garbage more words`,
    ]),
  ),
  imap(
    'a password with NUL in PLAIN',
    login((user) => [`C: a AUTHENTICATE PLAIN ${saslPlain(user, 'a\0b')}`], 'a\0b', 'a%00b'),
  ),
  imap(
    'EXTERNAL, with a password from the auth server',
    ({ user }) => ({
      lines: ['C: a AUTHENTICATE EXTERNAL', USERNAME, `C: ${base64(user)}`, IN, ...OUT],
      asks: [{ method: 'external', user, pass: '' }],
      sees: seen(user, 'given'),
    }),
    {
      block: 'imap-all',
      answers: [(backend) => accept(backend, 'Auth-Pass: given')],
    },
  ),
  imap(
    'EXTERNAL with an initial response',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE EXTERNAL ${base64(user)}`, IN, ...OUT],
      asks: [{ method: 'external', user, pass: '' }],
      sees: seen('other', ''),
    }),
    {
      block: 'imap-all',
      answers: [(backend) => accept(backend, 'Auth-User: other', 'Auth-Pass:')],
    },
  ),

  imap(
    'mechanisms that are not enabled, and none',
    refused(
      'C: a AUTHENTICATE CRAM-MD5',
      BAD,
      'C: a AUTHENTICATE EXTERNAL',
      BAD,
      `C: a AUTHENTICATE EXTERNAL ${base64('x')}`,
      BAD,
      'C: a AUTHENTICATE GSSAPI',
      BAD,
      'C: a AUTHENTICATE',
    ),
  ),
  imap(
    'too many arguments for a mechanism',
    refused('C: a AUTHENTICATE PLAIN x y', BAD, 'C: a AUTHENTICATE LOGIN x y'),
  ),
  imap('CRAM-MD5 takes no initial response', refused('C: a AUTHENTICATE CRAM-MD5 x'), { block: 'imap-all' }),
  imap('an exchange that the client cancels', refused('C: a AUTHENTICATE PLAIN', 'S: + ', 'C: *')),
  imap(
    'bad base64',
    refused(
      'C: a AUTHENTICATE PLAIN AAAAA',
      BAD,
      'C: a AUTHENTICATE LOGIN !',
      BAD,
      'C: a AUTHENTICATE LOGIN',
      USERNAME,
      'C: eA',
      PASSWORD,
      'C: e*',
    ),
  ),
  imap('bad base64 for the user name of LOGIN is answered without a tag', [
    'C: a AUTHENTICATE LOGIN',
    USERNAME,
    'C: !',
    'S: BAD invalid command',
    'C: b X',
    'S: b BAD invalid command',
  ]),
  imap(
    'PLAIN without user, and without password',
    refused(
      'C: a AUTHENTICATE PLAIN =',
      BAD,
      `C: a AUTHENTICATE PLAIN ${base64('x')}`,
      BAD,
      `C: a AUTHENTICATE PLAIN ${base64('x\0')}`,
      BAD,
      `C: a AUTHENTICATE PLAIN ${base64('x\0y')}`,
    ),
  ),
];
