// Auth services that are the http servers of a real nginx: over TLS with certificates on both sides, and in a group.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { startServer } from '../support/server.ts';
import { nginx } from '../support/target.ts';
import { CERTS } from '../support/tls.ts';

const file = (name: string): string => join(CERTS, name);

/** What nginx says of each question: how the connection is, and what was asked. */
const FORMAT = '$server_port $connection_requests $ssl_session_reused $ssl_client_verify $status $http_auth_user';

test('https to nginx: verified both ways, kept, and another server in place of one that is busy', {
  skip: nginx.missing(),
}, async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const tls = `ssl_certificate ${file('server-rsa.pem')}; ssl_certificate_key ${file('server-rsa.key')};
    ssl_verify_client on; ssl_client_certificate ${file('ca.pem')};`;
  const lets = `add_header Auth-Status OK; add_header Auth-Server ${backend.host}; add_header Auth-Port ${backend.port};`;
  const service = await startServer(scope, {
    target: nginx,
    config: `http { log_format all '${FORMAT}'; access_log @DIR@/access.log all; ${tls}
      server { listen @busy@ ssl; location / { return 503; } }
      server { listen @good@ ssl; location / { ${lets} return 204; } } }`,
  });
  const at = (name: string): string => `${service.at(name).host}:${service.at(name).port}`;
  const server = await startServer(scope, {
    config: `mail {
      upstream mail.example { server ${at('busy')} fail_timeout=600s; server ${at('good')}; }
      auth_http https://mail.example/in; auth_http_version 1.1; auth_http_keepalive 2;
      auth_http_next_upstream error timeout http_503;
      auth_http_ssl_trusted_certificate ${file('ca.pem')};
      auth_http_ssl_certificate ${file('client.pem')}; auth_http_ssl_certificate_key ${file('client.key')};
      server { listen @imap@; protocol imap; }
    }`,
  });
  for (const user of ['u1', 'u2', 'u3']) {
    const wire = await server.connect('imap');
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send(`a LOGIN ${user} secret\r\n`);
    await wire.expectLine('a OK logged in\r\n');
    wire.destroy();
  }
  const [busy, good] = [service.at('busy').port, service.at('good').port];
  const log = new LogFile(join(service.dir, 'access.log'));
  await log.wait(/ u3\n/);
  assert.deepEqual(log.text().trim().split('\n'), [
    `${busy} 1 . SUCCESS 503 u1`,
    `${good} 1 . SUCCESS 204 u1`,
    `${good} 2 . SUCCESS 204 u2`,
    `${good} 3 . SUCCESS 204 u3`,
  ]);
  assert.match(server.log.text(), /auth http server \S+ answered with http_503 while asking auth http server/);
});
