// The error log of what the mail servers have beyond nginx: every record with its level, text and suffix.
import { base64 } from '../support/bytes.ts';
import { accept, refuse } from '../support/fake-auth.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';

const xoauth2 = (user: string): string => base64(`user=${user}\x01auth=Bearer token\x01\x01`);

const cases: readonly LoggedCase[] = [
  {
    name: 'a token that is refused, and why in SASL',
    block: 'imap',
    answers: [() => refuse('no token', 'Auth-Error-SASL: e30=')],
    lines: (user) => [`C: a AUTHENTICATE XOAUTH2 ${xoauth2(user)}`, 'S: + e30=', 'C: ', 'S: a NO no token', '--'],
    records: (log) => [log.login('[info] client login failed: "no token" while in http auth state')],
  },
  {
    name: 'a reason in SASL together with OK',
    block: 'imap',
    answers: [(backend) => accept(backend, 'Auth-Error-SASL: e30=')],
    lines: (user) => [
      `C: a AUTHENTICATE XOAUTH2 ${xoauth2(user)}`,
      'S: a OK logged in',
      'C: b LOGOUT',
      'S: +OK 250 [b LOGOUT]',
      '--',
    ],
    records: (log) => [
      log.login(`[error] auth http server ${log.auth} returned SASL error to auth success while in http auth state`),
      log.upstream('[info] client logged in'),
      log.upstream('[info] proxied session done'),
    ],
  },
  {
    name: 'a reason in SASL together with OK for another method is ignored',
    block: 'imap',
    answers: [(backend) => accept(backend, 'Auth-Error-SASL: e30=')],
    lines: (user) => [`C: a LOGIN ${user} x`, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'],
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'responses of OAuth that cannot be read',
    block: 'imap',
    lines: () => [
      'C: a AUTHENTICATE XOAUTH2 *',
      'S: a BAD invalid command',
      `C: a AUTHENTICATE XOAUTH2 ${xoauth2('')}`,
      'S: a BAD invalid command',
      `C: a AUTHENTICATE OAUTHBEARER ${base64('n,a=joe,\x01auth=Basic x\x01\x01')}`,
      'S: a BAD invalid command',
    ],
    records: (log) => [
      log.bare('[info] client sent invalid base64 encoding in AUTH XOAUTH2 command while in auth state'),
      log.bare('[info] client sent invalid login in AUTH XOAUTH2 command while in auth state'),
      log.bare('[info] client sent invalid token in AUTH OAUTHBEARER command while in auth state'),
    ],
  },
  {
    name: 'the command behind max_commands',
    block: 'few',
    lines: () => ['C: a NOOP', 'S: a OK completed', 'C: b LOGIN u secret', 'S: b BAD invalid command', '--'],
    records: (log) => [log.bare('[info] client sent too many commands while in auth state')],
  },
];

loggedSpec(
  'the records of what nginx has not',
  {
    blocks: {
      imap: { protocol: 'imap', conf: 'imap_auth plain xoauth2 oauthbearer;' },
      few: { protocol: 'imap', conf: 'max_commands 1;' },
    },
  },
  cases,
);
