// Hazard: commands behind a PROXY header in the same segment, which nginx does not read until something more comes.
import { saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const HEADER: Line = 'C: PROXY TCP4 192.0.2.7 198.51.100.1 40001 143';
const V2: Line = 'C| \r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x9c\x41\0\x8f';
const LOCAL: Line = 'C| \r\n\r\n\0\r\nQUIT\n\x20\0\0\0';

const withHeader = (name: string, header: Line): LoggedCase => ({
  name: `a command behind ${name} is read at once`,
  block: 'imap',
  silent: true,
  lines: () => [
    header,
    'C: a NOOP',
    'C: b LOGOUT',
    'S: * OK IMAP4 ready',
    'S: a OK completed',
    'S: * BYE',
    'S: b OK completed',
    '--',
  ],
  records: () => [],
});

const cases: readonly LoggedCase[] = [
  withHeader('a header of version 1', HEADER),
  withHeader('a header without addresses', 'C: PROXY UNKNOWN whatever'),
  withHeader('a header of version 2', V2),
  withHeader('a local header of version 2', LOCAL),
  {
    name: 'a whole POP3 session in the segment of the header',
    block: 'pop3',
    silent: true,
    lines: (user) => [
      HEADER,
      `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
      'C: STAT',
      'C: QUIT',
      'S: +OK POP3 ready',
      'S: +OK logged in',
      'S: +OK 250 [STAT]',
      'S: +OK 250 [QUIT]',
      '--',
    ],
  },
  {
    name: 'clear text behind the header is no handshake',
    block: 'tls',
    silent: true,
    lines: () => [HEADER, 'C: a NOOP'],
    next: async (wire) => {
      await wire.closed();
    },
    records: (log) => [
      log.bare(
        '[info] SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking',
      ),
    ],
  },
];

loggedSpec(
  'PROXY header',
  {
    conf: `ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};`,
    blocks: {
      imap: { protocol: 'imap', listen: '@imap@ proxy_protocol' },
      pop3: { protocol: 'pop3', listen: '@pop3@ proxy_protocol' },
      tls: { protocol: 'imap', listen: '@tls@ ssl proxy_protocol' },
    },
  },
  cases,
);
