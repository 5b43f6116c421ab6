// auth_http over https at the real command: which auth servers are asked, how, and what the log says of the others.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { listen } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { ownAddress } from '../support/ports.ts';
import { AUTH_TLS, type SecureAuthOptions, startSecureAuth } from '../support/secure-auth.ts';
import { startServer } from '../support/server.ts';
import { CERTS, pem } from '../support/tls.ts';
import { temporaryFolder } from '../support/tmp.ts';

const file = (name: string): string => join(CERTS, name);
const CA = `auth_http_ssl_trusted_certificate ${file('ca.pem')};`;
const NAMED = `${CA} auth_http_ssl_name mail.example;`;
const digest = (name: string): string =>
  createHash('sha256')
    .update(new X509Certificate(pem(name)).raw)
    .digest('hex');

const IN = 'a OK logged in\r\n';
const INTERNAL = '* BAD internal server error\r\n';

interface SiteOptions extends SecureAuthOptions {
  /** The address of auth_http; the auth server's otherwise. */
  readonly at?: string;
}

async function site(t: TestContext, mail: string, { at, ...options }: SiteOptions = {}) {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const auth = await startSecureAuth(scope, backend, options);
  const server = await startServer(scope, {
    config: `mail { auth_http https://${at ?? `${auth.host}:${auth.port}/auth`}; ${mail}
      server { listen @imap@; protocol imap; } }`,
  });
  /** @returns the last line */
  const login = async (listener = 'imap'): Promise<string> => {
    const wire = await server.connect(listener);
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a LOGIN joe secret\r\n');
    const line = await wire.line(60_000);
    wire.destroy();
    return line;
  };
  /** The record that has the text. */
  const logged = async (text: string): Promise<string> => {
    const [line] = await server.log.wait(new RegExp(`^.*${text.replaceAll(/[()[\].*+?^$|\\/]/g, '\\$&')}.*\n`, 'm'));
    return line;
  };
  return { auth, backend, login, server, logged };
}

describe('an auth server over https', { concurrency: 8 }, () => {
  test('is asked the same question, and told its name', async (t) => {
    const { auth, login } = await site(t, NAMED);
    assert.equal(await login(), IN);
    const [question] = auth.questions;
    assert.equal(question?.headers.host, auth.host);
    assert.equal(question?.headers['auth-pass'], 'secret');
    assert.equal(question?.httpVersion, '1.0');
    assert.equal(auth.connections[0]?.servername, 'mail.example');
  });

  test('is not told its name where that is off', async (t) => {
    const { auth, login } = await site(t, `${NAMED} auth_http_ssl_server_name off;`);
    assert.equal(await login(), IN);
    assert.equal(auth.connections[0]?.servername, false);
  });

  for (const { name, mail, tls, text } of [
    {
      name: 'with a certificate of another CA',
      mail: `auth_http_ssl_trusted_certificate ${file('other-ca.pem')}; auth_http_ssl_name mail.example;`,
      text: 'upstream SSL certificate verify error: (21:unable to verify the first certificate)',
    },
    {
      name: 'with a certificate of a CA that the system does not know',
      mail: 'auth_http_ssl_name mail.example;',
      text: 'upstream SSL certificate verify error: (21:unable to verify the first certificate)',
    },
    {
      name: 'with a certificate for another name',
      mail: `${CA} auth_http_ssl_name other.example;`,
      text: 'upstream SSL certificate does not match "other.example"',
    },
    {
      name: 'with a certificate of the past',
      mail: `auth_http_ssl_trusted_certificate ${file('server-expired.pem')}; auth_http_ssl_name mail.example;`,
      tls: { cert: pem('server-expired.pem'), key: pem('server-expired.key') },
      text: 'upstream SSL certificate verify error: (10:certificate has expired)',
    },
    {
      name: 'with a certificate that is not pinned',
      mail: `${NAMED} auth_http_ssl_pin ${digest('ca.pem')};`,
      text: 'upstream SSL certificate is not pinned',
    },
  ]) {
    test(`${name} hears nothing of the login`, async (t) => {
      const { auth, login, logged } = await site(t, mail, { tls: tls ?? AUTH_TLS });
      assert.equal(await login(), INTERNAL);
      const record = await logged(text);
      assert.match(record, /\[error\]/);
      assert.ok(
        record.includes(`${text} while SSL handshaking to auth http server ${auth.host}:${auth.port}, client:`),
      );
      assert.equal(auth.questions.length, 0);
    });
  }

  test('is known by its pin, without a CA', async (t) => {
    const { login } = await site(t, `auth_http_ssl_verify off; auth_http_ssl_pin ${digest('server-ec.pem')};`);
    assert.equal(await login(), IN);
  });

  test('may be anybody where nothing is verified', async (t) => {
    const { login } = await site(t, 'auth_http_ssl_verify off;');
    assert.equal(await login(), IN);
  });

  test('is named by the host of the URL', async (t) => {
    // This address is in the certificate.
    const { auth, login } = await site(t, CA, { host: '127.0.0.1' });
    assert.equal(await login(), IN);
    assert.equal(auth.connections[0]?.servername, false, 'an address is no name for SNI');
  });

  test('is shown a certificate', async (t) => {
    const mail = `${NAMED} auth_http_ssl_certificate ${file('client.pem')};
      auth_http_ssl_certificate_key ${file('client.key')};`;
    const asks = { ...AUTH_TLS, requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') };
    const { auth, login } = await site(t, mail, { tls: asks });
    assert.equal(await login(), IN);
    assert.equal(auth.connections[0]?.authorized, true);
  });

  test('that wants a certificate and gets none refuses', async (t) => {
    const asks = { ...AUTH_TLS, requestCert: true, rejectUnauthorized: true, ca: pem('ca.pem') };
    const { auth, login, logged } = await site(t, `${NAMED} auth_http_ssl_protocols TLSv1.2;`, { tls: asks });
    assert.equal(await login(), INTERNAL);
    assert.match(await logged('SSL handshaking to auth http server'), /peer closed|SSL_do_handshake\(\) failed/);
    assert.equal(auth.questions.length, 0);
  });

  test('that speaks in clear is none', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const clear = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.0 200 OK\r\nAuth-Status: OK\r\n\r\n'),
    );
    const host = ownAddress();
    const port = await listen(clear, host, 0);
    scope.after(() => void clear.close());
    const { login, logged } = await site(t, NAMED, { at: `${host}:${port}/` });
    assert.equal(await login(), INTERNAL);
    const record = await logged('SSL_do_handshake() failed');
    assert.ok(record.includes(`while SSL handshaking to auth http server ${host}:${port}`));
  });

  test('that says nothing in the handshake is waited for as long as for an answer', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const silent = createServer((socket) => {
      socket.on('error', () => {});
      scope.after(() => void socket.destroy());
    });
    const host = ownAddress();
    const port = await listen(silent, host, 0);
    scope.after(() => void silent.close());
    const { login, logged } = await site(t, `${NAMED} auth_http_timeout 200ms;`, { at: `${host}:${port}/` });
    assert.equal(await login(), INTERNAL);
    await logged(
      `auth http server ${host}:${port} timed out (110: Connection timed out) while SSL handshaking to auth`,
    );
  });

  test('that is not there is said to be so', async (t) => {
    const { login, logged } = await site(t, NAMED, { at: `${ownAddress()}:1/` });
    assert.equal(await login(), INTERNAL);
    await logged('connect() failed (111: Connection refused) while in http auth state');
  });

  test('resumes sessions, and keeps connections', async (t) => {
    const { auth, login } = await site(t, `${NAMED}`);
    for (let i = 0; i < 3; i++) assert.equal(await login(), IN);
    assert.equal(auth.connections.length, 3);
    assert.ok(auth.resumed() > 0);
    const other = await site(t, `${NAMED} auth_http_ssl_session_reuse off;`);
    for (let i = 0; i < 3; i++) assert.equal(await other.login(), IN);
    assert.equal(other.auth.resumed(), 0);
    const kept = await site(t, `${NAMED} auth_http_version 1.1; auth_http_keepalive 2;`);
    for (let i = 0; i < 3; i++) assert.equal(await kept.login(), IN);
    assert.equal(kept.auth.questions.length, 3);
    assert.equal(kept.auth.connections.length, 1);
  });

  for (const [what, way] of [
    ['answers', 'auth_http_cache zone=auth:1m; auth_http_cache_valid 10m;'],
    ['connections', 'auth_http_version 1.1; auth_http_keepalive 4;'],
    ['sessions', ''],
  ] as const) {
    test(`${what} of one that some servers take for the right one are nothing to those that do not`, async (t) => {
      const strict = (listen: string, rules: string): string =>
        `server { listen ${listen}; protocol imap; auth_http_ssl_verify on; ${CA} ${rules} }`;
      const { login, auth, logged } = await site(
        t,
        `auth_http_ssl_verify off; auth_http_ssl_name mail.elsewhere; ${way}
        ${strict('@name@', '')} ${strict('@pin@', `auth_http_ssl_name mail.example; auth_http_ssl_pin ${digest('ca.pem')};`)}`,
      );
      assert.equal(await login(), IN);
      for (const listener of ['name', 'pin']) assert.equal(await login(listener), INTERNAL);
      assert.equal(auth.questions.length, 1);
      await logged('upstream SSL certificate does not match "mail.elsewhere"');
      await logged('upstream SSL certificate is not pinned');
    });
  }

  test('may be on a unix socket', async (t) => {
    const path = join(temporaryFolder(t), 'auth');
    const { auth, login } = await site(t, CA, { path, at: `unix:${path}:/auth` });
    assert.equal(await login(), IN);
    assert.equal(auth.questions[0]?.url, '/auth');
    assert.equal(auth.questions[0]?.headers.host, 'localhost');
    assert.equal(auth.connections[0]?.servername, 'localhost');
  });

  test('may be an http server of the same configuration', async (t) => {
    const { backend } = await site(t, NAMED);
    const scope = new Cleanup();
    t.after(() => scope.run());
    const server = await startServer(scope, {
      config: `mail { auth_http https://@auth@/; ${NAMED} server { listen @imap@; protocol imap; } }
        http { access_log off; server { listen @auth@ ssl; ssl_certificate ${file('server-ec.pem')};
          ssl_certificate_key ${file('server-ec.key')};
          location / { add_header Auth-Status OK; add_header Auth-Server ${backend.host};
            add_header Auth-Port ${backend.port}; return 200; } } }`,
    });
    const wire = await server.connect('imap');
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a LOGIN joe secret\r\n');
    await wire.expectLine(IN);
    wire.destroy();
  });
});
