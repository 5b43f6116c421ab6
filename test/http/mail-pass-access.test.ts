// What stands before mail_pass in its location: who may, and who the client is to the mail server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailPassSite } from '../support/mail-pass-site.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { pem } from '../support/tls.ts';
import { handshake, WebSocketClient } from '../support/websocket-client.ts';
import type { ConnectOptions } from '../support/wire.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no mail_pass';

const GREETING = '* OK IMAP4 ready\r\n';
const VERIFY = 'ssl_client_certificate ca.pem; ssl_verify_client';

async function status(server: MailServer, path: string, headers: readonly string[] = []): Promise<string> {
  const wire = await server.connect('web');
  await wire.send(handshake({ path, headers }));
  const line = await wire.line();
  wire.destroy();
  return line.slice(9, 12);
}

test('allow, deny and auth_basic', { skip }, async (t) => {
  const { server, open, leave } = await mailPassSite(t, {
    files: { users: 'jo:{PLAIN}secret\n' },
    locations: `location /here { allow 127.0.0.0/8; deny all; mail_pass @imap@; }
      location /there { allow 192.0.2.0/24; deny all; mail_pass @imap@; }
      location /basic { auth_basic mail; auth_basic_user_file users; mail_pass @imap@; }
      location /closed { mail_pass @denying@; }`,
    servers: 'server { listen @denying@; protocol imap; deny all; }',
  });
  assert.equal(await (await open('/here')).line(), GREETING);
  assert.equal(await status(server, '/there'), '403');
  assert.equal(await status(server, '/basic'), '401');
  const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(await status(server, '/basic', [basic('jo:wrong')]), '401');
  const client = await open('/basic', { headers: [basic('jo:secret')] });
  assert.equal(await client.line(), GREETING);
  const denied = await open('/closed');
  assert.equal(await denied.closeCode(), 1000, 'a mail server that denies says nothing');
  await server.waitLog(/access forbidden by rule while initializing session, client: 127\.0\.0\.1/);
  leave();
});

test('the client of real_ip_header is that of the session', { skip }, async (t) => {
  const { server, open, leave } = await mailPassSite(t, {
    block: 'set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP;',
    locations: 'location /there { allow 192.0.2.0/24; deny all; mail_pass @imap@; }',
  });
  const client = await open('/there', { headers: ['X-Real-IP: 192.0.2.9'] });
  assert.equal(await client.line(), GREETING);
  await client.send('a LOGIN jo secret\r\n');
  assert.equal(await client.line(), 'a OK logged in\r\n');
  await server.waitLog(/client logged in, client: 192\.0\.2\.9, server: /);
  assert.equal(await status(server, '/there', ['X-Real-IP: 198.51.100.1']), '403');
  leave();
});

test('the client of a PROXY header is that of the session', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, {
    parameters: 'proxy_protocol',
    block: 'set_real_ip_from 127.0.0.0/8; real_ip_header proxy_protocol;',
  });
  const wire = await server.connect('wss');
  await wire.send('PROXY TCP6 2001:db8::7 2001:db8::1 1234 443\r\n');
  await wire.startTls({ rejectUnauthorized: false });
  const client = await WebSocketClient.open(wire, { path: '/tls' });
  assert.equal(await client.line(), GREETING);
  await client.send('a LOGIN jo secret\r\n');
  assert.equal(await client.line(), 'a OK logged in\r\n');
  await server.waitLog(/client logged in, client: 2001:db8::7, server: /);
  wire.destroy();
  leave();
});

test('a mail server that wants a certificate: the http server has to have asked for it', { skip }, async (t) => {
  const { server, leave } = await mailPassSite(t, {
    block: `${VERIFY} optional;`,
    locations: 'location /cert { mail_pass @cert@; }',
    servers: `server { listen @cert@ ssl; protocol imap; ${VERIFY} on; }`,
  });
  const connect = async (tls: ConnectOptions['tls'] = {}): Promise<string> => {
    const wire = await server.connect('wss', { tls: { rejectUnauthorized: false, ...tls } });
    await wire.send(handshake({ path: '/cert' }));
    const line = await wire.line();
    wire.destroy();
    return line.slice(9, 12);
  };
  assert.equal(await connect(), '403');
  assert.equal(await connect({ cert: pem('client.pem'), key: pem('client.key') }), '101');
  assert.equal(await connect({ cert: pem('client-stranger.pem'), key: pem('client-stranger.key') }), '400');
  leave();
});
