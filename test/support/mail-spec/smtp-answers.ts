// SMTP: what comes of the answers of the auth server and of the backend, and mail without a login.
import { saslPlain } from '../bytes.ts';
import { accept, refuse } from '../fake-auth.ts';
import { dialogue } from '../fake-backend.ts';
import { casesOf, type Facts, type Script, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const smtp = casesOf('smtp');
const OK: Line = 'S: 250 2.0.0 OK';
const IN: Line = 'S: 235 2.0.0 OK';
const OUT: readonly Line[] = ['C: MAIL FROM:<a>', 'S: 250 [MAIL FROM:<a>]', 'C: QUIT', 'S: 221 bye', '--'];
const AFTER = 'MAIL FROM:<a>\r\nQUIT\r\n';

const hello = (address: string, login: string): string =>
  `EHLO mx.example.org\r\nXCLIENT ADDR=${address}${login === '' ? '' : ` LOGIN=${login}`} NAME=[UNAVAILABLE]\r\n`;

/** A login without EHLO: the backend is told of the client by XCLIENT and gets no password. */
function login(lines: (user: string) => readonly Line[], pass = 'secret', escaped = pass): (facts: Facts) => Script {
  return ({ user, address }) => ({
    lines: [...lines(user), IN, ...OUT],
    asks: [{ method: 'plain', user, pass: escaped }],
    sees: hello(address, user) + AFTER,
  });
}

export const smtpAnswers: readonly SpecCase[] = [
  smtp(
    'a refusal has the default code, and closes',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'wrong')}`, 'S: 535 5.7.0 Invalid login or password', '--'],
      asks: [{ method: 'plain', user, pass: 'wrong' }],
    }),
    { answers: [() => refuse('Invalid login or password')] },
  ),
  smtp(
    'a refusal with a code of its own and Auth-Wait comes late, and the next attempt counts',
    ({ user, address }) => ({
      lines: [
        `C: AUTH PLAIN ${saslPlain(user, 'wrong')}`,
        'C: NOOP',
        'S: 454 4.7.0 later',
        OK,
        `C: AUTH PLAIN ${saslPlain(user, 'right')}`,
        IN,
        ...OUT,
      ],
      asks: [
        { method: 'plain', user, pass: 'wrong' },
        { method: 'plain', user, pass: 'right', attempt: 2 },
      ],
      sees: hello(address, user) + AFTER,
    }),
    {
      answers: [() => refuse('later', 'Auth-Wait: 1', 'Auth-Error-Code: 454 4.7.0'), accept],
    },
  ),
  smtp(
    'an empty Auth-Status is none',
    login((user) => [`C: AUTH PLAIN ${saslPlain(user, 'secret')}`]),
    { answers: [(backend) => accept(backend, 'Auth-Status:')] },
  ),

  smtp(
    'mail without a login: MAIL and RCPT as typed',
    ({ user, address }) => ({
      lines: [
        'C: EHLO c',
        'S: 250 mx.example.org',
        `C: mail   FROM:<${user}>   SIZE=1  `,
        OK,
        'C: Rcpt to:<b c>  X=\xff ',
        'S: 250 [Rcpt to:<b c>  X=\xff]',
        'C: QUIT',
        'S: 221 bye',
        '--',
      ],
      asks: [
        {
          method: 'none',
          user: '',
          pass: '',
          envelope: ['c', `mail   FROM:<${user}>   SIZE=1`, 'Rcpt to:<b c>  X=\xff'],
        },
      ],
      sees: `${hello(address, '')}EHLO c\r\nmail   FROM:<${user}>   SIZE=1\r\nRcpt to:<b c>  X=\xff\r\nQUIT\r\n`,
    }),
    { block: 'smtp-none' },
  ),
  smtp(
    'mail without a login and without HELO, pipelined',
    ({ user }) => ({
      lines: [`C: MAIL FROM:<${user}>`, 'C: RCPT TO:<b>', 'C: QUIT', OK, 'S: 250 [RCPT TO:<b>]', 'S: 221 bye', '--'],
      asks: [
        {
          method: 'none',
          user: '',
          pass: '',
          envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<b>'],
        },
      ],
      sees: `HELO mx.example.org\r\nMAIL FROM:<${user}>\r\nRCPT TO:<b>\r\nQUIT\r\n`,
    }),
    { block: 'smtp-quiet' },
  ),
  smtp(
    'a recipient that the backend refuses: its reply, then the relay',
    ({ user }) => ({
      lines: [
        `C: MAIL FROM:<${user}>`,
        OK,
        'C: RCPT TO:<b>',
        'S: 550-no',
        'S: 550 such user',
        'C: QUIT',
        'S: +OK 250 [QUIT]',
        '--',
      ],
      asks: [
        {
          method: 'none',
          user: '',
          pass: '',
          envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<b>'],
        },
      ],
      sees: `HELO mx.example.org\r\nMAIL FROM:<${user}>\r\nRCPT TO:<b>\r\nQUIT\r\n`,
    }),
    {
      block: 'smtp-quiet',
      backend: dialogue(['220 hi\r\n', '250 hi\r\n', '250 ok\r\n', '550-no\r\n550 such user\r\n']),
    },
  ),
  smtp(
    'a recipient that the auth server refuses, and another one',
    ({ user }) => ({
      lines: [
        `C: MAIL FROM:<${user}>`,
        OK,
        'C: RCPT TO:<b>',
        'S: 550 5.1.1 unknown',
        'C: MAIL FROM:<x>',
        'S: 503 5.5.1 Bad sequence of commands',
        'C: RCPT TO:<c>',
        'S: 250 [RCPT TO:<c>]',
        'C: QUIT',
        'S: 221 bye',
        '--',
      ],
      asks: [
        {
          method: 'none',
          user: '',
          pass: '',
          envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<b>'],
        },
        {
          method: 'none',
          user: '',
          pass: '',
          attempt: 2,
          envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<c>'],
        },
      ],
      sees: `HELO mx.example.org\r\nMAIL FROM:<${user}>\r\nRCPT TO:<c>\r\nQUIT\r\n`,
    }),
    {
      block: 'smtp-quiet',
      answers: [() => refuse('unknown', 'Auth-Wait: 1', 'Auth-Error-Code: 550 5.1.1'), accept],
    },
  ),
  smtp(
    'MAIL before AUTH is not replayed',
    ({ user }) => ({
      lines: ['C: MAIL FROM:<a>', OK, `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, IN, ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: `HELO mx.example.org\r\n${AFTER}`,
    }),
    { block: 'smtp-quiet' },
  ),
];
