// A mail server that takes WebSockets by itself: whom it answers what, and who its client is.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PATIENCE_MS } from '../support/in-time.ts';
import { LogFile } from '../support/log-file.ts';
import { mailPassSite } from '../support/mail-pass-site.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { pem } from '../support/tls.ts';
import { BINARY, CLOSE, frame, handshake, WebSocketClient } from '../support/websocket-client.ts';
import type { ConnectOptions } from '../support/wire.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx takes no WebSockets';

/** The whole answer; empty: there is none. */
async function answerTo(
  server: MailServer,
  at: string,
  text: string,
  options: Partial<ConnectOptions> = {},
): Promise<string> {
  const wire = await server.connect(at, options);
  await wire.send(text);
  const answer = (await wire.rest()).toString('latin1');
  wire.destroy();
  return answer;
}

async function firstLine(server: MailServer, at: string, text: string): Promise<string> {
  const wire = await server.connect(at);
  await wire.send(text);
  const line = await wire.line();
  wire.destroy();
  return line;
}

/** Asks again and again, until the answer is that. */
async function answers(pattern: RegExp, asks: () => Promise<string>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let line = await asks(); !pattern.test(line); line = await asks()) {
    assert.ok(performance.now() < end, `${pattern} is not answered, but ${line}`);
  }
}

const GOOD = handshake({ path: '/imap' });

test('what is none is answered, and nothing more', { skip }, async (t) => {
  const { server } = await mailPassSite(t, { way: 'listen' });
  const refused: readonly (readonly [status: number, text: string])[] = [
    [404, GOOD.replace('/imap', '/')],
    [404, GOOD.replace('/imap', '/imap/')],
    [405, GOOD.replace('GET', 'POST')],
    [426, GOOD.replace('Upgrade: websocket', 'Upgrade: h2c')],
    [426, GOOD.replace('Version: 13', 'Version: 8')],
    [400, GOOD.replace(/Key: .*/, 'Key: short')],
    [400, GOOD.replace('HTTP/1.1', 'HTTP/1.0')],
    [400, GOOD.replace(/Host: .*\r\n/, '')],
    [400, GOOD.replace('Host: ', 'Host: x\r\nHost: ')],
    [400, `${GOOD}${frame(BINARY, 'a NOOP\r\n').toString('latin1')}`],
    [400, 'a LOGIN jo secret\r\n\r\n'],
    [431, `GET /imap HTTP/1.1\r\nX: ${'x'.repeat(9000)}`],
    [403, handshake({ path: '/imap', headers: ['Origin: https://evil.example'] })],
  ];
  for (const [status, text] of refused) {
    const answer = await answerTo(server, 'web', text);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} [A-Z][A-Za-z ]+\r\n`), text);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.ok(head.includes(`\r\nContent-Length: ${body.length}`), head);
    assert.match(head, /\r\nConnection: (Upgrade, )?close(\r\n|$)/);
    if (text.includes('h2c')) assert.ok(head.includes('\r\nUpgrade: websocket'));
    if (text.includes('Version: 8')) assert.ok(head.includes('\r\nSec-WebSocket-Version: 13'));
    if (status === 405) assert.ok(head.includes('\r\nAllow: GET'));
  }
  const text = server.log.text();
  assert.match(
    text,
    /\[info\].*client asked for a WebSocket by another path while reading WebSocket handshake, client: /,
  );
  assert.match(text, /\[error\].*client asked from an origin that may not while reading WebSocket handshake/);
  assert.doesNotMatch(text, /secret|evil/);
});

test('a head in single bytes, and with arguments behind the path', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, { way: 'listen' });
  const wire = await server.connect('web');
  for (const byte of GOOD.replace('/imap', '/imap?token=x')) await wire.send(byte);
  await wire.match(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  wire.destroy();
  leave();
});

test('who is slow with the head is left, and so is who leaves', { skip }, async (t) => {
  const { server } = await mailPassSite(t, { way: 'listen', block: 'timeout 300ms;' });
  assert.equal(await answerTo(server, 'web', GOOD.slice(0, 20)), '');
  await server.waitLog(/\[info\].*client timed out \(110: Connection timed out\) while reading WebSocket handshake/);
  const wire = await server.connect('web');
  wire.end();
  await wire.closed();
});

test('so many at a time, and so many in a minute', { skip }, async (t) => {
  const { server, open, leave } = await mailPassSite(t, {
    way: 'listen',
    servers: `server { listen @one@ websocket; protocol imap; websocket_max_connections 1; }
      server { listen @rated@ websocket; protocol imap; websocket_handshake_rate 2r/m; }`,
  });
  const first = await open('/', {}, 'one');
  const again = handshake({ path: '/' });
  assert.match(await answerTo(server, 'one', again), /^HTTP\/1\.1 503 /);
  await server.waitLog(/\[error\].*client has too many WebSockets while/);
  await first.line();
  await first.send('a LOGOUT\r\n');
  assert.equal(await first.closeCode(), 1000);
  await first.send(Buffer.from([3, 232]), CLOSE);
  await first.wire.closed();
  first.wire.destroy();
  // Its place is free once the server has seen that.
  await answers(/^HTTP\/1\.1 101 /, () => firstLine(server, 'one', again));
  await open('/', {}, 'rated');
  await open('/', {}, 'rated');
  assert.match(await answerTo(server, 'rated', again), /^HTTP\/1\.1 503 /);
  await server.waitLog(/\[error\].*client asks for WebSockets too fast while/);
  leave();
});

test('a PROXY header, then TLS, then the WebSocket: the client is who the header says', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, {
    way: 'listen',
    parameters: 'proxy_protocol',
    block: 'set_real_ip_from 127.0.0.0/8;',
  });
  const wire = await server.connect('wss');
  await wire.send('PROXY TCP4 192.0.2.7 192.0.2.2 1234 443\r\n');
  await wire.startTls({ rejectUnauthorized: false });
  const client = await WebSocketClient.open(wire, { path: '/imap' });
  assert.equal(await client.line(), '* OK IMAP4 ready\r\n');
  await client.send('a LOGIN jo secret\r\n');
  assert.equal(await client.line(), 'a OK logged in\r\n');
  await server.waitLog(/client logged in, client: 192\.0\.2\.7, server: /);
  assert.equal(await answerTo(server, 'web', GOOD), '');
  await server.waitLog(/broken header: "GET /);
  wire.destroy();
  leave();
});

test('ALPN is that of HTTP, not that of mail', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, { way: 'listen' });
  const wire = await server.connect('wss', { tls: { rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] } });
  const client = await WebSocketClient.open(wire, { path: '/imap' });
  assert.equal(await client.line(), '* OK IMAP4 ready\r\n');
  await assert.rejects(server.connect('wss', { tls: { rejectUnauthorized: false, ALPNProtocols: ['imap'] } }));
  wire.destroy();
  leave();
});

test('a client certificate, where the server asks for one', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, {
    way: 'listen',
    block: 'ssl_verify_client on; ssl_client_certificate ca.pem;',
  });
  const without = { tls: { rejectUnauthorized: false } };
  assert.match(await answerTo(server, 'wss', GOOD, without), /^HTTP\/1\.1 400 Bad Request\r\n/);
  await server.waitLog(/client sent no required SSL certificate while SSL handshaking/);
  const tls = { rejectUnauthorized: false, cert: pem('client.pem'), key: pem('client.key') };
  const client = await WebSocketClient.open(await server.connect('wss', { tls }), { path: '/imap' });
  assert.equal(await client.line(), '* OK IMAP4 ready\r\n');
  client.wire.destroy();
  leave();
});

test('a line of the access log, with the bytes of mail', { skip }, async (t) => {
  const { server, open, leave } = await mailPassSite(t, {
    way: 'listen',
    block: "log_format x '$mail_protocol $mail_end $bytes_received $bytes_sent'; access_log @DIR@/mail.log x;",
  });
  const client = await open('/imap');
  let said = await client.line();
  await client.send('a LOGOUT\r\n');
  for (let i = 0; i < 2; i++) said += await client.line();
  assert.equal(await client.closeCode(), 1000);
  const log = new LogFile(join(server.dir, 'mail.log'));
  await log.wait(/\n/);
  assert.equal(log.text(), `imap quit ${'a LOGOUT\r\n'.length} ${said.length}\n`);
  leave();
});

test('who is denied gets no answer', { skip }, async (t) => {
  const { server } = await mailPassSite(t, { way: 'listen', block: 'deny all;' });
  assert.equal(await answerTo(server, 'web', GOOD), '');
  await server.waitLog(/access forbidden by rule/);
});
