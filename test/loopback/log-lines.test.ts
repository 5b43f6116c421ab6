// The error log of sessions before and through the login: every record with its level, its text and its suffix.
import { base64 } from '../support/bytes.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const BAD: Line = 'S: a BAD invalid command';
const ERR: Line = 'S: -ERR invalid command';
const INVALID: Line = 'S: 500 5.5.1 Invalid command';
const TIMED_OUT = 'timed out (110: Connection timed out)';
const PROXY = 'while reading PROXY protocol';

const wrongBase64 = (mechanism: string): string =>
  `[info] client sent invalid base64 encoding in AUTH ${mechanism} command while in auth state`;

const commands: readonly LoggedCase[] = [
  {
    name: 'a client that leaves at once, in order',
    block: 'imap',
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
    records: () => [],
  },
  {
    name: 'a client that leaves in the middle of a command',
    block: 'pop3',
    lines: () => ['C: NOOP', 'S: +OK', 'C| USER x'],
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
    records: () => [],
  },
  {
    name: 'a client that resets before its first command',
    block: 'imap',
    next: (wire) => wire.reset(),
    records: (log) => [log.bare('[info] recv() failed (104: Connection reset by peer) while in auth state')],
  },
  {
    name: 'a client that resets after a command',
    block: 'pop3',
    lines: (user) => [`C: USER ${user}`, 'S: +OK'],
    next: (wire) => wire.reset(),
    records: (log) => [log.login('[info] recv() failed (104: Connection reset by peer) while in auth state')],
  },
  {
    name: 'a client that says nothing for too long',
    block: 'imap-fast',
    lines: () => ['--'],
    records: (log) => [log.bare(`[info] client ${TIMED_OUT} while in auth state`)],
  },
  {
    name: 'a client that does not finish its login in time',
    block: 'pop3-fast',
    lines: (user) => [`C: USER ${user}`, 'S: +OK', 'C: NOOP', 'S: +OK', '--'],
    records: (log) => [log.login(`[info] client ${TIMED_OUT} while in auth state`)],
  },
  {
    name: 'a command that does not fit',
    block: 'imap-small',
    lines: () => [`C| a NOOP ${'x'.repeat(57)}`, BAD, '--'],
    records: (log) => [log.bare(`[info] client sent too long command "a NOOP ${'x'.repeat(57)}" while in auth state`)],
  },
  {
    name: 'a buffer of harmless commands, with its line ends in hex',
    block: 'pop3',
    lines: () => [
      `C| ${'NOOP\r\n'.repeat(20)}CAPA \t\x7f\xff\\`.padEnd(130, 'x') as Line,
      ...Array<Line>(20).fill('S: +OK'),
      ERR,
      '--',
    ],
    records: (log) => [
      log.bare(
        `[info] client sent too long command "${'NOOP\\x0D\\x0A'.repeat(20)}CAPA \\x09\\x7F\xff" while in auth state`,
      ),
    ],
  },
  {
    name: 'too many invalid commands',
    block: 'smtp-small',
    lines: () => ['C: DATA', INVALID, 'C: X', INVALID, '--'],
    records: (log) => [log.bare('[info] client sent too many invalid commands while in auth state')],
  },
  {
    name: 'bad base64 in LOGIN, user and password',
    block: 'imap',
    lines: (user) => [
      'C: a AUTHENTICATE LOGIN !',
      BAD,
      `C: a AUTHENTICATE LOGIN ${base64(user)}`,
      'S: + UGFzc3dvcmQ6',
      'C: *',
      BAD,
    ],
    records: (log) => [log.bare(wrongBase64('LOGIN')), log.login(wrongBase64('LOGIN'))],
  },
  {
    name: 'bad base64 in PLAIN, CRAM-MD5 and EXTERNAL',
    block: 'imap-all',
    lines: () => [
      'C: a AUTHENTICATE PLAIN !',
      BAD,
      'C: a AUTHENTICATE EXTERNAL !',
      BAD,
      'C: a AUTHENTICATE EXTERNAL',
      'S: + VXNlcm5hbWU6',
      'C: AAAAA',
      BAD,
    ],
    next: async (wire) => {
      await wire.send('a AUTHENTICATE CRAM-MD5\r\n');
      await wire.expectLine(/^\+ /);
      await wire.send('*\r\n');
      await wire.expectLine('a BAD invalid command\r\n');
    },
    records: (log) =>
      ['PLAIN', 'EXTERNAL', 'EXTERNAL', 'CRAM-MD5'].map((mechanism) => log.bare(wrongBase64(mechanism))),
  },
  {
    name: 'PLAIN without user, and without password',
    block: 'smtp',
    lines: () => [`C: AUTH PLAIN ${base64('x')}`, INVALID, `C: AUTH PLAIN ${base64('x\0y')}`, INVALID],
    records: (log) => [
      log.bare('[info] client sent invalid login in AUTH PLAIN command while in auth state'),
      log.bare('[info] client sent invalid password in AUTH PLAIN command while in auth state'),
    ],
  },
  {
    name: 'CRAM-MD5 without a digest',
    block: 'smtp-all',
    next: async (wire, { user }) => {
      for (const response of ['nospace', 'd'.repeat(32), `${user} short`]) {
        await wire.send('AUTH CRAM-MD5\r\n');
        await wire.expectLine(/^334 /);
        await wire.send(`${base64(response)}\r\n`);
        await wire.expectLine('500 5.5.1 Invalid command\r\n');
      }
    },
    records: (log) => [
      log.bare('[info] client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command while in auth state'),
      log.bare('[info] client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command while in auth state'),
      log.login('[info] client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command while in auth state'),
    ],
  },
  {
    name: 'a MAIL that needs a login',
    block: 'smtp',
    lines: () => ['C: MAIL FROM:<a\t@b>  ', 'S: 530 5.7.1 Authentication required'],
    records: (log) => [log.bare('[info] client was rejected: "MAIL FROM:<a\\x09@b>  __" while in auth state')],
  },
];

const greetings: readonly LoggedCase[] = [
  {
    name: 'a client that talks before the greeting',
    block: 'smtp-delay',
    silent: true,
    lines: () => ['C: EHLO a', 'S: 503 5.5.0 Improper use of SMTP command pipelining', '--'],
    records: (log) => [
      log.bare('[info] client was rejected before greeting: "EHLO a__" while in delay pipelining state'),
    ],
  },
  {
    name: 'a client that leaves before the greeting',
    block: 'smtp-delay',
    silent: true,
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
    records: () => [],
  },
  {
    name: 'a greeting that is late, and the time limit that begins with it',
    block: 'smtp-late',
    lines: () => ['--'],
    records: (log) => [log.bare(`[info] client ${TIMED_OUT} while in auth state`)],
  },
  {
    name: 'a PROXY header of no known family',
    block: 'proxied',
    silent: true,
    lines: () => ['C: PROXY TCP5 \x1b', '--'],
    records: (log) => [log.bare(`[error] broken header: "PROXY TCP5 \\x1B" ${PROXY}`)],
  },
  {
    name: 'a PROXY header in two segments is none',
    block: 'proxied',
    silent: true,
    lines: () => ['C| PROXY TCP4 192.0.2.1 192.0.2.2 1', '--'],
    records: (log) => [log.bare(`[error] broken header: "PROXY TCP4 192.0.2.1 192.0.2.2 1" ${PROXY}`)],
  },
  {
    name: 'a client that leaves before its PROXY header',
    block: 'proxied',
    silent: true,
    next: async (wire) => {
      wire.end();
      await wire.closed();
    },
    records: (log) => [log.bare(`[error] broken header: "" ${PROXY}`)],
  },
  {
    name: 'no PROXY header in time',
    block: 'proxied-fast',
    silent: true,
    lines: () => ['--'],
    records: (log) => [log.bare(`[info] client ${TIMED_OUT} ${PROXY}`)],
  },
  {
    name: 'an unknown version of the PROXY protocol',
    block: 'proxied',
    silent: true,
    lines: () => ['C| \r\n\r\n\0\r\nQUIT\n\x31\x11\0\0', '--'],
    records: (log) => [log.bare(`[error] unknown PROXY protocol version: 3 ${PROXY}`)],
  },
  {
    name: 'a PROXY header of version 2 that is longer than the segment',
    block: 'proxied',
    silent: true,
    lines: () => ['C| \r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', '--'],
    records: (log) => [log.bare(`[error] header is too large ${PROXY}`)],
  },
  {
    name: 'a PROXY header of version 2 with too little in it',
    block: 'proxied',
    silent: true,
    lines: () => ['C| \r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04\x7f\0\0\x01', '--'],
    records: () => [],
  },
];

loggedSpec(
  'records before the login',
  {
    blocks: {
      imap: { protocol: 'imap' },
      'imap-all': { protocol: 'imap', conf: 'imap_auth plain cram-md5 external;' },
      'imap-fast': { protocol: 'imap', conf: 'timeout 150ms;' },
      'imap-small': { protocol: 'imap', conf: 'imap_client_buffer 64;' },
      pop3: { protocol: 'pop3' },
      'pop3-fast': { protocol: 'pop3', conf: 'timeout 2s;' },
      smtp: { protocol: 'smtp' },
      'smtp-all': { protocol: 'smtp', conf: 'smtp_auth plain cram-md5;' },
      'smtp-small': { protocol: 'smtp', conf: 'max_errors 2;' },
      'smtp-delay': { protocol: 'smtp', conf: 'smtp_greeting_delay 60s;' },
      'smtp-late': { protocol: 'smtp', conf: 'smtp_greeting_delay 100ms; timeout 100ms;' },
      proxied: { protocol: 'imap', listen: '@proxied@ proxy_protocol' },
      'proxied-fast': { protocol: 'imap', listen: '@proxied-fast@ proxy_protocol', conf: 'timeout 150ms;' },
    },
  },
  [...commands, ...greetings],
);
