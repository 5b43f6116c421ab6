// TLS to the backends: who is let in, what a failed handshake looks like, and what the auth service may say of it.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { accept } from '../support/fake-auth.ts';
import { type BackendScript, imapBackend, silence } from '../support/fake-backend.ts';
import { type Answer, Arena } from '../support/mail-spec/arena.ts';
import { type LoggedCase, loggedSpec, type Records } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';
import { BACKEND_TLS, overTls } from '../support/secure-backend.ts';
import { CERTS, pem } from '../support/tls.ts';

const CA = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};`;
const fingerprint = (name: string): string =>
  createHash('sha256')
    .update(new X509Certificate(pem(name)).raw)
    .digest('hex');
const PIN = `proxy_ssl_pin ${fingerprint('server-rsa.pem')} ${fingerprint('server-ec.pem')};`;

const BLOCKS = {
  off: { protocol: 'imap', conf: `${CA} proxy_ssl_name mail.example;` },
  trusting: { protocol: 'imap', conf: `proxy_ssl on; auth_http_trust_ssl on; ${PIN}` },
  on: { protocol: 'imap', conf: `proxy_ssl on; ${CA} proxy_ssl_name mail.example; timeout 2s;` },
  address: { protocol: 'imap', conf: `proxy_ssl on; ${CA}` },
  variable: { protocol: 'imap', conf: `proxy_ssl on; ${CA} proxy_ssl_name mail.$auth_http_x_domain;` },
  stranger: {
    protocol: 'imap',
    conf: `proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'other-ca.pem')};`,
  },
  pinned: { protocol: 'imap', conf: `proxy_ssl on; ${PIN}` },
  'pinned-other': { protocol: 'imap', conf: `proxy_ssl on; proxy_ssl_pin ${fingerprint('ca.pem')};` },
  pop3: { protocol: 'pop3', conf: `proxy_ssl on; ${CA} proxy_ssl_name other.example;` },
  smtp: {
    protocol: 'smtp',
    conf: `proxy_ssl on; ${CA} proxy_ssl_name other.example; proxy_smtp_auth on; proxy_pass_error_message on;`,
  },
} as const;

const HANDSHAKING = 'while SSL handshaking to upstream';
const INTERNAL = 'S: * BAD internal server error';
const login = (user: string, ...end: Line[]): readonly Line[] => [`C: a LOGIN ${user} secret`, ...end];
const failed = (text: string) => (log: Records) => [log.upstream(text)];
const tlsBackend = overTls(imapBackend);

/** A login that fails, with one record. */
function failing(
  name: string,
  block: keyof typeof BLOCKS,
  record: (log: Records) => readonly string[],
  more: Partial<LoggedCase> = {},
): LoggedCase {
  return { name, block, backend: tlsBackend, lines: (user) => login(user, INTERNAL, '--'), records: record, ...more };
}

/** A login that is let in. */
function good(name: string, block: keyof typeof BLOCKS, more: Partial<LoggedCase> = {}): LoggedCase {
  return {
    name,
    block,
    backend: tlsBackend,
    lines: (user) => login(user, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'),
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
    ...more,
  };
}

const says =
  (...headers: readonly string[]): Answer =>
  (backend) =>
    accept(backend, ...headers);
const auth = (text: string) => (log: Records) => [
  log.upstream(`[error] auth http server ${log.auth} ${text} while in http auth state`),
];
const anyFault = (record: string): string => record.replace(/\(SSL: error:[^)]*\)/, '(SSL: …)');

const cases: readonly LoggedCase[] = [
  failing('whose certificate is for another name', 'address', (log) => [
    log.upstream(
      `[error] upstream SSL certificate does not match "${log.backend.replace(/:\d+$/, '')}" ${HANDSHAKING}`,
    ),
  ]),
  failing(
    'whose certificate nobody vouches for',
    'stranger',
    failed(`[error] upstream SSL certificate verify error: (21:unable to verify the first certificate) ${HANDSHAKING}`),
  ),
  failing(
    'whose certificate is not pinned',
    'pinned-other',
    failed(`[error] upstream SSL certificate is not pinned ${HANDSHAKING}`),
  ),
  good('whose certificate is pinned', 'pinned'),
  good('whose certificate has a name that the auth service says', 'variable', {
    answers: [says('X-Domain: example', 'Auth-X-Domain: example')],
  }),
  failing('that talks in clear', 'on', failed(`[error] SSL_do_handshake() failed (SSL: …) ${HANDSHAKING}`), {
    backend: imapBackend,
    normal: anyFault,
  }),
  failing(
    'that closes in the handshake',
    'on',
    failed(`[error] peer closed connection in SSL handshake ${HANDSHAKING}`),
    { backend: async (peer) => void (await peer.bytes(1)) },
  ),
  failing(
    'that resets in the handshake',
    'on',
    failed(`[error] peer closed connection in SSL handshake (104: Connection reset by peer) ${HANDSHAKING}`),
    {
      backend: async (peer) => {
        await peer.bytes(100);
        peer.reset();
      },
    },
  ),
  failing(
    'that says nothing in the handshake',
    'on',
    failed(`[info] upstream timed out (110: Connection timed out) ${HANDSHAKING}`),
    { backend: silence },
  ),
  failing(
    'that says nothing behind the handshake',
    'on',
    failed('[info] upstream timed out (110: Connection timed out) while connecting to upstream'),
    { backend: overTls(silence) },
  ),
  failing(
    'that refuses the connection',
    'on',
    failed('[error] connect() failed (111: Connection refused) while connecting to upstream'),
    {
      answers: [
        (backend) => {
          backend.close();
          return accept(backend);
        },
      ],
    },
  ),
  {
    name: 'that is the wrong one, by POP3',
    block: 'pop3',
    backend: tlsBackend,
    lines: (user) => [`C: USER ${user}`, 'S: +OK', 'C: PASS secret', 'S: -ERR internal server error', '--'],
    records: failed(`[error] upstream SSL certificate does not match "other.example" ${HANDSHAKING}`),
  },
  {
    name: 'that is the wrong one, by SMTP: also with proxy_pass_error_message nothing of it is shown',
    block: 'smtp',
    backend: tlsBackend,
    lines: (user) => [
      'C: EHLO c',
      'S: 250-mx.example.org',
      'S: 250 AUTH PLAIN LOGIN',
      `C: AUTH PLAIN ${Buffer.from(`\0${user}\0secret`).toString('base64')}`,
      'S: 451 4.3.2 Internal server error',
      '--',
    ],
    records: failed(`[error] upstream SSL certificate does not match "other.example" ${HANDSHAKING}`),
  },
  good('gets TLS because the auth service says so', 'off', { answers: [says('Auth-Upstream-SSL: ON')] }),
  failing(
    'gets TLS because the auth service says so, and is checked as configured',
    'off',
    failed(`[error] upstream SSL certificate does not match "other.example" ${HANDSHAKING}`),
    { answers: [says('Auth-Upstream-SSL: on', 'Auth-Upstream-SSL-Name: other.example')] },
  ),
  good('has the name that the auth service says', 'address', { answers: [says('Auth-Upstream-SSL-Name: localhost')] }),
  good('gets no TLS where the auth service may say so', 'trusting', {
    answers: [says('Auth-Upstream-SSL: off')],
    backend: imapBackend,
  }),
  good('gets none where there would be none', 'off', {
    answers: [says('Auth-Upstream-SSL: off', 'Auth-Upstream-SSL-Name: x')],
    backend: imapBackend,
  }),
  failing(
    'would get no TLS, without auth_http_trust_ssl',
    'on',
    auth('sent "Auth-Upstream-SSL: off" without "auth_http_trust_ssl on"'),
    { answers: [says('Auth-Upstream-SSL: off')], backend: imapBackend },
  ),
  failing('would get something unknown', 'on', auth('sent invalid upstream SSL:"maybe\\x01"'), {
    answers: [says('Auth-Upstream-SSL: maybe\x01')],
  }),
  failing('would get nothing', 'trusting', auth('sent invalid upstream SSL:""'), {
    answers: [says('Auth-Upstream-SSL:')],
  }),
  failing('would have a name that is none', 'off', auth('sent invalid upstream SSL name:"a b"'), {
    answers: [says('Auth-Upstream-SSL-Name: a b')],
  }),
];

loggedSpec('a backend', { blocks: BLOCKS }, cases);

describe('what a backend hears in the handshake', () => {
  const tellName: BackendScript = async (peer, index) => {
    const socket = await peer.acceptTls({ ...BACKEND_TLS, ALPNProtocols: ['imap', 'pop3', 'smtp', 'x-mail'] });
    heard.push([socket.servername, socket.alpnProtocol]);
    await imapBackend(peer, index);
  };
  let heard: unknown[] = [];

  test('its name where that is wanted, and the protocol', async (t) => {
    heard = [];
    const arena = await Arena.start(t, {
      blocks: {
        default: { protocol: 'imap', conf: `proxy_ssl on; ${PIN}` },
        named: {
          protocol: 'imap',
          conf: `proxy_ssl on; ${PIN} proxy_ssl_server_name on; proxy_ssl_name mail.example; proxy_ssl_alpn x-mail;`,
        },
        address: { protocol: 'imap', conf: `proxy_ssl on; ${PIN} proxy_ssl_server_name on;` },
      },
    });
    for (const block of ['default', 'named', 'address']) {
      const stage = await arena.stage(t, 'imap', { backend: tellName });
      const wire = await arena.open(t, block);
      await wire.send(`a LOGIN ${stage.user} secret\r\n`);
      await wire.expectLine('a OK logged in\r\n');
      wire.destroy();
    }
    assert.deepEqual(heard, [
      [false, 'imap'],
      ['mail.example', 'x-mail'],
      [false, 'imap'],
    ]);
  });

  test('the session of the login before, and not that of another backend', async (t) => {
    const resumed: boolean[] = [];
    const script: BackendScript = async (peer, index) => {
      const socket = await peer.acceptTls({ ...BACKEND_TLS, ticketKeys: Buffer.alloc(48, 1) });
      resumed.push(socket.isSessionReused());
      await imapBackend(peer, index);
    };
    const arena = await Arena.start(t, {
      blocks: {
        on: { protocol: 'imap', conf: `proxy_ssl on; ${CA} proxy_ssl_name mail.example;` },
        never: { protocol: 'imap', conf: `proxy_ssl on; ${PIN} proxy_ssl_session_reuse off;` },
      },
    });
    for (const block of ['on', 'never']) {
      const stage = await arena.stage(t, 'imap', { backend: script });
      for (let i = 0; i < 3; i++) {
        const wire = await arena.open(t, block);
        await wire.send(`a LOGIN ${stage.user} secret\r\n`);
        await wire.expectLine('a OK logged in\r\n');
        wire.destroy();
      }
    }
    assert.deepEqual(resumed, [false, true, true, false, false, false]);
  });
});
