// SMTP logins, and mail without one: what the auth server is asked, what the backend sees, what the client gets.
import { base64, saslPlain } from '../bytes.ts';
import { accept } from '../fake-auth.ts';
import { casesOf, type Facts, type Script, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const smtp = casesOf('smtp');
const OK: Line = 'S: 250 2.0.0 OK';
const BAD: Line = 'S: 500 5.5.1 Invalid command';
const USERNAME: Line = 'S: 334 VXNlcm5hbWU6';
const PASSWORD: Line = 'S: 334 UGFzc3dvcmQ6';
const IN: Line = 'S: 235 2.0.0 OK';
const OUT: readonly Line[] = ['C: MAIL FROM:<a>', 'S: 250 [MAIL FROM:<a>]', 'C: QUIT', 'S: 221 bye', '--'];
const AFTER = 'MAIL FROM:<a>\r\nQUIT\r\n';
const EHLO: readonly Line[] = ['C: EHLO c.example.org', 'S: 250-mx.example.org', 'S: 250 AUTH PLAIN LOGIN'];

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

const refused = (...lines: Line[]): readonly Line[] => [...lines, BAD, 'C: NOOP', OK];

export const smtpLogins: readonly SpecCase[] = [
  smtp(
    'AUTH PLAIN',
    login((user) => ['C: AUTH PLAIN', 'S: 334 ', `C: ${saslPlain(user, 'secret', 'admin')}`]),
  ),
  smtp(
    'AUTH PLAIN at once, in any case',
    login((user) => [`C: auth plain ${saslPlain(user, 's e\n%')}`], 's e\n%', 's%20e%0A%25'),
  ),
  smtp(
    'AUTH LOGIN',
    login((user) => ['C: AUTH LOGIN', USERNAME, `C: ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  smtp(
    'AUTH LOGIN with the user name at once',
    login((user) => [`C: AUTH LOGIN ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`]),
  ),
  smtp(
    'a whole SASL exchange in one segment',
    login((user) => ['C: AUTH LOGIN', `C: ${base64(user)}`, `C: ${base64('secret')}`, USERNAME, PASSWORD]),
  ),
  smtp(
    'an empty password',
    login((user) => [`C: AUTH PLAIN ${saslPlain(user, '')}`], ''),
  ),
  smtp(
    'PLAIN and LOGIN work where they are not announced',
    login((user) => [`C: AUTH PLAIN ${saslPlain(user, 'secret')}`]),
    { block: 'smtp-none' },
  ),
  smtp('the name of EHLO goes to the backend behind XCLIENT', ({ user, address }) => ({
    lines: [...EHLO, `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, IN, ...OUT],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: `${hello(address, user)}EHLO c.example.org\r\n${AFTER}`,
  })),
  smtp('the name of HELO goes to the backend by HELO', ({ user, address }) => ({
    lines: ['C: HELO c.example.org', 'S: 250 mx.example.org', `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, IN, ...OUT],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: `${hello(address, user)}HELO c.example.org\r\n${AFTER}`,
  })),
  smtp('a client that used EHLO once stays one', ({ user, address }) => ({
    lines: [
      ...EHLO,
      'C: HELO d',
      'S: 250 mx.example.org',
      'C: EHLO',
      'S: 501 5.5.4 Invalid argument',
      `C: AUTH PLAIN ${saslPlain(user, 'secret')}`,
      IN,
      ...OUT,
    ],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: `${hello(address, user)}EHLO d\r\n${AFTER}`,
  })),
  smtp('the login in XCLIENT is xtext', ({ user, address }) => ({
    lines: [`C: AUTH PLAIN ${saslPlain(`${user}+= \t\x7f\xff%`, 'secret')}`, IN, ...OUT],
    asks: [{ method: 'plain', user: `${user}+=%20%09\x7f\xff%25`, pass: 'secret' }],
    sees: hello(address, `${user}+2B+3D+20+09+7F+FF%`) + AFTER,
  })),
  smtp('XCLIENT without LOGIN for an empty user', ({ user, address }) => ({
    lines: [`C: AUTH PLAIN ${saslPlain('', user)}`, IN, ...OUT],
    asks: [{ method: 'plain', user: '', pass: user }],
    sees: hello(address, '') + AFTER,
  })),
  smtp(
    'xclient off: HELO in our name, and nothing more',
    ({ user }) => ({
      lines: ['C: HELO c', 'S: 250 mx.example.org', `C: AUTH PLAIN ${saslPlain(user, 'secret')}`, IN, ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: `HELO mx.example.org\r\n${AFTER}`,
    }),
    { block: 'smtp-quiet' },
  ),
  smtp(
    'xclient off: EHLO in our name where the client used it',
    ({ user }) => ({
      lines: [
        'C: EHLO c',
        'S: 250-mx.example.org',
        'S: 250 AUTH PLAIN',
        `C: AUTH PLAIN ${saslPlain(user, 'secret')}`,
        IN,
        ...OUT,
      ],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: `EHLO mx.example.org\r\n${AFTER}`,
    }),
    { block: 'smtp-quiet' },
  ),
  smtp(
    'proxy_smtp_auth logs in at the backend, always by PLAIN',
    ({ user, address }) => ({
      lines: ['C: AUTH LOGIN', USERNAME, `C: ${base64(user)}`, PASSWORD, `C: ${base64('secret')}`, IN, ...OUT],
      asks: [{ method: 'plain', user, pass: 'secret' }],
      sees: `${hello(address, '')}AUTH PLAIN ${saslPlain('other', '')}\r\n${AFTER}`,
    }),
    {
      block: 'smtp-login',
      answers: [(backend) => accept(backend, 'Auth-User: other', 'Auth-Pass:')],
    },
  ),
  smtp('bytes behind the login go to the backend', ({ user, address }) => ({
    lines: [
      `C: AUTH PLAIN ${saslPlain(user, 'secret')}`,
      'C: RSET',
      'C: QUIT',
      IN,
      'S: 250 [RSET]',
      'S: 221 bye',
      '--',
    ],
    asks: [{ method: 'plain', user, pass: 'secret' }],
    sees: `${hello(address, user)}RSET\r\nQUIT\r\n`,
  })),
  smtp(
    'EXTERNAL needs no password',
    ({ user, address }) => ({
      lines: ['C: AUTH EXTERNAL', USERNAME, `C: ${base64(user)}`, IN, ...OUT],
      asks: [{ method: 'external', user, pass: '' }],
      sees: hello(address, user) + AFTER,
    }),
    { block: 'smtp-all' },
  ),

  smtp(
    'mechanisms that are not enabled',
    refused('C: AUTH CRAM-MD5', BAD, 'C: AUTH EXTERNAL', BAD, `C: AUTH EXTERNAL ${base64('x')}`, BAD, 'C: AUTH GSSAPI'),
  ),
  smtp('too many arguments for a mechanism', refused('C: AUTH PLAIN x y', BAD, 'C: AUTH LOGIN x y')),
  smtp('an exchange that the client cancels', refused('C: AUTH PLAIN', 'S: 334 ', 'C: *')),
  smtp(
    'bad base64',
    refused(
      'C: AUTH PLAIN AAAAA',
      BAD,
      'C: AUTH LOGIN',
      USERNAME,
      'C: !',
      BAD,
      'C: AUTH LOGIN',
      USERNAME,
      'C: eA==',
      PASSWORD,
      'C: e*',
    ),
  ),
];
