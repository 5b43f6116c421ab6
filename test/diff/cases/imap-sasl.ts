// IMAP AUTHENTICATE: mechanisms, initial responses, continuation lines, errors.
import { base64, saslPlain } from '../../support/bytes.ts';
import { type Case, CLOSED, casesOf, headers, ok } from '../case.ts';

const imap = casesOf('imap');
const BYE = ['z LOGOUT\r\n', CLOSED] as const;
const ALL = 'imap_auth plain login cram-md5 external;';
const PLAIN = saslPlain('user', 'pass');
const DIGEST = '0123456789abcdef0123456789abcdef';

export const imapSasl: readonly Case[] = [
  imap('PLAIN with initial response', [`a AUTHENTICATE PLAIN ${PLAIN}\r\n`, ...BYE]),
  imap('PLAIN with continuation', ['a AUTHENTICATE PLAIN\r\n', `${PLAIN}\r\n`, ...BYE]),
  imap('PLAIN in lower case, quoted', [`a authenticate "plain" ${PLAIN}\r\n`, ...BYE]),
  imap('PLAIN with a literal as mechanism', ['a AUTHENTICATE {5}\r\n', `PLAIN ${PLAIN}\r\n`, ...BYE]),
  imap('PLAIN with two responses', [`a AUTHENTICATE PLAIN ${PLAIN} ${PLAIN}\r\n`, ...BYE]),
  imap('PLAIN cancelled', ['a AUTHENTICATE PLAIN\r\n', '*\r\n', 'b NOOP\r\n', ...BYE]),
  imap('PLAIN empty response', ['a AUTHENTICATE PLAIN\r\n', '\r\n', 'b NOOP\r\n', ...BYE]),
  imap('PLAIN initial response =', ['a AUTHENTICATE PLAIN =\r\n', ...BYE]),
  imap('PLAIN bad base64', ['a AUTHENTICATE PLAIN !!!!\r\n', 'b AUTHENTICATE PLAIN AAAAA\r\n', ...BYE]),
  imap('PLAIN without padding', [`a AUTHENTICATE PLAIN ${base64('\0user\0pass1').replace(/=+$/, '')}\r\n`, ...BYE]),
  imap('PLAIN garbage behind the padding', [
    `a AUTHENTICATE PLAIN ${base64('\0user\0pass1').replace(/=+$/, '=!x')}\r\n`,
    ...BYE,
  ]),
  imap('PLAIN with authorization id', [`a AUTHENTICATE PLAIN ${saslPlain('user', 'pass', 'admin')}\r\n`, ...BYE]),
  imap('PLAIN with an empty user', [`a AUTHENTICATE PLAIN ${saslPlain('', 'pass')}\r\n`, ...BYE]),
  imap('PLAIN with an empty password', [`a AUTHENTICATE PLAIN ${saslPlain('user', '')}\r\n`, ...BYE]),
  imap('PLAIN with NUL in the password', [`a AUTHENTICATE PLAIN ${base64('\0user\0pa\0ss')}\r\n`, ...BYE]),
  imap('PLAIN without any NUL', [`a AUTHENTICATE PLAIN ${base64('user')}\r\n`, ...BYE]),
  imap('PLAIN with one NUL', [`a AUTHENTICATE PLAIN ${base64('\0user')}\r\n`, ...BYE]),
  imap('PLAIN with only a NUL', [`a AUTHENTICATE PLAIN ${base64('\0')}\r\n`, ...BYE]),
  imap('PLAIN control bytes are escaped for the auth server', [
    `a AUTHENTICATE PLAIN ${base64('\0u\x01 %\x7f\xff\0p\t\r\n%')}\r\n`,
    ...BYE,
  ]),
  imap('PLAIN continuation with further words', ['a AUTHENTICATE PLAIN\r\n', `${PLAIN} x y\r\n`, ...BYE]),
  imap('PLAIN continuation behind a space', ['a AUTHENTICATE PLAIN\r\n', ` ${PLAIN}\r\n`, 'b NOOP\r\n', ...BYE]),
  imap('PLAIN pipelined', [`a AUTHENTICATE PLAIN\r\n${PLAIN}\r\nb SELECT x\r\n`, 'c LOGOUT\r\n', CLOSED]),
  imap('PLAIN works where only cram-md5 is listed', [`a AUTHENTICATE PLAIN ${PLAIN}\r\n`, ...BYE], {
    conf: 'imap_auth cram-md5;',
  }),
  imap('LOGIN', ['a AUTHENTICATE LOGIN\r\n', `${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  imap('LOGIN with initial user', [`a AUTHENTICATE LOGIN ${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  imap('LOGIN with two arguments', [`a AUTHENTICATE LOGIN ${base64('user')} x\r\n`, ...BYE]),
  imap('LOGIN with empty user and password', ['a AUTHENTICATE LOGIN\r\n', '\r\n', '\r\n', ...BYE]),
  imap('LOGIN bad initial user', ['a AUTHENTICATE LOGIN !!\r\n', 'b NOOP\r\n', ...BYE]),
  imap('LOGIN bad password', ['a AUTHENTICATE LOGIN\r\n', `${base64('user')}\r\n`, '*\r\n', 'b NOOP\r\n', ...BYE]),
  imap('LOGIN bad user', ['a AUTHENTICATE LOGIN\r\n', '*\r\n', 'b NOOP\r\n', ...BYE]),
  imap('LOGIN pipelined', [`a AUTHENTICATE LOGIN\r\n${base64('user')}\r\n${base64('pass')}\r\n`, ...BYE]),
  imap('CRAM-MD5 not enabled', ['a AUTHENTICATE CRAM-MD5\r\n', ...BYE]),
  imap('CRAM-MD5', ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: secret')],
  }),
  imap('CRAM-MD5 without Auth-Pass', ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, CLOSED], {
    conf: ALL,
  }),
  imap('CRAM-MD5 with an argument', ['a AUTHENTICATE CRAM-MD5 abc\r\n', ...BYE], { conf: ALL }),
  imap(
    'CRAM-MD5 digest of 31 bytes',
    ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${DIGEST.slice(1)}`)}\r\n`, 'b NOOP\r\n', ...BYE],
    { conf: ALL, log: false },
  ),
  imap('CRAM-MD5 digest of 33 bytes', ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${DIGEST}0`)}\r\n`, ...BYE], {
    conf: ALL,
  }),
  imap(
    'CRAM-MD5 digest unchecked',
    ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${'Z!'.repeat(16)}`)}\r\n`, ...BYE],
    {
      conf: ALL,
      auth: [ok('Auth-Pass: x')],
    },
  ),
  imap('CRAM-MD5 with an empty user', ['a AUTHENTICATE CRAM-MD5\r\n', `${base64(` ${DIGEST}`)}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: x')],
  }),
  // nginx shows all of it as the login. It may as well be a password: we show nothing.
  imap(
    'CRAM-MD5 response without a space',
    ['a AUTHENTICATE CRAM-MD5\r\n', `${base64('user')}\r\n`, 'b NOOP\r\n', ...BYE],
    { conf: ALL, log: false },
  ),
  imap('CRAM-MD5 bad base64', ['a AUTHENTICATE CRAM-MD5\r\n', '$$$\r\n', 'b NOOP\r\n', ...BYE], { conf: ALL }),
  imap(
    'CRAM-MD5 twice has the same challenge',
    ['a AUTHENTICATE CRAM-MD5\r\n', '*\r\n', 'b AUTHENTICATE CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, ...BYE],
    { conf: ALL, auth: [ok('Auth-Pass: x')] },
  ),
  imap('EXTERNAL not enabled', ['a AUTHENTICATE EXTERNAL\r\n', ...BYE]),
  imap('EXTERNAL', ['a AUTHENTICATE EXTERNAL\r\n', `${base64('user')}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: x')],
  }),
  imap('EXTERNAL with initial response', [`a AUTHENTICATE EXTERNAL ${base64('user')}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: x')],
  }),
  imap('EXTERNAL with an empty response', ['a AUTHENTICATE EXTERNAL =\r\n', ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: x')],
  }),
  imap('EXTERNAL bad base64', ['a AUTHENTICATE EXTERNAL %\r\n', ...BYE], { conf: ALL }),
  imap('EXTERNAL without Auth-Pass', [`a AUTHENTICATE EXTERNAL ${base64('user')}\r\n`, CLOSED], { conf: ALL }),
  imap('EXTERNAL refused', [`a AUTHENTICATE EXTERNAL ${base64('user')}\r\n`, CLOSED], {
    conf: ALL,
    auth: [headers('Auth-Status: no')],
  }),
  imap('AUTHENTICATE without mechanism', ['a AUTHENTICATE\r\n', ...BYE]),
  imap('unknown mechanism', [
    'a AUTHENTICATE XOAUTH2\r\n',
    'b AUTHENTICATE DIGEST-MD5 x\r\n',
    'c AUTHENTICATE PLAI\r\n',
    ...BYE,
  ]),
  imap(
    'SASL too long for the buffer',
    ['a AUTHENTICATE PLAIN\r\n', { send: 'A'.repeat(4096 - 22), replies: 1 }, CLOSED],
    { log: false },
  ),
  imap(
    'SASL errors are not counted',
    ['a AUTHENTICATE PLAIN !\r\n', 'a AUTHENTICATE PLAIN !\r\n', 'a AUTHENTICATE X\r\n', ...BYE],
    {
      conf: 'max_errors 2;',
    },
  ),
];
