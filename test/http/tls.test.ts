// HTTPS: which server answers, what it says of the TLS, and who is refused.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { Cleanup } from '../support/cleanup.ts';
import { ask, type HttpAnswer } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { waitRecord } from '../support/log-record.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { CERTS, pem } from '../support/tls.ts';

const certificate = (name: string): string =>
  `ssl_certificate ${join(CERTS, `${name}.pem`)}; ssl_certificate_key ${join(CERTS, `${name}.key`)};`;
const CA = `ssl_client_certificate ${join(CERTS, 'ca.pem')};`;
const OTHER_CA = `ssl_client_certificate ${join(CERTS, 'other-ca.pem')};`;

const CONFIG = `http {
  log_format facts '$status|$server_name|$host|$scheme|$https|$ssl_protocol|$ssl_server_name|$ssl_client_verify';
  access_log @DIR@/access.log facts;
  server_tokens off;
  ssl_protocols TLSv1.2 TLSv1.3;
  ${certificate('server-ec')}

  server { listen @web@ ssl; server_name first;
    location / { return 200 "first $https $ssl_client_verify"; }
    location /offer { return 200 "$ssl_cipher|$ssl_ciphers|$ssl_curves|$ssl_alpn_protocol|$ssl_session_reused"; }
    location /none { return 200 "$ssl_client_s_dn|$ssl_client_serial|$ssl_early_data|$ssl_curve"; } }
  server { listen @web@ ssl; server_name rsa; ${certificate('server-rsa')} return 200 rsa; }
  server { listen @web@ ssl; server_name bare; return 200 bare; }
  server { listen @web@ ssl; server_name old; ssl_protocols TLSv1.2; return 200 "old $ssl_protocol"; }
  server { listen @web@ ssl; server_name closed; ssl_reject_handshake on; return 200 closed; }
  server { listen @web@ ssl; server_name on; ssl_verify_client on; ${CA}
    location / { return 200 "on $ssl_client_verify"; }
    location /names { return 200 "$ssl_client_s_dn|$ssl_client_i_dn|$ssl_client_s_dn_legacy|$ssl_client_i_dn_legacy"; }
    location /facts { return 200 "$ssl_client_serial|$ssl_client_fingerprint|$ssl_client_v_start|$ssl_client_v_end"; }
    location /remain { return 200 $ssl_client_v_remain; }
    location /raw { return 200 $ssl_client_raw_cert; }
    location /cert { return 200 $ssl_client_cert; }
    location /escaped { return 200 $ssl_client_escaped_cert; } }
  server { listen @web@ ssl; server_name on2; ssl_verify_client on; ${CA} return 200 on2; }
  server { listen @web@ ssl; server_name optional; ssl_verify_client optional; ${CA}
    return 200 "optional $ssl_client_verify"; }
  server { listen @web@ ssl; server_name any; ssl_verify_client optional_no_ca; return 200 "any $ssl_client_verify"; }

  server { listen @asks@ ssl; server_name asks; ssl_verify_client optional; ${CA} return 200 asks; }
  server { listen @asks@ ssl; server_name same; ssl_verify_client on; ${CA} location / { return 200 same; } }
  server { listen @asks@ ssl; server_name other; ssl_verify_client optional; ${OTHER_CA} return 200 "other $ssl_client_verify"; }

  server { listen @rejects@ ssl default_server; ssl_reject_handshake on; }
  server { listen @rejects@ ssl; server_name a; return 200 a; }

  server { listen @pages@ ssl; server_name pages; ssl_verify_client on; ${CA}
    error_page 495 496 = @refused; error_page 497 https://$host/moved$request_uri;
    location @refused { return 403 "refused $ssl_client_verify"; }
    location / { return 200 let-in; } }
}`;

const cleanup = new Cleanup();
let server: MailServer;
const isNginx = defaultTarget().name === 'nginx';

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});
after(() => cleanup.run());

interface Visit extends ConnectionOptions {
  readonly sni?: string;
  /** A client certificate of the fixtures. */
  readonly as?: string;
  readonly at?: string;
}

async function get(host: string, { sni, as, at = 'web', ...options }: Visit = {}, target = '/'): Promise<HttpAnswer> {
  const shown = as === undefined ? {} : { cert: pem(`${as}.pem`), key: pem(`${as}.key`) };
  const tls = { ...options, ...shown, ...(sni === undefined ? {} : { servername: sni }) };
  const answer = await ask(server, at, { target, host, connect: { tls } });
  assert.ok(answer !== 'nothing');
  return answer;
}

const body = async (...question: Parameters<typeof get>): Promise<string> => (await get(...question)).body;

/** The text of a page that refuses, and what the log has to say of it. */
async function refusal(question: Parameters<typeof get>, record: string): Promise<string> {
  const seen = server.log.text().length;
  const { status, body: page, fields } = await get(...question);
  assert.ok(fields.includes('Connection: close'));
  await waitRecord(server, record, seen);
  return `${status} ${/<center>(?!<h1>)(?:nginx|postern)?([^<]*)<\/center>/.exec(page)?.[1]}`;
}

test('the name in the handshake chooses the certificate, the Host of the request the server', async () => {
  for (const [sni, host, expected, subject] of [
    ['first', 'first', 'first on NONE', 'ec'],
    ['rsa', 'rsa', 'rsa', 'rsa'],
    ['RSA', 'rsa', 'rsa', 'rsa'],
    ['rsa', 'first', 'first on NONE', 'rsa'],
    ['first', 'rsa', 'rsa', 'ec'],
    ['nosuch', 'rsa', 'rsa', 'ec'],
    [undefined, 'rsa', 'rsa', 'ec'],
    ['bare', 'bare', 'bare', 'ec'],
    ['bare', 'nosuch', 'first on NONE', 'ec'],
    ['first', 'closed', 'closed', 'ec'],
  ] as const) {
    const wire = await server.connect('web', { tls: sni === undefined ? {} : { servername: sni } });
    await wire.send(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    const type = tlsOf(wire.socket).getPeerX509Certificate()?.publicKey.asymmetricKeyType;
    assert.equal((await wire.rest()).toString('latin1').split('\r\n\r\n')[1], expected, `${sni} ${host}`);
    assert.equal(type, subject, `${sni} ${host}`);
  }
});

function tlsOf(socket: unknown): TLSSocket {
  assert.ok(isTls(socket));
  return socket;
}

const isTls = (socket: unknown): socket is TLSSocket => socket instanceof Object && 'getPeerX509Certificate' in socket;

test('protocols are those of the server that was named', {
  skip: isNginx && 'only newer versions do that',
}, async () => {
  assert.equal(await body('old', { sni: 'old' }), 'old TLSv1.2');
  await assert.rejects(get('old', { sni: 'old', minVersion: 'TLSv1.3' }), /protocol version/);
  await server.waitLog(/SSL_do_handshake\(\) failed \(SSL: .*unsupported protocol\) while SSL handshaking, client: /);
});

test('what the client offers and what came of it', async () => {
  const options = { ecdhCurve: 'P-256:X25519', ALPNProtocols: ['h2', 'http/1.1'], maxVersion: 'TLSv1.2' } as const;
  const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256';
  const seen = await body('first', { sni: 'first', ciphers, ...options }, '/offer');
  // Newer versions of OpenSSL have an extension in place of the signal.
  const without = seen.replace(':TLS_EMPTY_RENEGOTIATION_INFO_SCSV|', '|');
  assert.equal(without, `ECDHE-ECDSA-AES128-GCM-SHA256|${ciphers}|prime256v1:X25519|http/1.1|.`);
  await assert.rejects(get('first', { ALPNProtocols: ['h2'] }), /no application protocol/);
  if (!isNginx) assert.equal(await body('first', { sni: 'first', as: 'client' }, '/none'), '|||');
});

test('a server that rejects handshakes does so for its name, or for all others', async () => {
  for (const [at, sni] of [
    ['web', 'closed'],
    ['rejects', undefined],
    ['rejects', 'b'],
  ] as const) {
    const seen = server.log.text().length;
    await assert.rejects(get('a', { at, ...(sni === undefined ? {} : { sni }) }), /unrecognized name/);
    const { host, port } = server.at(at);
    await waitRecord(
      server,
      `handshake rejected while SSL handshaking, client: 127.0.0.1, server: ${host}:${port}`,
      seen,
    );
  }
  assert.equal(await body('a', { at: 'rejects', sni: 'a' }), 'a');
});

test('client certificates: who is let in', async () => {
  for (const [name, as, expected] of [
    ['on', 'client', 'on SUCCESS'],
    ['on', 'client-deep1', 'on SUCCESS'],
    ['optional', undefined, 'optional NONE'],
    ['optional', 'client', 'optional SUCCESS'],
    ['any', undefined, 'any NONE'],
    ['any', 'client-self', 'any FAILED:self-signed certificate'],
    ['any', 'client', 'any FAILED:unable to verify the first certificate'],
  ] as const) {
    assert.equal(await body(name, { sni: name, ...(as === undefined ? {} : { as }) }), expected, `${name} ${as}`);
  }
});

test('client certificates: who is refused, with a page and a record', async () => {
  const NO_CERT = '400 No required SSL certificate was sent';
  const BAD = '400 The SSL certificate error';
  for (const [name, as, expected, record] of [
    ['on', undefined, NO_CERT, 'client sent no required SSL certificate'],
    ['on', 'client-self', BAD, 'client SSL certificate verify error: (18:self-signed certificate)'],
    ['on', 'client-expired', BAD, 'client SSL certificate verify error: (10:certificate has expired)'],
    ['on', 'client-deep2', BAD, 'client SSL certificate verify error: ('],
    ['optional', 'client-self', BAD, 'client SSL certificate verify error: (18:self-signed certificate)'],
    ['any', 'client-expired', BAD, 'client SSL certificate verify error: (10:certificate has expired)'],
  ] as const) {
    const visit = { sni: name, ...(as === undefined ? {} : { as }) };
    assert.equal(await refusal([name, visit], record), expected, `${name} ${as}`);
  }
  await waitRecord(
    server,
    'client sent no required SSL certificate while reading client request headers, ' +
      'client: 127.0.0.1, server: on, request: "GET / HTTP/1.1", host: "on"',
  );
});

test('a server that verifies takes no request that was negotiated with another one', async () => {
  const record = 'client attempted to request the server name different from the one that was negotiated';
  for (const [sni, host, as] of [
    ['on', 'on2', 'client'],
    ['on', 'optional', 'client'],
    ['first', 'on', 'client'],
    ['first', 'optional', undefined],
  ] as const) {
    const seen = server.log.text().length;
    const answer = await get(host, { sni, ...(as === undefined ? {} : { as }) });
    assert.equal(answer.status, 421);
    assert.match(answer.body, /<h1>421 Misdirected Request<\/h1>/);
    const where = `client: 127.0.0.1, server: ${sni}, request: "GET / HTTP/1.1", host: "${host}"`;
    await waitRecord(server, `${record} while reading client request headers, ${where}`, seen);
  }
  // Nothing was named in the handshake.
  assert.match(await body('on'), /No required SSL certificate was sent/);
  assert.equal(await body('optional'), 'optional NONE');
  assert.equal(await body('optional', { sni: 'nosuch' }), 'optional NONE');
  assert.equal(await body('first', { sni: 'on', as: 'client' }), 'first on SUCCESS');
});

test('what the default server was shown counts only where certificates are checked alike', {
  skip: isNginx,
}, async () => {
  assert.equal(await body('same', { at: 'asks', as: 'client' }), 'same');
  assert.equal((await get('other', { at: 'asks', as: 'client' })).status, 421);
  assert.equal((await get('other', { at: 'asks' })).status, 421);
});

test('the variables of a client certificate', async () => {
  const visit = { sni: 'on', as: 'client' };
  const text = pem('client.pem').toString('latin1');
  assert.equal(
    await body('on', visit, '/names'),
    'CN=J\\C3\\B6rg,O=Foo\\, Bar,C=US|CN=Test Root CA,O=Postern Tests|' +
      '/C=US/O=Foo, Bar/CN=J\\xC3\\xB6rg|/O=Postern Tests/CN=Test Root CA',
  );
  assert.equal(
    await body('on', visit, '/facts'),
    '1004|54b33848eeb2c5fc86242c0ba36333b6bae57b2b|Jan  1 00:00:00 2020 GMT|Jan  1 00:00:00 2120 GMT',
  );
  const days = Math.floor((Date.UTC(2120, 0, 1) - Date.now()) / 86_400_000);
  assert.ok([days, days + 1].includes(Number(await body('on', visit, '/remain'))));
  assert.equal(await body('on', visit, '/raw'), text);
  assert.equal(await body('on', visit, '/cert'), text.trimEnd().replaceAll('\n', '\n\t'));
  assert.equal(await body('on', visit, '/escaped'), encodeURIComponent(text));
});

test('HTTP in clear gets a page that says so, and error_page may send it elsewhere', async () => {
  const seen = server.log.text().length;
  const plain = await ask(server, 'web', { target: '/x', host: 'on' });
  assert.ok(plain !== 'nothing');
  assert.equal(plain.status, 400);
  assert.match(plain.body, /<center>The plain HTTP request was sent to HTTPS port<\/center>/);
  assert.match(
    server.log.text().slice(seen),
    /client sent plain HTTP request to HTTPS port while reading client request headers, client: [\d.]+, server: on, /,
  );
  const moved = await ask(server, 'pages', { target: '/x?y', host: 'pages' });
  assert.ok(moved !== 'nothing');
  assert.equal(moved.status, 302);
  assert.ok(moved.fields.includes('Location: https://pages/moved/x?y'));
});

test('error_page takes refused certificates to a location', async () => {
  assert.equal(await body('pages', { at: 'pages' }), 'refused NONE');
  assert.equal(await body('pages', { at: 'pages', as: 'client-expired' }), 'refused FAILED:certificate has expired');
  assert.equal(await body('pages', { at: 'pages', as: 'client' }), 'let-in');
});

test('the access log has the facts of the handshake', async () => {
  await get('rsa', { sni: 'rsa', maxVersion: 'TLSv1.2' });
  const log = new LogFile(join(server.dir, 'access.log'));
  await log.wait(/^200\|rsa\|rsa\|https\|on\|TLSv1\.2\|rsa\|NONE$/m);
  await log.wait(/^400\|on\|on\|http\|\|-\|-\|-$/m);
});
