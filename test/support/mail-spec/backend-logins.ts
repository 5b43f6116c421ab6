// How logins are said to backends: by the configuration, as the client did, or as the auth server wants.
import { base64, saslPlain } from '../bytes.ts';
import { accept } from '../fake-auth.ts';
import { type BackendScript, dialogue } from '../fake-backend.ts';
import type { Answer, Block } from './arena.ts';
import { casesOf, type SpecCase } from './case.ts';
import type { Line } from './transcript.ts';

const ALL = 'plain login cram-md5 external xoauth2 oauthbearer';

export const BACKEND_BLOCKS: Readonly<Record<string, Block>> = {
  'imap-pass': { protocol: 'imap', conf: `imap_auth ${ALL}; proxy_imap_auth pass; proxy_pass_error_message on;` },
  'imap-plain': { protocol: 'imap', conf: 'proxy_imap_auth plain;' },
  'pop3-pass': {
    protocol: 'pop3',
    conf: 'pop3_auth plain apop external xoauth2 oauthbearer; pop3_client_buffer 4k; proxy_pop3_auth pass; proxy_pass_error_message on;',
  },
  'pop3-external': { protocol: 'pop3', conf: 'proxy_pop3_auth external;' },
  'smtp-pass': {
    protocol: 'smtp',
    conf: `smtp_auth ${ALL}; proxy_smtp_auth pass; xclient off; proxy_pass_error_message on;`,
  },
  'smtp-login-too': { protocol: 'smtp', conf: 'proxy_smtp_auth login; xclient off;' },
  'smtp-none-too': { protocol: 'smtp', conf: 'smtp_auth none; proxy_smtp_auth pass; xclient off;' },
};

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');

const PROMPTED = dialogue(['* OK hi\r\n', '+ \r\n', '$TAG OK logged in\r\n']);
const AT_ONCE = dialogue(['* OK [CAPABILITY IMAP4rev1 SASL-IR] hi\r\n', '$TAG OK logged in\r\n']);
const POP3_PROMPTED = dialogue(['+OK hi\r\n', '+\r\n', '+OK logged in\r\n']);
/** Nobody says EHLO here. */
const SMTP_AT_ONCE = dialogue(['220 hi\r\n', '250 hello\r\n', '235 2.7.0 in\r\n']);
const SMTP_BY_LOGIN = dialogue(['220 hi\r\n', '250 hello\r\n', '334 a\r\n', '334 b\r\n', '235 2.7.0 in\r\n']);

const IMAP_IN: readonly Line[] = ['S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'];
const POP3_IN: readonly Line[] = ['S: +OK logged in', 'C: QUIT', 'S: +OK 250 [QUIT]', '--'];
const SMTP_IN: readonly Line[] = ['S: 235 2.0.0 OK', 'C: QUIT', 'S: +OK 250 [QUIT]', '--'];
const HELO = 'HELO mx.example.org\r\n';

const xoauth2 = (user: string, token: string): string => base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`);
const bearer = (user: string, token: string): string => base64(`n,a=${user},\x01auth=Bearer ${token}\x01\x01`);
const wants = (method: string, ...more: string[]): readonly Answer[] => [
  (backend) => accept(backend, `Auth-Method: ${method}`, ...more),
];
/** Takes the token, says in a challenge what is wrong with it, and refuses. */
const refusing = (greeting: string, ...replies: string[]): BackendScript =>
  dialogue([greeting, ...replies], async () => {});

function byParts(name: string, lines: (user: string) => readonly Line[]): SpecCase {
  return imap(
    `pass: ${name} is LOGIN`,
    ({ user }) => ({
      lines: [...lines(user), ...IMAP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `a LOGIN {${user.length}}\r\n${user} {1}\r\nx\r\nb LOGOUT\r\n`,
    }),
    { block: 'imap-pass' },
  );
}

const imapBackends: readonly SpecCase[] = [
  imap(
    'pass: XOAUTH2, by an initial response where the greeting announces it',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE XOAUTH2 ${xoauth2(user, 'tok')}`, ...IMAP_IN],
      asks: [{ method: 'xoauth2', user, pass: 'tok' }],
      sees: `a AUTHENTICATE XOAUTH2 ${xoauth2(user, 'tok')}\r\nb LOGOUT\r\n`,
    }),
    { block: 'imap-pass', backend: AT_ONCE },
  ),
  imap(
    'pass: OAUTHBEARER, by a round trip, with the user and the token of the answer',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE OAUTHBEARER ${bearer(user, 'tok')}`, ...IMAP_IN],
      asks: [{ method: 'oauthbearer', user, pass: 'tok' }],
      sees: `a AUTHENTICATE OAUTHBEARER\r\n${bearer('j=3Dx', 'other')}\r\nb LOGOUT\r\n`,
    }),
    {
      block: 'imap-pass',
      backend: PROMPTED,
      answers: [(backend) => accept(backend, 'Auth-User: j=x', 'Auth-Pass: other')],
    },
  ),
  imap(
    'pass: AUTHENTICATE PLAIN',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE PLAIN ${saslPlain(user, 'x')}`, ...IMAP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `a AUTHENTICATE PLAIN\r\n${saslPlain(user, 'x')}\r\nb LOGOUT\r\n`,
    }),
    { block: 'imap-pass', backend: PROMPTED },
  ),
  imap(
    'pass: EXTERNAL needs no password',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE EXTERNAL ${base64(user)}`, ...IMAP_IN],
      asks: [{ method: 'external', user, pass: '' }],
      sees: `a AUTHENTICATE EXTERNAL ${base64(user)}\r\nb LOGOUT\r\n`,
    }),
    { block: 'imap-pass', backend: AT_ONCE },
  ),
  byParts('LOGIN', (user) => [`C: a LOGIN ${user} x`]),
  byParts('AUTHENTICATE LOGIN', (user) => [
    `C: a AUTHENTICATE LOGIN ${base64(user)}`,
    'S: + UGFzc3dvcmQ6',
    `C: ${base64('x')}`,
  ]),
  imap(
    'pass: an error in a challenge is acknowledged, and the refusal goes to the client',
    ({ user }) => ({
      lines: [`C: a AUTHENTICATE XOAUTH2 ${xoauth2(user, 't')}`, 'S: a NO [AUTHENTICATIONFAILED] no', '--'],
      asks: [{ method: 'xoauth2', user, pass: 't' }],
      sees: `a AUTHENTICATE XOAUTH2\r\n${xoauth2(user, 't')}\r\n\r\n`,
    }),
    {
      block: 'imap-pass',
      backend: refusing('* OK hi\r\n', '+ \r\n', '+ eyJ9\r\n', '$TAG NO [AUTHENTICATIONFAILED] no\r\n'),
    },
  ),
  imap(
    'proxy_imap_auth plain, whatever the client used',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} x`, ...IMAP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `a AUTHENTICATE PLAIN\r\n${saslPlain(user, 'x')}\r\nb LOGOUT\r\n`,
    }),
    { block: 'imap-plain', backend: PROMPTED },
  ),
  imap(
    'Auth-Method in any case, where nothing is configured',
    ({ user }) => ({
      lines: [`C: a LOGIN ${user} x`, ...IMAP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `a AUTHENTICATE XOAUTH2\r\n${xoauth2(user, 'token')}\r\nb LOGOUT\r\n`,
    }),
    { backend: PROMPTED, answers: wants('XOAuth2', 'Auth-Pass: token') },
  ),
  ...['none', 'cram-md5', 'x'].map((method) =>
    imap(
      `Auth-Method: ${method} is an internal error`,
      ({ user }) => ({
        lines: [`C: a LOGIN ${user} x`, 'S: * BAD internal server error', '--'],
        asks: [{ method: 'plain', user, pass: 'x' }],
      }),
      { answers: wants(method) },
    ),
  ),
];

const pop3Backends: readonly SpecCase[] = [
  pop3(
    'pass: XOAUTH2, always by a round trip',
    ({ user }) => ({
      lines: [`C: AUTH XOAUTH2 ${xoauth2(user, 'tok')}`, ...POP3_IN],
      asks: [{ method: 'xoauth2', user, pass: 'tok' }],
      sees: `AUTH XOAUTH2\r\n${xoauth2(user, 'tok')}\r\nQUIT\r\n`,
    }),
    { block: 'pop3-pass', backend: POP3_PROMPTED },
  ),
  pop3(
    'pass: USER and PASS',
    ({ user }) => ({
      lines: [`C: USER ${user}`, 'S: +OK', 'C: PASS x', ...POP3_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `USER ${user}\r\nPASS x\r\nQUIT\r\n`,
    }),
    { block: 'pop3-pass' },
  ),
  pop3(
    'pass: AUTH PLAIN, refused',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'x')}`, 'S: -ERR [AUTH] no', '--'],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `AUTH PLAIN\r\n${saslPlain(user, 'x')}\r\n`,
    }),
    { block: 'pop3-pass', backend: refusing('+OK hi\r\n', '+ \r\n', '-ERR [AUTH] no\r\n') },
  ),
  pop3(
    'proxy_pop3_auth external',
    ({ user }) => ({
      lines: [`C: USER ${user}`, 'S: +OK', 'C: PASS x', ...POP3_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `AUTH EXTERNAL\r\n${base64(user)}\r\nQUIT\r\n`,
    }),
    { block: 'pop3-external', backend: POP3_PROMPTED },
  ),
  pop3(
    'Auth-Method: plain',
    ({ user }) => ({
      lines: [`C: USER ${user}`, 'S: +OK', 'C: PASS x', ...POP3_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `AUTH PLAIN\r\n${saslPlain(user, 'x')}\r\nQUIT\r\n`,
    }),
    { backend: POP3_PROMPTED, answers: wants('PLAIN') },
  ),
];

const smtpBackends: readonly SpecCase[] = [
  ...(
    [
      ['XOAUTH2', 'xoauth2', xoauth2],
      ['OAUTHBEARER', 'oauthbearer', bearer],
      ['PLAIN', 'plain', saslPlain],
    ] as const
  ).map(([mechanism, method, say]) =>
    smtp(
      `pass: ${mechanism}`,
      ({ user }) => ({
        lines: [`C: AUTH ${mechanism} ${say(user, 'tok')}`, ...SMTP_IN],
        asks: [{ method, user, pass: 'tok' }],
        sees: `${HELO}AUTH ${mechanism} ${say(user, 'tok')}\r\nQUIT\r\n`,
      }),
      { block: 'smtp-pass', backend: SMTP_AT_ONCE },
    ),
  ),
  smtp(
    'pass: LOGIN',
    ({ user }) => ({
      lines: [`C: AUTH LOGIN ${base64(user)}`, 'S: 334 UGFzc3dvcmQ6', `C: ${base64('x')}`, ...SMTP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `${HELO}AUTH LOGIN\r\n${base64(user)}\r\n${base64('x')}\r\nQUIT\r\n`,
    }),
    { block: 'smtp-pass', backend: SMTP_BY_LOGIN },
  ),
  smtp(
    'pass: an error in a challenge is acknowledged, and the refusal goes to the client',
    ({ user }) => ({
      lines: [`C: AUTH OAUTHBEARER ${bearer(user, 't')}`, 'S: 535 5.7.8 no', '--'],
      asks: [{ method: 'oauthbearer', user, pass: 't' }],
      sees: `${HELO}AUTH OAUTHBEARER ${bearer(user, 't')}\r\nAQ==\r\n`,
    }),
    { block: 'smtp-pass', backend: refusing('220 hi\r\n', '250 hello\r\n', '334 eyJ9\r\n', '535 5.7.8 no\r\n') },
  ),
  smtp(
    'proxy_smtp_auth login, whatever the client used',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'x')}`, ...SMTP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `${HELO}AUTH LOGIN\r\n${base64(user)}\r\n${base64('x')}\r\nQUIT\r\n`,
    }),
    { block: 'smtp-login-too', backend: SMTP_BY_LOGIN },
  ),
  smtp(
    'Auth-Method: none, where the configuration wants a login',
    ({ user }) => ({
      lines: [`C: AUTH PLAIN ${saslPlain(user, 'x')}`, ...SMTP_IN],
      asks: [{ method: 'plain', user, pass: 'x' }],
      sees: `${HELO}QUIT\r\n`,
    }),
    { block: 'smtp-login-too', backend: dialogue(['220 hi\r\n', '250 hello\r\n']), answers: wants('none') },
  ),
  smtp(
    'pass with mail that needs no login: none at the backend',
    ({ user }) => ({
      lines: [
        `C: MAIL FROM:<${user}>`,
        'S: 250 2.0.0 OK',
        'C: RCPT TO:<b>',
        'S: 250 rcpt',
        'C: QUIT',
        'S: +OK 250 [QUIT]',
        '--',
      ],
      asks: [{ method: 'none', user: '', pass: '', envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<b>'] }],
      sees: `${HELO}MAIL FROM:<${user}>\r\nRCPT TO:<b>\r\nQUIT\r\n`,
    }),
    { block: 'smtp-none-too', backend: dialogue(['220 hi\r\n', '250 hello\r\n', '250 mail\r\n', '250 rcpt\r\n']) },
  ),
  smtp(
    'Auth-Method with mail that needs no login: the login of the answer',
    ({ user }) => ({
      lines: [
        `C: MAIL FROM:<${user}>`,
        'S: 250 2.0.0 OK',
        'C: RCPT TO:<b>',
        'S: 250 rcpt',
        'C: QUIT',
        'S: +OK 250 [QUIT]',
        '--',
      ],
      asks: [{ method: 'none', user: '', pass: '', envelope: ['', `MAIL FROM:<${user}>`, 'RCPT TO:<b>'] }],
      sees: `${HELO}AUTH PLAIN ${saslPlain('relay', 'x')}\r\nMAIL FROM:<${user}>\r\nRCPT TO:<b>\r\nQUIT\r\n`,
    }),
    {
      block: 'smtp-none-too',
      backend: dialogue(['220 hi\r\n', '250 hello\r\n', '235 in\r\n', '250 mail\r\n', '250 rcpt\r\n']),
      answers: wants('plain', 'Auth-User: relay', 'Auth-Pass: x'),
    },
  ),
];

export const backendLogins: readonly SpecCase[] = [...imapBackends, ...pop3Backends, ...smtpBackends];
