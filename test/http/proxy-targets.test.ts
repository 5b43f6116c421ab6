// Where proxy_pass leads: names that are looked up at run time, TLS, and an IMAP login whose auth service is behind it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS } from '../support/tls.ts';

const bodyOf = async (server: MailServer, target: string, ...headers: string[]): Promise<string> => {
  const answer = await ask(server, 'http', { target, headers });
  assert.ok(answer !== 'nothing');
  return answer.status === 200 ? answer.body : String(answer.status);
};

test('a URL with variables: an address, an upstream, a name of the resolver, and what is none', async (t) => {
  const dns = await FakeDns.start();
  t.after(() => dns.close());
  const backend = await startHttpBackend(t, ({ fields }) => ok(fields[0] ?? ''));
  const { host, port } = backend.server;
  dns.script('back.example', 'A', { answers: [{ type: 'A', name: 'back.example', data: host, ttl: 60 }] });
  dns.script('none.example', 'A', { rcode: 3 });
  const config = `http { access_log off; upstream block { server ${backend.at}; }
    server { listen @http@;
      location /res { resolver 127.0.0.1:${dns.port} ipv6=off; proxy_pass http://$http_to; }
      location / { proxy_pass http://$http_to; } } }`;
  const server = await startServer(t, { config });
  assert.equal(await bodyOf(server, '/', `To: ${backend.at}`), `Host: ${backend.at}`);
  assert.equal(await bodyOf(server, '/', 'To: block'), 'Host: block');
  assert.equal(await bodyOf(server, '/res', `To: back.example:${port}`), `Host: back.example:${port}`);
  assert.equal(await bodyOf(server, '/res', `To: none.example:${port}`), '502');
  await server.waitLog(/\[error\] .* none\.example could not be resolved \(3: Host not found\), client/);
  assert.equal(await bodyOf(server, '/', 'To: back.example'), '502');
  await server.waitLog(/\[error\] .* no resolver defined to resolve back\.example, client/);
  assert.equal(await bodyOf(server, '/'), '500');
  await server.waitLog(/\[error\] .* invalid URL prefix in "http:\/\/", client/);
  assert.equal(await bodyOf(server, '/', 'To: 127.0.0.1:99999'), '500');
  await server.waitLog(/\[error\] .* invalid port in upstream "127\.0\.0\.1:99999", client/);
});

test('https: the certificate of a server is checked where it is to be', async (t) => {
  const { cert, key } = serverCertificate;
  const ca = (name: string): string =>
    `proxy_ssl_verify on; proxy_ssl_verify_depth 3; proxy_ssl_trusted_certificate ${join(CERTS, name)};`;
  const config = `http { access_log off;
    server { listen @http@;
      location /unchecked { proxy_pass https://@tls@; }
      location /checked { ${ca('ca.pem')} proxy_ssl_name mail.example; proxy_ssl_server_name on; proxy_pass https://@tls@; }
      location /named { ${ca('ca.pem')} proxy_ssl_name other.example; proxy_pass https://@tls@; }
      location /stranger { ${ca('other-ca.pem')} proxy_pass https://@tls@; }
      location /plain { proxy_pass https://@http@; } } }
    mail { auth_http 127.0.0.1:1; server { listen @tls@ ssl; protocol imap;
      ssl_certificate ${cert}; ssl_certificate_key ${key}; } }`;
  const server = await startServer(t, { config });
  // The mail server greets, which is no HTTP: the handshake is what counts here.
  for (const target of ['/unchecked', '/checked', '/checked', '/named', '/stranger', '/plain']) {
    assert.equal(await bodyOf(server, target), '502');
  }
  const errors = server.log
    .text()
    .split('\n')
    .filter((line) => line.includes('[error]') && line.includes('upstream: "https'))
    .map((line) => line.replace(/^.*\*\d+ /, '').replace(/, client.*$/, ''));
  const greeting = 'upstream sent no valid HTTP/1.0 header while reading response header from upstream';
  const shaking = 'while SSL handshaking to upstream';
  assert.deepEqual(errors.slice(0, 5), [
    greeting,
    greeting,
    greeting, // a session that is resumed brings no certificate
    `upstream SSL certificate does not match "other.example" ${shaking}`,
    `upstream SSL certificate verify error: (21:unable to verify the first certificate) ${shaking}`,
  ]);
  assert.match(errors[5] ?? '', /^SSL_do_handshake\(\) failed \(SSL: error:.*\) while SSL handshaking to upstream$/);
});

test('a mail login asks a location that passes the question on to a backend', async (t) => {
  const mailbox = await startBackend(t, imapBackend);
  const auth = await startHttpBackend(t, ({ fields }) => {
    const good = fields.includes('Auth-User: user') && fields.includes('Auth-Pass: secret');
    const place = [`Auth-Server: ${mailbox.host}`, `Auth-Port: ${mailbox.port}`];
    return good ? ok('', 'Auth-Status: OK', ...place) : ok('', 'Auth-Status: wrong', 'Auth-Wait: 1');
  });
  const config = `
    mail { auth_http http://@http@/auth; server { listen @imap@; protocol imap; } }
    http { access_log off; server { listen @http@; location /auth { proxy_pass http://${auth.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('imap');
  await wire.line();
  await wire.send('a LOGIN user guess\r\n');
  await wire.expectLine('a NO wrong\r\n');
  await wire.send('b LOGIN user secret\r\n');
  await wire.expectLine('b OK logged in\r\n');
  wire.destroy();
});
