// POP3 logins: what the auth server is asked, what the backend sees, what the client gets.
import { base64, saslPlain } from '../bytes.ts';
import { accept, refuse } from '../fake-auth.ts';
import { dialogue } from '../fake-backend.ts';
import { casesOf, type Facts, type Script, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const pop3 = casesOf('pop3');
const OK: Line = 'S: +OK';
const ERR: Line = 'S: -ERR invalid command';
const USERNAME: Line = 'S: + VXNlcm5hbWU6';
const PASSWORD: Line = 'S: + UGFzc3dvcmQ6';
const IN: Line = 'S: +OK logged in';
const OUT: readonly Line[] = ['C: STAT', 'S: +OK 250 [STAT]', 'C: QUIT', 'S: +OK 250 [QUIT]', '--'];

const seen = (user: string, pass: string, after = 'STAT\r\nQUIT\r\n'): string =>
  `USER ${user}\r\nPASS ${pass}\r\n${after}`;

function login(lines: (user: string) => readonly Line[], pass = 'secret', escaped = pass): (facts: Facts) => Script {
  return ({ user }) => ({
    lines: [...lines(user), IN, ...OUT],
    asks: [{ method: 'plain', user, pass: escaped }],
    sees: seen(user, pass),
  });
}

const refused = (...lines: Line[]): readonly Line[] => [...lines, ERR, 'C: NOOP', OK];

export const pop3Logins: readonly SpecCase[] = [
  pop3(
    'USER and PASS',
    login((user) => [`C: USER ${user}`, OK, 'C: PASS secret']),
  ),
  pop3(
    'USER and PASS with spaces in front, inside and behind',
    ({ user }) => ({
      lines: [`C: user   ${user} x  `, OK, 'C: pass    a b \t\0\xff%  ', IN, ...OUT],
      asks: [
        {
          method: 'plain',
          user: `${user}%20x%20%20`,
          pass: 'a%20b%20%09%00\xff%25%20%20',
        },
      ],
      sees: seen(`${user} x  `, 'other'),
    }),
    { answers: [(backend) => accept(backend, 'Auth-Pass: other')] },
  ),
  pop3(
    'NOOP and CAPA between USER and PASS',
    login((user) => [`C: USER ${user}`, OK, 'C: NOOP', OK, 'C: PASS secret']),
  ),
  pop3('USER, PASS and what follows in one segment', ({ user }) => ({
    lines: [
      `C: USER ${user}`,
      'C: PASS secret',
      'C: STAT',
      'C: QUIT',
      OK,
      IN,
      'S: +OK 250 [STAT]',
      'S: +OK 250 [QUIT]',
      '--',
    ],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: seen(user, 'secret'),
  })),
  pop3('more than the buffer behind the login goes to the backend', ({ user }) => ({
    lines: [
      `C: USER ${user}`,
      'C: PASS secret',
      `C: TOP ${'9'.repeat(300)}`,
      'C: QUIT',
      OK,
      IN,
      `S: +OK 250 [TOP ${'9'.repeat(300)}]`,
      'S: +OK 250 [QUIT]',
      '--',
    ],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: seen(user, 'secret', `TOP ${'9'.repeat(300)}\r\nQUIT\r\n`),
  })),
  pop3(
    'AUTH PLAIN',
    login((user) => ['C: AUTH PLAIN', 'S: + ', `C: ${saslPlain(user, 'secret', 'admin')}`]),
  ),
  pop3(
    'AUTH PLAIN at once, in any case',
    login((user) => [`C: auth plain ${saslPlain(user, 'secret')}`]),
  ),
  pop3(
    'AUTH LOGIN',
    login((user) => ['C: AUTH LOGIN', USERNAME, `C: ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  pop3(
    'AUTH LOGIN with the user name at once',
    login((user) => [`C: AUTH LOGIN ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  pop3(
    'an empty password by SASL',
    login((user) => [`C: AUTH LOGIN ${base64(user)}`, PASSWORD, 'C: '], ''),
  ),
  pop3(
    'EXTERNAL, with a password from the auth server',
    ({ user }) => ({
      lines: ['C: AUTH EXTERNAL', USERNAME, `C: ${base64(user)}`, IN, ...OUT],
      asks: [{ method: 'external', user, pass: '' }],
      sees: seen(user, 'given'),
    }),
    {
      block: 'pop3-all',
      answers: [(backend) => accept(backend, 'Auth-Pass: given')],
    },
  ),

  pop3(
    'mechanisms that are not enabled',
    refused('C: AUTH CRAM-MD5', ERR, 'C: AUTH EXTERNAL', ERR, `C: AUTH EXTERNAL ${base64('x')}`, ERR, 'C: AUTH GSSAPI'),
  ),
  pop3('too many arguments for a mechanism', refused('C: AUTH PLAIN x y', ERR, 'C: AUTH LOGIN x y')),
  pop3('CRAM-MD5 takes no initial response', refused('C: AUTH CRAM-MD5 x'), {
    block: 'pop3-all',
  }),
  pop3('an exchange that the client cancels', refused('C: AUTH PLAIN', 'S: + ', 'C: *')),
  pop3(
    'bad base64',
    refused(
      'C: AUTH PLAIN AAAAA',
      ERR,
      'C: AUTH LOGIN',
      USERNAME,
      'C: !',
      ERR,
      'C: AUTH LOGIN',
      USERNAME,
      'C: eA==',
      PASSWORD,
      'C: e*',
    ),
  ),
  pop3(
    'PLAIN without user, and without password',
    refused('C: AUTH PLAIN =', ERR, `C: AUTH PLAIN ${base64('x')}`, ERR, `C: AUTH PLAIN ${base64('x\0y')}`),
  ),

  pop3(
    'a refusal closes',
    ({ user }) => ({
      lines: [`C: USER ${user}`, OK, 'C: PASS wrong', 'S: -ERR Invalid login or password', '--'],
      asks: [{ method: 'plain', user, pass: 'wrong' }],
    }),
    {
      answers: [() => refuse('Invalid login or password', 'Auth-Error-Code: 999')],
    },
  ),
  pop3(
    'a refusal with Auth-Wait comes late, goes back to the start, and the next attempt counts',
    ({ user }) => ({
      lines: [
        `C: USER ${user}`,
        OK,
        'C: PASS wrong',
        'C: PASS again',
        'S: -ERR no',
        ERR,
        `C: AUTH PLAIN ${saslPlain(user, 'right')}`,
        IN,
        ...OUT,
      ],
      asks: [
        { method: 'plain', user, pass: 'wrong' },
        { method: 'plain', user, pass: 'right', attempt: 2 },
      ],
      sees: seen(user, 'right'),
    }),
    { answers: [() => refuse('no', 'Auth-Wait: 1'), accept] },
  ),
  pop3(
    'an empty Auth-Status is a refusal',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'x')}`, 'S: -ERR ', '--'],
      asks: [{ method: 'plain', user, pass: 'x' }],
    }),
    { answers: [() => refuse('')] },
  ),
  pop3(
    'Auth-User and Auth-Pass take the place of login and password',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'secret')}`, IN, ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: seen('other \xff', 'p a%20ss'),
    }),
    {
      answers: [(backend) => accept(backend, 'Auth-User: other \xff', 'Auth-Pass: p a%20ss')],
    },
  ),
  pop3(
    'the final reply comes verbatim, with all that is behind it',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'secret')}`, 'S: +OKAY 3 messages', 'S: more', ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: seen(user, 'secret'),
    }),
    {
      backend: dialogue(['+OK\r\n', '+OK\r\n', '+OKAY 3 messages\r\nmore\r\n']),
    },
  ),
];
