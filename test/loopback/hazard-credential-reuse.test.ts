// Hazard: a session that uses a credential of an earlier attempt, which the client of this attempt did not give.
import assert from 'node:assert/strict';
import { base64, saslPlain } from '../support/bytes.ts';
import { accept, refuse, response } from '../support/fake-auth.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';

const OLD = 'p'.repeat(32); // as long as a digest
const later = (): string => refuse('no', 'Auth-Wait: 1', 'Auth-User: smuggled', 'Auth-Pass: smuggled');
const NO_PASSWORD = 'did not send password while in http auth state';
const FAILED = '[info] client login failed: "no" while in http auth state';

/** Method, user and password of each auth request. */
function asks(...wanted: readonly (readonly [string, string, string])[]): NonNullable<LoggedCase['next']> {
  return (_wire, stage) => {
    const got = stage.requests.map((r) => [r.header('Auth-Method'), r.header('Auth-User'), r.header('Auth-Pass')]);
    assert.deepEqual(
      got,
      wanted.map((ask) => ask.map((value) => value.replace('$USER', stage.user))),
    );
  };
}

const cases: readonly LoggedCase[] = [
  {
    name: 'CRAM-MD5 without a digest, after a password of 32 bytes',
    block: 'imap',
    answers: [later, accept],
    lines: (user) => [`C: a LOGIN ${user} ${OLD}`, 'S: a NO no', 'C: b AUTHENTICATE CRAM-MD5'],
    next: async (wire, stage) => {
      await wire.expectLine(/^\+ /);
      await wire.send(`${base64(stage.user)}\r\n`);
      await wire.expectBytes('b BAD invalid command\r\n');
      await asks(['plain', '$USER', OLD])(wire, stage);
    },
  },
  {
    name: 'CRAM-MD5 without a digest, after a digest',
    block: 'smtp',
    answers: [later, accept],
    next: async (wire, stage) => {
      for (const [response, reply] of [
        [`${stage.user} ${OLD}`, '535 5.7.0 no\r\n'],
        [stage.user, '500 5.5.1 Invalid command\r\n'],
      ] as const) {
        await wire.send('AUTH CRAM-MD5\r\n');
        await wire.expectLine(/^334 /);
        await wire.send(`${base64(response)}\r\n`);
        await wire.expectBytes(reply);
      }
      await asks(['cram-md5', '$USER', OLD])(wire, stage);
    },
  },
  {
    name: 'EXTERNAL after a password: the auth server does not get it, nor is it used at the backend',
    block: 'imap',
    answers: [later, accept],
    lines: (user) => [
      `C: a LOGIN ${user} ${OLD}`,
      'S: a NO no',
      `C: b AUTHENTICATE EXTERNAL ${base64(user)}`,
      'S: * BAD internal server error',
      '--',
    ],
    next: asks(['plain', '$USER', OLD], ['external', '$USER', '']),
    records: (log) => [log.login(FAILED, 'smuggled'), log.login(`[error] auth http server ${log.auth} ${NO_PASSWORD}`)],
  },
  {
    name: 'mail without a login after a password',
    block: 'smtp',
    answers: [later, accept],
    lines: (user) => [
      `C: AUTH PLAIN ${saslPlain(user, OLD)}`,
      'S: 535 5.7.0 no',
      `C: MAIL FROM:<${user}>`,
      'S: 250 2.0.0 OK',
      'C: RCPT TO:<b>',
      'S: 250 [RCPT TO:<b>]',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    next: async (wire, stage) => {
      await asks(['plain', '$USER', OLD], ['none', '', ''])(wire, stage);
      const [peer] = stage.backend.peers;
      assert.match(peer?.received.toString('latin1') ?? '', /\r\nXCLIENT ADDR=127\.0\.0\.1 NAME=\[UNAVAILABLE\]\r\n/);
    },
    records: (log) => [
      log.login(FAILED, 'smuggled'),
      log.bare('[info] client logged in'),
      log.bare('[info] proxied session done'),
    ],
  },
  {
    name: 'APOP after a password: the digest is what the client gives now',
    block: 'pop3',
    answers: [later, accept],
    lines: (user) => [
      `C: USER ${user}`,
      'S: +OK',
      `C: PASS ${OLD}`,
      'S: -ERR no',
      `C: APOP ${user} x`,
      'S: -ERR internal server error',
      '--',
    ],
    next: asks(['plain', '$USER', OLD], ['apop', '$USER', 'x']),
  },
  {
    name: 'a USER of before a refused login',
    block: 'pop3',
    answers: [later, accept],
    lines: (user) => [
      `C: USER ${user}`,
      'S: +OK',
      `C: PASS ${OLD}`,
      'S: -ERR no',
      'C: PASS x',
      'S: -ERR invalid command',
    ],
    next: asks(['plain', '$USER', OLD]),
  },
  {
    name: 'a user name of a LOGIN exchange that was given up',
    block: 'smtp',
    lines: (user) => [
      `C: AUTH LOGIN ${base64(user)}`,
      'S: 334 UGFzc3dvcmQ6',
      'C: *',
      'S: 500 5.5.1 Invalid command',
      `C: AUTH PLAIN ${saslPlain('', user)}`,
      'S: 235 2.0.0 OK',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    next: asks(['plain', '', '$USER']),
  },
  {
    name: 'a digest is sent for one question only',
    block: 'pop3',
    answers: [() => response('Auth-Status: WAIT', 'Auth-Wait: 1'), (backend) => accept(backend, 'Auth-Pass: given')],
    lines: (user) => [`C: APOP ${user} digest`, 'S: +OK logged in', 'C: QUIT', 'S: +OK 250 [QUIT]', '--'],
    next: asks(['apop', '$USER', 'digest'], ['apop', '$USER', '']),
  },
];

loggedSpec(
  'credentials of an earlier attempt',
  {
    blocks: {
      imap: { protocol: 'imap', conf: 'imap_auth plain cram-md5 external;' },
      pop3: { protocol: 'pop3', conf: 'pop3_auth plain apop;' },
      smtp: { protocol: 'smtp', conf: 'smtp_auth plain cram-md5 none;' },
    },
  },
  cases,
);
