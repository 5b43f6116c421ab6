// What comes before the first request: handshakes that fail, clients that say nothing, PROXY headers, and a stop meanwhile.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { waitRecord } from '../support/log-record.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { CERTS, clientHello, pem } from '../support/tls.ts';

const certificate = (name: string): string =>
  `ssl_certificate ${join(CERTS, `${name}.pem`)}; ssl_certificate_key ${join(CERTS, `${name}.key`)};`;
const EC = certificate('server-ec');
const RSA = certificate('server-rsa');
const PROXY = 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n';
const isNginx = defaultTarget().name === 'nginx';

const start = (t: TestContext, timeout = '60s'): Promise<MailServer> =>
  startServer(t, {
    config: `http { access_log off; ${EC} client_header_timeout ${timeout};
      server { listen @web@ ssl; return 200 text; }
      server { listen @web@ ssl; server_name rsa; ${RSA} return 200 rsa; }
      server { listen @proxy@ proxy_protocol; return 200 "$proxy_protocol_addr $remote_addr"; }
      server { listen @both@ ssl proxy_protocol; return 200 "$proxy_protocol_addr:$proxy_protocol_port $https"; } }`,
  });

/** The record of the end of a connection. */
async function waitEnd(server: MailServer, at: string, text: string, doing: string, since = 0): Promise<void> {
  const { host, port } = server.at(at);
  await waitRecord(server, `${text} while ${doing}, client: 127.0.0.1, server: ${host}:${port}\n`, since);
}

test('handshakes that fail are named in the log', async (t) => {
  const server = await start(t);
  const hello = await clientHello();
  for (const [sent, record] of [
    ['', 'client closed connection'],
    [hello.subarray(0, 2), 'peer closed connection in SSL handshake'],
    [hello, 'peer closed connection in SSL handshake'],
    ['\x80abc', 'peer closed connection in SSL handshake'],
    ['\x16abcdefghi', 'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number)'],
    ['\x16\x03\x01\0\x05abcde', 'SSL_do_handshake() failed (SSL: error:0A0000F4:SSL routines::unexpected message)'],
  ] as const) {
    const seen = server.log.text().length;
    const wire = await server.connect('web');
    await wire.send(typeof sent === 'string' ? sent : Buffer.from(sent));
    wire.end();
    await wire.closed();
    wire.destroy();
    await waitEnd(server, 'web', record, 'SSL handshaking', seen);
  }
});

test('a reset before the handshake is named', async (t) => {
  const server = await start(t);
  const silent = await server.connect('web');
  // Somebody who came later has had an answer: it is accepted by now.
  const later = await server.connect('proxy');
  await later.send(`${PROXY}GET / HTTP/1.0\r\n\r\n`);
  await later.rest();
  silent.reset();
  await waitEnd(server, 'web', 'recv() failed (104: Connection reset by peer)', 'SSL handshaking');
  const wire = await server.connect('web');
  await wire.send('\x16\x03\x01');
  wire.reset();
  await server.waitLog(
    /(?:peer closed connection in SSL handshake|recv\(\) failed) \(104: Connection reset by peer\) while SSL/,
  );
});

/** The hello in many records. */
function cut(hello: Buffer): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += 30) {
    const piece = message.subarray(at, at + 30);
    records.push(Buffer.from([22, 3, 1, 0, piece.length]), piece);
  }
  return Buffer.concat(records);
}

test('a hello that comes byte by byte, or in many records, names its server as well', async (t) => {
  const server = await start(t);
  const hello = await clientHello({ servername: 'rsa', maxVersion: 'TLSv1.2' });
  const { raw } = new X509Certificate(pem('server-rsa.pem'));
  for (const bytes of [hello, cut(hello)]) {
    const wire = await server.connect('web');
    for (const byte of bytes) await wire.send(Buffer.from([byte]));
    while (!wire.received.includes(raw)) await wire.bytes(1);
    wire.destroy();
  }
});

test('who says nothing is not waited for, wherever it is', async (t) => {
  const server = await start(t, '50ms');
  const wires = await Promise.all(['web', 'proxy', 'both'].map((at) => server.connect(at)));
  const half = await server.connect('web');
  await half.send('\x16\x03\x01');
  for (const wire of [...wires, half]) assert.equal((await wire.rest()).length, 0);
  const TIMED_OUT = 'client timed out (110: Connection timed out)';
  await waitEnd(server, 'web', TIMED_OUT, 'SSL handshaking');
  await waitEnd(server, 'proxy', TIMED_OUT, 'reading PROXY protocol');
  await waitEnd(server, 'both', TIMED_OUT, 'reading PROXY protocol');
});

test('a PROXY header comes first, in clear and before TLS', async (t) => {
  const server = await start(t);
  const plain = await server.connect('proxy');
  await plain.send(`${PROXY}GET / HTTP/1.0\r\n\r\n`);
  assert.match((await plain.rest()).toString('latin1'), /\r\n\r\n192\.0\.2\.1 127\.\d+\.\d+\.\d+$/);

  const secure = await server.connect('both');
  await secure.send(PROXY);
  await secure.startTls();
  await secure.send('GET / HTTP/1.0\r\n\r\n');
  assert.match((await secure.rest()).toString('latin1'), /\r\n\r\n192\.0\.2\.1:1234 on$/);

  const v2 = await server.connect('both');
  const header = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201c0000202000901bb', 'hex');
  await v2.send(header);
  await v2.startTls();
  await v2.send('GET / HTTP/1.0\r\n\r\n');
  assert.match((await v2.rest()).toString('latin1'), /\r\n\r\n192\.0\.2\.1:9 on$/);

  const clear = await server.connect('both');
  await clear.send(`${PROXY}GET / HTTP/1.0\r\n\r\n`);
  assert.match((await clear.rest()).toString('latin1'), /The plain HTTP request was sent to HTTPS port/);
});

test('a broken PROXY header ends the connection, and is in the log', async (t) => {
  const server = await start(t);
  for (const [at, sent, record] of [
    ['proxy', 'GET / HTTP/1.0\r\n\r\n', 'broken header: "GET / HTTP/1.0"'],
    ['proxy', 'PROXY TCP', 'broken header: "PROXY TCP"'],
    ['both', 'PROXY TCP', 'broken header: "PROXY TCP"'],
    ['proxy', '', 'client closed connection'],
    ['both', '', 'broken header: ""'],
  ] as const) {
    if (isNginx && sent.includes('\n')) continue; // older versions show all of it
    const wire = await server.connect(at);
    await wire.send(sent);
    wire.end();
    assert.equal((await wire.rest()).length, 0);
    await waitEnd(server, at, record, 'reading PROXY protocol');
  }
});

test('QUIT: a handshake that has begun comes to its end, and one answer follows', { skip: isNginx }, async (t) => {
  const server = await start(t);
  const begun = await server.connect('both');
  await begun.send(PROXY);
  const silent = await server.connect('both');
  // The server has read the header when it answers somebody who came later.
  const later = await server.connect('proxy');
  await later.send(`${PROXY}GET / HTTP/1.0\r\n\r\n`);
  await later.rest();
  server.signal('SIGQUIT');
  assert.equal((await silent.rest()).length, 0);
  await begun.startTls();
  await begun.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.match((await begun.rest()).toString('latin1'), /Connection: close\r\n\r\n192\.0\.2\.1:1234 on$/);
  assert.equal((await server.exited).code, 0);
});
