// The error log of logins and sessions: every record with its level, its text and its suffix.
import { saslPlain } from '../support/bytes.ts';
import { accept, refuse } from '../support/fake-auth.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const INVALID: Line = 'S: 500 5.5.1 Invalid command';

const logins: readonly LoggedCase[] = [
  {
    name: 'a refused login',
    block: 'imap',
    answers: [() => refuse('wrong "password"')],
    lines: (user) => [`C: a LOGIN ${user} x`, 'S: a NO wrong "password"', '--'],
    records: (log) => [log.login('[info] client login failed: "wrong "password"" while in http auth state')],
  },
  {
    name: 'a login, a session and its end',
    block: 'pop3',
    lines: (user) => [
      `C: USER ${user}`,
      'S: +OK',
      'C: PASS x',
      'S: +OK logged in',
      'C: QUIT',
      'S: +OK 250 [QUIT]',
      '--',
    ],
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'the login of Auth-User takes the place of that of the client, also where it is refused',
    block: 'smtp',
    answers: [
      () => refuse('no', 'Auth-User: o"ther', 'Auth-Wait: 1'),
      (backend) => accept(backend, 'Auth-User: third'),
    ],
    lines: (user) => [
      `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
      'S: 535 5.7.0 no',
      `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
      'S: 235 2.0.0 OK',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    records: (log) => [
      log.login('[info] client login failed: "no" while in http auth state', 'o"ther'),
      log.upstream('[info] client logged in', 'third'),
      log.upstream('[info] proxied session done', 'third'),
    ],
  },
  {
    name: 'mail without a login shows none, nor the backend',
    block: 'smtp-none',
    lines: (user) => [
      `C: MAIL FROM:<${user}>`,
      'S: 250 2.0.0 OK',
      'C: RCPT TO:<b>',
      'S: 250 [RCPT TO:<b>]',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    records: (log) => [log.bare('[info] client logged in'), log.bare('[info] proxied session done')],
  },
  {
    name: 'MAIL clears the login of an attempt before it',
    block: 'smtp-none',
    answers: [() => refuse('no', 'Auth-Wait: 1')],
    lines: (user) => [
      `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
      'S: 535 5.7.0 no',
      `C: MAIL FROM:<${user}>`,
      'S: 250 2.0.0 OK',
      'C: AUTH PLAIN !',
      INVALID,
    ],
    records: (log) => [
      log.login('[info] client login failed: "no" while in http auth state'),
      log.bare('[info] client sent invalid base64 encoding in AUTH PLAIN command while in auth state'),
    ],
  },
  {
    name: 'a session that is idle for too long',
    block: 'imap-idle',
    lines: (user) => [`C: a LOGIN ${user} x`, 'S: a OK logged in', '--'],
    records: (log) => [
      log.upstream('[info] client logged in'),
      log.upstream(`[info] client timed out (110: Connection timed out) while proxying`),
    ],
  },
  {
    name: 'a client that resets its session',
    block: 'imap',
    lines: (user) => [`C: a LOGIN ${user} x`, 'S: a OK logged in'],
    next: (wire) => wire.reset(),
    records: (log) => [
      log.upstream('[info] client logged in'),
      log.upstream('[info] recv() failed (104: Connection reset by peer) while proxying and reading from client'),
      log.upstream('[info] proxied session done'),
    ],
  },
  {
    name: 'a backend that resets its session',
    block: 'imap',
    lines: (user) => [`C: a LOGIN ${user} x`, 'S: a OK logged in'],
    next: async (wire, stage) => {
      stage.backend.peers[0]?.reset();
      await wire.closed();
    },
    records: (log) => [
      log.upstream('[info] client logged in'),
      log.upstream('[error] recv() failed (104: Connection reset by peer) while proxying and reading from upstream'),
      log.upstream('[info] proxied session done'),
    ],
  },
  {
    name: 'a client behind a trusted PROXY header',
    block: 'realip',
    silent: true,
    lines: (user) => [
      'C: PROXY TCP4 192.0.2.7 198.51.100.1 40001 143',
      'S: * OK IMAP4 ready',
      `C: a LOGIN ${user} x`,
      'S: a NO no',
      '--',
    ],
    answers: [() => refuse('no')],
    records: (log) => [
      log
        .login('[info] client login failed: "no" while in http auth state')
        .replace('client: 127.0.0.1', 'client: 192.0.2.7'),
    ],
  },
  {
    name: 'a client behind a trusted PROXY header whose address is none',
    block: 'realip',
    silent: true,
    lines: (user) => [
      'C: PROXY TCP4 9 198.51.100.1 40001 143',
      'S: * OK IMAP4 ready',
      `C: a LOGIN ${user} x`,
      'S: a NO no',
      '--',
    ],
    answers: [() => refuse('no')],
    records: (log) => [log.login('[info] client login failed: "no" while in http auth state')],
  },
];

loggedSpec(
  'records of logins and sessions',
  {
    blocks: {
      imap: { protocol: 'imap' },
      'imap-idle': { protocol: 'imap', conf: 'proxy_timeout 150ms;' },
      pop3: { protocol: 'pop3' },
      smtp: { protocol: 'smtp' },
      'smtp-none': { protocol: 'smtp', conf: 'smtp_auth none;' },
      realip: { protocol: 'imap', listen: '@realip@ proxy_protocol', conf: 'set_real_ip_from 127.0.0.1;' },
    },
  },
  logins,
);
