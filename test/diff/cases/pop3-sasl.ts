// POP3 AUTH, CAPA and the lists they show.
import { base64, saslPlain } from '../../support/bytes.ts';
import { type Case, CLOSED, casesOf, ok } from '../case.ts';

const pop3 = casesOf('pop3');
const BYE = ['QUIT\r\n', CLOSED] as const;
const ALL = 'pop3_auth plain apop cram-md5 external;';
const EXTERNAL = 'pop3_auth plain external;';
const PLAIN = saslPlain('user', 'pass');
const DIGEST = '0123456789abcdef0123456789abcdef';

export const pop3Sasl: readonly Case[] = [
  pop3('lists by default', ['CAPA\r\n', 'AUTH\r\n', 'CAPA 1 2 3\r\n', ...BYE]),
  pop3('lists with all methods', ['CAPA\r\n', 'AUTH\r\n', ...BYE], { conf: ALL }),
  pop3('lists with apop alone', ['CAPA\r\n', 'AUTH\r\n', ...BYE], { conf: 'pop3_auth apop;' }),
  pop3('lists with cram-md5 alone', ['CAPA\r\n', 'AUTH\r\n', ...BYE], { conf: 'pop3_auth cram-md5;' }),
  pop3('lists with external and plain', ['CAPA\r\n', 'AUTH\r\n', ...BYE], { conf: 'pop3_auth external plain;' }),
  pop3('capabilities configured', ['CAPA\r\n', ...BYE], {
    conf: 'pop3_capabilities TOP "EXPIRE NEVER" USER; pop3_capabilities UIDL;',
  }),
  pop3('lists with starttls on', ['CAPA\r\n', 'AUTH\r\n', 'USER x\r\n', 'CAPA\r\n', ...BYE], { conf: 'starttls on;' }),
  pop3('lists with starttls only', ['CAPA\r\n', 'AUTH\r\n', ...BYE], {
    conf: 'starttls only; pop3_capabilities TOP user USER UIDL;',
  }),
  pop3('PLAIN with initial response', [`AUTH PLAIN ${PLAIN}\r\n`, 'STAT\r\n', ...BYE]),
  pop3('PLAIN with continuation', ['AUTH PLAIN\r\n', `${PLAIN}\r\n`, ...BYE]),
  pop3('PLAIN in lower case', [`auth plain ${PLAIN}\r\n`, ...BYE]),
  pop3('PLAIN with two responses', [`AUTH PLAIN ${PLAIN} x\r\n`, ...BYE]),
  pop3('PLAIN cancelled', ['AUTH PLAIN\r\n', '*\r\n', 'NOOP\r\n', ...BYE]),
  pop3('PLAIN empty', ['AUTH PLAIN\r\n', '\r\n', 'AUTH PLAIN =\r\n', ...BYE]),
  pop3('PLAIN bad base64', ['AUTH PLAIN A\r\n', 'AUTH PLAIN AA!A\r\n', ...BYE]),
  pop3('PLAIN one NUL only', [`AUTH PLAIN ${base64('\0user')}\r\n`, ...BYE]),
  pop3('PLAIN with an empty password', [`AUTH PLAIN ${saslPlain('user', '')}\r\n`, ...BYE]),
  pop3('PLAIN too long for the buffer', ['AUTH PLAIN\r\n', { send: 'A'.repeat(128), replies: 1 }, CLOSED]),
  pop3('PLAIN of 126 characters', [
    'AUTH PLAIN\r\n',
    `${base64(`\0${'u'.repeat(40)}\0${'p'.repeat(51)}`)}\r\n`,
    ...BYE,
  ]),
  pop3('PLAIN where only apop is listed', [`AUTH PLAIN ${PLAIN}\r\n`, ...BYE], { conf: 'pop3_auth apop;' }),
  pop3('LOGIN', ['AUTH LOGIN\r\n', `${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  pop3('LOGIN with initial user', [`AUTH LOGIN ${base64('user')}\r\n`, `${base64('pass')}\r\n`, ...BYE]),
  pop3('LOGIN with two arguments', ['AUTH LOGIN a b\r\n', ...BYE]),
  pop3('LOGIN with bad user', ['AUTH LOGIN\r\n', '*\r\n', 'NOOP\r\n', ...BYE]),
  pop3('LOGIN with bad password', ['AUTH LOGIN\r\n', `${base64('user')}\r\n`, '%\r\n', 'NOOP\r\n', ...BYE]),
  pop3('LOGIN empty', ['AUTH LOGIN\r\n', '\r\n', '\r\n', ...BYE]),
  pop3('LOGIN pipelined', [`AUTH LOGIN\r\n${base64('user')}\r\n${base64('pass')}\r\n`, ...BYE]),
  pop3('CRAM-MD5', ['AUTH CRAM-MD5\r\n', `${base64(`user ${DIGEST}`)}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: secret')],
  }),
  pop3('CRAM-MD5 not enabled', ['AUTH CRAM-MD5\r\n', ...BYE]),
  pop3('CRAM-MD5 with argument', ['AUTH CRAM-MD5 x\r\n', ...BYE], { conf: ALL }),
  pop3('CRAM-MD5 bad digest', ['AUTH CRAM-MD5\r\n', `${base64('user 123')}\r\n`, 'NOOP\r\n', ...BYE], { conf: ALL }),
  pop3('CRAM-MD5 then APOP', ['AUTH CRAM-MD5\r\n', '*\r\n', `APOP user ${DIGEST}\r\n`, ...BYE], {
    conf: ALL,
    auth: [ok('Auth-Pass: secret')],
  }),
  pop3('EXTERNAL', ['AUTH EXTERNAL\r\n', `${base64('user')}\r\n`, ...BYE], {
    conf: EXTERNAL,
    auth: [ok('Auth-Pass: x')],
  }),
  pop3('EXTERNAL with initial response', [`AUTH EXTERNAL ${base64('user')}\r\n`, ...BYE], {
    conf: EXTERNAL,
    auth: [ok('Auth-Pass: x')],
  }),
  pop3('EXTERNAL not enabled', ['AUTH EXTERNAL\r\n', ...BYE]),
  pop3('EXTERNAL with two arguments', ['AUTH EXTERNAL a b\r\n', ...BYE], { conf: ALL }),
  pop3('EXTERNAL bad', ['AUTH EXTERNAL\r\n', '?\r\n', 'NOOP\r\n', ...BYE], { conf: ALL }),
  pop3('unknown mechanism', ['AUTH NTLM\r\n', 'AUTH XOAUTH2 abc\r\n', 'AUTH PLAIN1\r\n', ...BYE]),
  pop3('AUTH with four arguments', ['AUTH 1 2 3 4\r\n', ...BYE]),
  pop3('greeting names the server', [...BYE], { conf: `${ALL} server_name pop.example.org;` }),
];
