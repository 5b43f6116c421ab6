// Hazard: a client or an auth server that puts commands into the dialogue with the backend.

import assert from 'node:assert/strict';
import { base64, escapeControls, saslPlain, show } from '../support/bytes.ts';
import { accept } from '../support/fake-auth.ts';
import type { Answer } from '../support/mail-spec/arena.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const REFUSED = '[error] login or password cannot be sent to upstream while in http auth state';
const EVIL = '\r\nDELE 1\r\n';

/** A POP3 login that must not reach the backend. */
function stopped(
  name: string,
  user: (user: string) => string,
  pass: string,
  answer: Answer = accept,
  login = user,
): LoggedCase {
  return {
    name,
    block: 'pop3',
    answers: [answer],
    lines: (u) => [
      'C: AUTH LOGIN',
      'S: + VXNlcm5hbWU6',
      `C: ${base64(user(u))}`,
      'S: + UGFzc3dvcmQ6',
      `C: ${base64(pass)}`,
      'S: -ERR internal server error',
      '--',
    ],
    next: (_wire, stage) => assert.equal(stage.backend.peers.length, 0),
    records: (log) => [log.upstream(REFUSED, escapeControls(login(log.user)))],
  };
}

const same = (user: string): string => user;

/** What the backend must have got, all of it. */
function sees(bytes: (user: string) => string): NonNullable<LoggedCase['next']> {
  return async (_wire, stage) => {
    const peer = await stage.backend.peer(0);
    await peer.closed();
    assert.equal(show(peer.received), show(bytes(stage.user)));
  };
}

const OUT: readonly Line[] = ['C: QUIT', 'S: +OK 250 [QUIT]', '--'];

const pop3: readonly LoggedCase[] = [
  stopped('CR and LF in a POP3 user', (user) => user + EVIL, 'x'),
  stopped('LF alone in a POP3 user', (user) => `${user}\nx`, 'x'),
  stopped('CR alone in a POP3 user', (user) => `${user}\rx`, 'x'),
  stopped('NUL in a POP3 user', (user) => `${user}\0x`, 'x'),
  stopped('CR and LF in a POP3 password', same, `x${EVIL}`),
  stopped('LF alone in a POP3 password', same, 'x\ny'),
  stopped('CR alone in a POP3 password', same, 'x\ry'),
  stopped('NUL in a POP3 password', same, 'x\0y'),
  stopped(
    'NUL in Auth-User',
    same,
    'x',
    (backend) => accept(backend, 'Auth-User: a\0b'),
    () => 'a\0b',
  ),
  stopped('NUL in Auth-Pass', same, 'x', (backend) => accept(backend, 'Auth-Pass: a\0b')),
  {
    name: 'an auth server that repairs such a login',
    block: 'pop3',
    answers: [(backend) => accept(backend, 'Auth-User: good', 'Auth-Pass: fine')],
    lines: (user) => [`C: AUTH PLAIN ${saslPlain(`${user}\r\n`, `x\r\n`)}`, 'S: +OK logged in', ...OUT],
    next: sees(() => 'USER good\r\nPASS fine\r\nQUIT\r\n'),
    records: (log) => [
      log.upstream('[info] client logged in', 'good'),
      log.upstream('[info] proxied session done', 'good'),
    ],
  },
];

const others: readonly LoggedCase[] = [
  {
    name: 'CR, LF and NUL in an IMAP login travel in literals, and percent-escaped to the auth server',
    block: 'imap',
    lines: (user) => [
      `C: a AUTHENTICATE PLAIN ${saslPlain(`${user}\r\nx DELETE y\r\n`, '\r\n\0')}`,
      'S: a OK logged in',
      'C: b LOGOUT',
      'S: +OK 250 [b LOGOUT]',
      '--',
    ],
    next: async (wire, stage) => {
      const [request] = stage.requests;
      assert.equal(request?.header('Auth-User'), `${stage.user}%0D%0Ax%20DELETE%20y%0D%0A`);
      assert.equal(request?.header('Auth-Pass'), '%0D%0A%00');
      await sees((user) => `a LOGIN {22}\r\n${user}\r\nx DELETE y\r\n {3}\r\n\r\n\0\r\nb LOGOUT\r\n`)(wire, stage);
    },
    records: (log) => {
      const login = escapeControls(`${log.user}\r\nx DELETE y\r\n`);
      return [log.upstream('[info] client logged in', login), log.upstream('[info] proxied session done', login)];
    },
  },
  {
    name: 'CR and LF in an SMTP login travel as xtext',
    block: 'smtp',
    lines: (user) => [
      `C: AUTH PLAIN ${saslPlain(`${user}\r\nQUIT`, 'x')}`,
      'S: 235 2.0.0 OK',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    next: sees(
      (user) => `EHLO mx.example.org\r\nXCLIENT ADDR=127.0.0.1 LOGIN=${user}+0D+0AQUIT NAME=[UNAVAILABLE]\r\nQUIT\r\n`,
    ),
  },
  {
    name: 'CR and LF in an SMTP login travel in base64',
    block: 'smtp-auth',
    lines: (user) => [`C: AUTH PLAIN ${saslPlain(user, 'x\r\ny')}`, 'S: 235 2.0.0 OK', 'C: QUIT', 'S: 221 bye', '--'],
    next: sees(
      (user) =>
        `EHLO mx.example.org\r\nXCLIENT ADDR=127.0.0.1 NAME=[UNAVAILABLE]\r\nAUTH PLAIN ${saslPlain(user, 'x\r\ny')}\r\nQUIT\r\n`,
    ),
  },
  {
    name: 'a NUL that would move the border of user and password in PLAIN',
    block: 'smtp-auth',
    lines: (user) => [
      'C: AUTH LOGIN',
      'S: 334 VXNlcm5hbWU6',
      `C: ${base64(`${user}\0known`)}`,
      'S: 334 UGFzc3dvcmQ6',
      `C: ${base64('x')}`,
      'S: 451 4.3.2 Internal server error',
      '--',
    ],
    next: (_wire, stage) => assert.equal(stage.backend.peers.length, 0),
    records: (log) => [log.upstream(REFUSED, `${log.user}\\x00known`)],
  },
  {
    name: 'a NUL in an envelope',
    block: 'smtp-none',
    lines: (user) => [
      `C: MAIL FROM:<${user}\0>`,
      'S: 250 2.0.0 OK',
      'C: RCPT TO:<b>',
      'S: 451 4.3.2 Internal server error',
      '--',
    ],
    next: (_wire, stage) => {
      assert.equal(stage.requests[0]?.header('Auth-SMTP-From'), `MAIL FROM:<${stage.user}%00>`);
      assert.equal(stage.backend.peers.length, 0);
    },
    records: (log) => [log.bare(REFUSED)],
  },
  {
    name: 'a bare CR in an envelope, which is no line end',
    block: 'smtp-none',
    lines: (user) => [
      `C: MAIL FROM:<${user}>\rRCPT TO:<b>`,
      'S: 500 5.5.1 Invalid command',
      'C: RCPT TO:<b>',
      'S: 503 5.5.1 Bad sequence of commands',
    ],
    records: () => [],
  },
];

loggedSpec(
  'injection',
  {
    blocks: {
      imap: { protocol: 'imap' },
      pop3: { protocol: 'pop3' },
      smtp: { protocol: 'smtp' },
      'smtp-auth': { protocol: 'smtp', conf: 'proxy_smtp_auth on;' },
      'smtp-none': { protocol: 'smtp', conf: 'smtp_auth none;' },
    },
  },
  [...pop3, ...others],
);
