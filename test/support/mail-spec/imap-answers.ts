// IMAP logins: what comes of the answers of the auth server and of the backend.
import { saslPlain } from '../bytes.ts';
import { accept, refuse } from '../fake-auth.ts';
import { dialogue } from '../fake-backend.ts';
import { casesOf, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const imap = casesOf('imap');

/** What the backend of the tests says when a session is in, and at its end. */
const IN: Line = 'S: a OK logged in';
const OUT: readonly Line[] = ['C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'];

/** The dialogue with the backend: always synchronising literals. */
function seen(user: string, pass: string, after = 'b LOGOUT\r\n', tag = 'a'): string {
  return `${tag} LOGIN {${user.length}}\r\n${user} {${pass.length}}\r\n${pass}\r\n${after}`;
}

export const imapAnswers: readonly SpecCase[] = [
  imap(
    'a refusal closes',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} wrong`, `C: b NOOP`, 'S: a NO Invalid login or password', '--'],
      asks: [{ method: 'plain', user, pass: 'wrong' }],
    }),
    { answers: [() => refuse('Invalid login or password')] },
  ),
  imap(
    'a refusal with Auth-Wait comes late, and the next attempt counts',
    ({ user }) => ({
      lines: [
        `C: a1 LOGIN ${user} wrong`,
        'C: b NOOP',
        'S: a1 NO no',
        'S: b OK completed',
        `C: a AUTHENTICATE PLAIN ${saslPlain(user, 'right')}`,
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
  imap(
    'an empty Auth-Status is a refusal',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} x`, 'S: a NO ', '--'],
      asks: [{ method: 'plain', user, pass: 'x' }],
    }),
    { answers: [() => refuse('')] },
  ),
  imap(
    'Auth-User and Auth-Pass take the place of login and password, whatever bytes they hold',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} secret`, IN, ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: seen('other"{1} \xff', 'p a\0ss'),
    }),
    {
      answers: [(backend) => accept(backend, 'auth-user: other"{1} \xff', 'AUTH-PASS:   p a\0ss   ')],
    },
  ),
  imap(
    'WAIT asks again, as the same attempt',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} secret`, IN, ...OUT],
      asks: [
        { method: 'plain', user, pass: 'secret' },
        { method: 'plain', user, pass: 'secret' },
      ],
      sees: seen(user, 'secret'),
    }),
    {
      answers: [(backend) => accept(backend, 'Auth-Status: WAIT', 'Auth-Wait: 1'), accept],
    },
  ),
  imap('bytes behind the login go to the backend', ({ user }) => ({
    lines: [
      `C: a LOGIN ${user} secret`,
      'C: b NOOP',
      'C: c LOGOUT',
      IN,
      'S: +OK 250 [b NOOP]',
      'S: +OK 250 [c LOGOUT]',
      '--',
    ],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: seen(user, 'secret', 'b NOOP\r\nc LOGOUT\r\n'),
  })),
  imap(
    'the final reply comes with the untagged line before it and all that is behind it',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} secret`, 'S: * CAPABILITY X', 'S: a OK [x] in', 'S: * 3 EXISTS', ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: seen(user, 'secret'),
    }),
    {
      backend: dialogue(['* OK hi\r\n', '+ \r\n', '+ \r\n', '* CAPABILITY X\r\n$TAG OK [x] in\r\n* 3 EXISTS\r\n']),
    },
  ),
];
