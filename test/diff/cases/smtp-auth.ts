// SMTP AUTH and what follows it at the backend: EHLO, XCLIENT, AUTH.
import { base64, saslPlain } from '../../support/bytes.ts';
import { type Case, CLOSED, casesOf, headers, ok } from '../case.ts';

const smtp = casesOf('smtp');
const BYE = ['QUIT\r\n', CLOSED] as const;
const ALL = 'smtp_auth plain login cram-md5 external;';
const PLAIN = saslPlain('user', 'pass');
const DIGEST = '0123456789abcdef0123456789abcdef';

export const smtpAuth: readonly Case[] = [
  smtp('PLAIN with initial response', ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, 'MAIL FROM:<a>\r\n', ...BYE]),
  smtp('PLAIN with continuation', ['EHLO c\r\n', 'AUTH PLAIN\r\n', `${PLAIN}\r\n`, ...BYE]),
  smtp('PLAIN without EHLO', [`AUTH PLAIN ${PLAIN}\r\n`, ...BYE]),
  smtp('PLAIN after HELO', ['HELO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE]),
  smtp('PLAIN xclient off after HELO', ['HELO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'xclient off;' }),
  smtp('PLAIN xclient off after EHLO', ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'xclient off;' }),
  smtp('PLAIN xclient off without EHLO', [`AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'xclient off;' }),
  smtp('PLAIN proxy_smtp_auth', ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'proxy_smtp_auth on;' }),
  smtp('PLAIN proxy_smtp_auth, xclient off', ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE], {
    conf: 'proxy_smtp_auth on; xclient off;',
  }),
  smtp('PLAIN proxy_smtp_auth with replaced login and password', ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE], {
    conf: 'proxy_smtp_auth on;',
    auth: [ok('Auth-User: other', 'Auth-Pass: secret')],
  }),
  smtp('PLAIN proxy_smtp_auth with an empty password', [`AUTH PLAIN ${saslPlain('user', '')}\r\n`, ...BYE], {
    conf: 'proxy_smtp_auth on;',
  }),
  smtp('CRAM-MD5 proxy_smtp_auth without Auth-Pass', ['AUTH CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, CLOSED], {
    conf: `${ALL} proxy_smtp_auth on;`,
  }),
  smtp('CRAM-MD5 proxy_smtp_auth with Auth-Pass', ['AUTH CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, ...BYE], {
    conf: `${ALL} proxy_smtp_auth on;`,
    auth: [ok('Auth-Pass: secret')],
  }),
  smtp('PLAIN in lower case', [`auth plain ${PLAIN}\r\n`, ...BYE]),
  smtp('PLAIN with two responses', [`AUTH PLAIN ${PLAIN} x\r\n`, ...BYE]),
  smtp('PLAIN cancelled', ['AUTH PLAIN\r\n', '*\r\n', 'NOOP\r\n', ...BYE]),
  smtp('PLAIN empty', ['AUTH PLAIN\r\n', '\r\n', 'AUTH PLAIN =\r\n', ...BYE]),
  smtp('PLAIN bad base64', ['AUTH PLAIN !\r\n', 'AUTH PLAIN AAAAA\r\n', ...BYE]),
  smtp('PLAIN no NUL', [`AUTH PLAIN ${base64('user')}\r\n`, `AUTH PLAIN ${base64('\0user')}\r\n`, ...BYE]),
  smtp('PLAIN with an empty user has no LOGIN in XCLIENT', [`AUTH PLAIN ${saslPlain('', 'pass')}\r\n`, ...BYE]),
  smtp('PLAIN where only none is listed', [`AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'smtp_auth none;' }),
  smtp('PLAIN pipelined', [`EHLO c\r\nAUTH PLAIN ${PLAIN}\r\nMAIL FROM:<a>\r\n`, ...BYE]),
  smtp('LOGIN', ['EHLO c\r\n', 'AUTH LOGIN\r\n', `${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  smtp('LOGIN with initial user', [`AUTH LOGIN ${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  smtp('LOGIN with two arguments', [`AUTH LOGIN ${base64('user')} x\r\n`, ...BYE]),
  smtp('LOGIN bad user and password', [
    'AUTH LOGIN\r\n',
    '*\r\n',
    'AUTH LOGIN\r\n',
    '\r\n',
    '!\r\n',
    'NOOP\r\n',
    ...BYE,
  ]),
  smtp('LOGIN pipelined', [`AUTH LOGIN\r\n${base64('user')}\r\n${base64('pass')}\r\n`, ...BYE]),
  smtp('CRAM-MD5', ['EHLO c\r\n', 'AUTH CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, ...BYE], { conf: ALL }),
  smtp('CRAM-MD5 not enabled', ['AUTH CRAM-MD5\r\n', 'AUTH CRAM-MD5 x\r\n', ...BYE]),
  smtp('CRAM-MD5 with argument', ['AUTH CRAM-MD5 x\r\n', ...BYE], { conf: ALL }),
  smtp('CRAM-MD5 bad digest', ['AUTH CRAM-MD5\r\n', `${base64('user x')}\r\n`, 'AUTH CRAM-MD5\r\n', '!\r\n', ...BYE], {
    conf: ALL,
  }),
  smtp('EXTERNAL', ['AUTH EXTERNAL\r\n', `${base64('user')}\r\n`, ...BYE], { conf: ALL }),
  smtp('EXTERNAL with initial response', [`AUTH EXTERNAL ${base64('user')}\r\n`, ...BYE], { conf: ALL }),
  smtp('EXTERNAL not enabled', ['AUTH EXTERNAL\r\n', ...BYE]),
  smtp('AUTH without or with unknown mechanism', [
    'AUTH\r\n',
    'AUTH X\r\n',
    'AUTH X y\r\n',
    'AUTH 1 2 3 4 5\r\n',
    ...BYE,
  ]),
  smtp('AUTH refused', [`AUTH PLAIN ${PLAIN}\r\n`, CLOSED], { auth: [headers('Auth-Status: Invalid login')] }),
  smtp('AUTH refused with a code', [`AUTH PLAIN ${PLAIN}\r\n`, CLOSED], {
    auth: [headers('Auth-Status: Go away', 'Auth-Error-Code: 454 4.7.0')],
  }),
  smtp('AUTH refused with an empty code', [`AUTH PLAIN ${PLAIN}\r\n`, CLOSED], {
    auth: [headers('Auth-Status: Go away', 'Auth-Error-Code:')],
  }),
  smtp('AUTH refused after MAIL', ['MAIL FROM:<a>\r\n', `AUTH PLAIN ${PLAIN}\r\n`, CLOSED], {
    conf: 'smtp_auth plain none;',
    auth: [headers('Auth-Status: no')],
  }),
  smtp('AUTH after MAIL', ['EHLO c\r\n', 'MAIL FROM:<a>\r\n', `AUTH PLAIN ${PLAIN}\r\n`, 'RCPT TO:<b>\r\n', ...BYE], {
    conf: 'smtp_auth plain none;',
  }),
  smtp(
    'AUTH refused with a wait, then again',
    ['EHLO c\r\n', `AUTH PLAIN ${PLAIN}\r\n`, 'NOOP\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...BYE],
    {
      auth: [headers('Auth-Status: no', 'Auth-Wait: 1'), ok()],
    },
  ),
  smtp('greeting delay', ['EHLO x\r\n', ...BYE], { conf: 'smtp_greeting_delay 200ms;' }),
  smtp('talking before a delayed greeting', [{ send: 'EHLO a\r\n', replies: 1, whole: true }, CLOSED], {
    conf: 'smtp_greeting_delay 2s;',
    greeting: false,
  }),
  smtp('leaving before a delayed greeting', [{ end: 'close' }, CLOSED], {
    conf: 'smtp_greeting_delay 2s;',
    greeting: false,
  }),
];
