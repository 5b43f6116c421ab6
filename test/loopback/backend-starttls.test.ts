// STARTTLS at backends, and those who would rather have no TLS: no password is ever said in clear.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { accept } from '../support/fake-auth.ts';
import { type BackendScript, dialogue, imapBackend, silence } from '../support/fake-backend.ts';
import { type LoggedCase, loggedSpec, type Records } from '../support/mail-spec/logged.ts';
import { INTERNAL, login } from '../support/mail-spec/login-lines.ts';
import type { Protocol } from '../support/mail-spec/transport.ts';
import { BACKEND_TLS, overStarttls, UPGRADES } from '../support/secure-backend.ts';
import { CERTS, pem } from '../support/tls.ts';

const CONF = `proxy_ssl starttls; proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};
  proxy_ssl_name mail.example; proxy_pass_error_message on; proxy_smtp_auth on;`;

const BLOCKS = {
  imap: { protocol: 'imap', conf: CONF },
  pop3: { protocol: 'pop3', conf: CONF },
  smtp: { protocol: 'smtp', conf: CONF },
  quick: { protocol: 'imap', conf: `${CONF} timeout 2s;` },
  clear: { protocol: 'imap', conf: `proxy_ssl_pin ${'00'.repeat(32)};` },
  lowered: { protocol: 'imap', conf: CONF },
  sasl: { protocol: 'imap', conf: `${CONF} proxy_imap_auth plain;` },
} as const;

const READING = 'while reading response from upstream';
const HANDSHAKING = 'while SSL handshaking to upstream';
const SECRET = /secret|c2VjcmV0|AHVzZXI/;

/** A login that fails with one record, and of which the backend sees no password. */
function failing(
  name: string,
  block: keyof typeof BLOCKS,
  backend: BackendScript,
  record: string | ((log: Records) => string) | undefined,
  more: Partial<LoggedCase> = {},
): LoggedCase {
  const { protocol } = BLOCKS[block];
  return {
    name: `${block}: ${name}`,
    block,
    backend,
    lines: (user) => login(protocol, user, INTERNAL[protocol], '--'),
    next: async (_wire, { backend: { peers } }) => {
      for (const peer of peers) {
        await peer.closed();
        assert.doesNotMatch(peer.received.toString('latin1'), SECRET);
      }
    },
    ...(record === undefined
      ? {}
      : { records: (log) => [typeof record === 'string' ? log.upstream(record) : record(log)] }),
    ...more,
  };
}

const good = (
  name: string,
  block: keyof typeof BLOCKS,
  backend: BackendScript,
  more: Partial<LoggedCase> = {},
): LoggedCase => ({
  name: `${block}: ${name}`,
  block,
  backend,
  lines: (user) => login('imap', user, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'),
  records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  ...more,
});

const invalid = (text: string): string => `[error] upstream sent invalid response: "${text}" ${READING}`;
const LACKING = `[error] upstream does not offer STARTTLS ${READING}`;
const BEHIND = `[error] upstream sent data behind its answer to STARTTLS ${READING}`;
const anyFault = (record: string): string => record.replace(/\(SSL: error:[^)]*\)/, '(SSL: …)');

/** What is said in clear up to the question for STARTTLS, for `dialogue`. */
const BEFORE: Readonly<Record<Protocol, readonly string[]>> = {
  imap: ['* OK hi\r\n', '* CAPABILITY IMAP4rev1 STARTTLS\r\nS1 OK\r\n'],
  pop3: ['+OK hi\r\n', '+OK\r\nSTLS\r\n.\r\n'],
  smtp: ['220-hi\r\n220 there\r\n', '250-hi\r\n250 STARTTLS\r\n'],
};
const GO: Readonly<Record<Protocol, string>> = { imap: 'S2 OK go\r\n', pop3: '+OK go\r\n', smtp: '220 go\r\n' };
const said = (protocol: Protocol, ...texts: readonly string[]): BackendScript =>
  dialogue([...BEFORE[protocol], ...texts], silence);

/** TLS, then the answers behind it. */
const secured =
  (
    protocol: Protocol,
    before: readonly string[],
    after: readonly string[],
    then: BackendScript,
    tls = BACKEND_TLS,
  ): BackendScript =>
  async (peer, index) => {
    for (const [step, text] of [...before, GO[protocol]].entries()) {
      if (step > 0) await peer.line();
      await peer.send(text);
    }
    await peer.acceptTls(tls);
    for (const text of after) {
      await peer.line();
      await peer.send(text);
    }
    await then(peer, index);
  };

const REFUSALS: Readonly<Record<Protocol, string>> = {
  imap: 'S2 NO [REFERRAL imap://evil.example/] log in at evil.example\r\n',
  pop3: '-ERR log in at evil.example\r\n',
  smtp: '454 log in at evil.example\r\n',
};

const ofAll = (['imap', 'pop3', 'smtp'] as const).flatMap((protocol): readonly LoggedCase[] => [
  failing('refuses STARTTLS', protocol, said(protocol, REFUSALS[protocol]), invalid(REFUSALS[protocol].trimEnd())),
  failing(
    'says more behind its answer, in one segment',
    protocol,
    said(protocol, `${GO[protocol]}${GO[protocol]}`),
    BEHIND,
  ),
  failing(
    'says more behind its answer, in another segment',
    protocol,
    dialogue([...BEFORE[protocol], GO[protocol]], async (peer, index) => {
      await peer.send('S3 OK in clear\r\n');
      await silence(peer, index);
    }),
    undefined,
  ),
  failing(
    'goes on in clear',
    protocol,
    dialogue([...BEFORE[protocol], GO[protocol]], async (peer, index) => {
      await peer.bytes(1);
      await peer.send('S3 OK in clear\r\n');
      await silence(peer, index);
    }),
    `[error] SSL_do_handshake() failed (SSL: …) ${HANDSHAKING}`,
    { normal: anyFault },
  ),
  failing(
    'closes instead of the handshake',
    protocol,
    dialogue([...BEFORE[protocol], GO[protocol]], async () => {}),
    `[error] peer closed connection in SSL handshake ${HANDSHAKING}`,
  ),
]);

const others: readonly LoggedCase[] = [
  failing('is logged in already', 'imap', dialogue(['* PREAUTH hi\r\n'], silence), invalid('* PREAUTH hi')),
  failing(
    'takes its leave',
    'imap',
    dialogue(['* BYE [UNAVAILABLE] come to evil.example\r\n'], silence),
    invalid('* BYE [UNAVAILABLE] come to evil.example'),
  ),
  failing('does not let in', 'pop3', dialogue(['-ERR no\r\n'], silence), invalid('-ERR no')),
  failing('does not let in', 'smtp', dialogue(['554-no\r\n554 no\r\n'], silence), invalid('554-no\\x0D\\x0A554 no')),
  failing(
    'has no STARTTLS in its greeting',
    'imap',
    dialogue(['* OK [CAPABILITY IMAP4rev1 XSTARTTLS STARTTLS2 AUTH=PLAIN] hi\r\n'], silence),
    LACKING,
  ),
  failing(
    'has none in its reply',
    'imap',
    dialogue(['* OK STARTTLS\r\n', '* CAPABILITY X\r\nS1 OK\r\n'], silence),
    LACKING,
  ),
  failing('has none', 'pop3', dialogue(['+OK STLS\r\n', '+OK STLS\r\nXSTLS\r\nSTLS2\r\n.\r\n'], silence), LACKING),
  failing('has none', 'smtp', dialogue(['220 STARTTLS\r\n', '250-STARTTLS2\r\n250 XSTARTTLS\r\n'], silence), LACKING),
  failing(
    'knows no capabilities',
    'imap',
    dialogue(['* OK\r\n', '* X\r\nS1 BAD no\r\n'], silence),
    invalid('* X\\x0D\\x0AS1 BAD no'),
  ),
  failing('knows no capabilities', 'pop3', dialogue(['+OK\r\n', '-ERR no\r\n'], silence), invalid('-ERR no')),
  failing('knows no EHLO', 'smtp', dialogue(['220 hi\r\n', '502 no\r\n'], silence), invalid('502 no')),
  failing(
    'says more behind its capabilities',
    'imap',
    dialogue(['* OK\r\n', '* CAPABILITY STARTTLS\r\nS1 OK\r\nS2 OK\r\n'], silence),
    invalid('* CAPABILITY STARTTLS\\x0D\\x0AS1 OK\\x0D\\x0AS2 OK'),
  ),
  failing(
    'says half a line behind its answer',
    'quick',
    said('imap', 'S2 OK go\r\nS3 OK'),
    `[info] upstream timed out (110: Connection timed out) ${READING}`,
  ),
  failing(
    'forgets its capabilities over TLS',
    'imap',
    secured('imap', BEFORE.imap, ['S3 NO\r\n'], silence),
    invalid('S3 NO'),
  ),
  failing(
    'forgets its capabilities over TLS',
    'pop3',
    secured('pop3', BEFORE.pop3, ['-ERR\r\n'], silence),
    invalid('-ERR'),
  ),
  failing(
    'is another one',
    'imap',
    secured('imap', BEFORE.imap, [], silence, { cert: pem('client-self.pem'), key: pem('client-self.key') }),
    `[error] upstream SSL certificate verify error: (26:unsuitable certificate purpose) ${HANDSHAKING}`,
  ),
  failing(
    'would get no TLS, without auth_http_trust_ssl',
    'lowered',
    imapBackend,
    (log) =>
      log.upstream(
        `[error] auth http server ${log.auth} sent "Auth-Upstream-SSL: off" without "auth_http_trust_ssl on" while in http auth state`,
      ),
    { answers: [(backend) => accept(backend, 'Auth-Upstream-SSL: off')] },
  ),
  failing(
    'gets STARTTLS because the auth service says so, and is checked as configured',
    'clear',
    overStarttls('imap', imapBackend),
    `[error] upstream SSL certificate is not pinned ${HANDSHAKING}`,
    { answers: [(backend) => accept(backend, 'Auth-Upstream-SSL: starttls')] },
  ),
  good(
    'gets TLS from the first byte because the auth service says so',
    'imap',
    async (peer, index) => {
      await peer.acceptTls(BACKEND_TLS);
      await imapBackend(peer, index);
    },
    { answers: [(backend) => accept(backend, 'Auth-Upstream-SSL: on')] },
  ),
  good('tells of STARTTLS in its greeting, and is not asked again in clear', 'imap', async (peer, index) => {
    await peer.send('* OK [capability imap4rev1 starttls] hi\r\n');
    await peer.expectLine('S2 STARTTLS\r\n');
    await peer.send('* unsolicited\r\nS2 OK go\r\n');
    await peer.acceptTls(BACKEND_TLS);
    await peer.expectLine('S3 CAPABILITY\r\n');
    await peer.send('* CAPABILITY IMAP4rev1\r\nS3 OK\r\n');
    peer.skipSend();
    await imapBackend(peer, index);
  }),
  good('takes initial responses only in clear, or so it seemed', 'sasl', async (peer) => {
    await peer.send('* OK [CAPABILITY IMAP4rev1 STARTTLS SASL-IR] hi\r\n');
    await peer.expectLine('S2 STARTTLS\r\n');
    await peer.send('S2 OK go\r\n');
    await peer.acceptTls(BACKEND_TLS);
    await peer.expectLine('S3 CAPABILITY\r\n');
    await peer.send('* CAPABILITY IMAP4rev1\r\nS3 OK\r\n');
    await peer.expectLine('a AUTHENTICATE PLAIN\r\n');
    await peer.send('+ \r\n');
    await peer.line();
    await peer.send('a OK logged in\r\n');
    await peer.expectLine('b LOGOUT\r\n');
    await peer.send('+OK 250 [b LOGOUT]\r\n');
  }),
  {
    name: 'smtp: is told EHLO again, and XCLIENT only over TLS',
    block: 'smtp',
    backend: async (peer) => {
      await peer.send(UPGRADES.smtp.greeting);
      await peer.expectLine('EHLO mx.example.org\r\n');
      await peer.send('250-hi\r\n250 STARTTLS\r\n');
      await peer.expectLine('STARTTLS\r\n');
      await peer.send('220-go\r\n220 go\r\n');
      await peer.acceptTls(BACKEND_TLS);
      await peer.expectLine('EHLO mx.example.org\r\n');
      await peer.send('250-hi\r\n250 XCLIENT\r\n');
      await peer.expectLine(/^XCLIENT ADDR=127\.0\.0\.1 NAME=\[UNAVAILABLE\]\r\n$/);
      await peer.send('220 hi\r\n');
      await peer.expectLine('HELO c\r\n');
      await peer.send('250 hi\r\n');
      await peer.expectLine(/^AUTH PLAIN /);
      await peer.send('235 in\r\n');
      await peer.expectLine('QUIT\r\n');
      await peer.send('221 bye\r\n');
    },
    lines: (user) => login('smtp', user, 'S: 235 2.0.0 OK', 'C: QUIT', 'S: 221 bye', '--'),
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
];

loggedSpec('a backend with STARTTLS that', { blocks: BLOCKS }, [...ofAll, ...others]);
