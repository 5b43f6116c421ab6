// Handshakes of WebSockets that come by a way of their own: lists, other methods, requests within requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardSite } from '../support/dashboard-site.ts';
import { mailPassSite } from '../support/mail-pass-site.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { handshake } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx takes no WebSockets';

/** @returns the head of the answer */
async function answer(server: MailServer, request: string): Promise<string> {
  const wire = await server.connect('web');
  await wire.send(request);
  const [head] = await wire.match(/^[\s\S]*?\r\n\r\n/);
  wire.destroy();
  return head;
}

test('what a client may upgrade to can be a list', { skip }, async (t) => {
  const { server } = await mailPassSite(t);
  const text = handshake({ path: '/imap' });
  for (const lines of ['Upgrade: h2c, WebSocket', 'Upgrade: h2c\r\nUpgrade: websocket']) {
    assert.match(await answer(server, text.replace('Upgrade: websocket', lines)), /^HTTP\/1\.1 101 /, lines);
  }
});

test('another method than GET is refused and says which is not, also by error_page', { skip }, async (t) => {
  const { server } = await mailPassSite(t, {
    locations: `location /moved { error_page 403 = /imap; deny all; }
      location /dashboard { mail_dashboard; }`,
  });
  assert.match(await answer(server, handshake({ path: '/moved' })), /^HTTP\/1\.1 101 /);
  for (const path of ['/imap', '/moved', '/dashboard/events']) {
    const head = await answer(server, handshake({ path }).replace('GET', 'POST'));
    assert.match(head, /^HTTP\/1\.1 405 Not Allowed\r\nServer: [\s\S]*\r\nAllow: GET\r\n/, path);
  }
  await server.waitLog(/client asked for a WebSocket by another method than GET, .*request: "POST \/moved HTTP/);
});

test('a request within a request takes nobody its connection', { skip }, async (t) => {
  const { server } = await mailPassSite(t, {
    locations: `location /mail { auth_request /imap; stub_status; }
      location /page { auth_request /dashboard/events; stub_status; }
      location /dashboard { mail_dashboard; }`,
  });
  for (const path of ['/mail', '/page']) {
    assert.match(await answer(server, handshake({ path })), /^HTTP\/1\.1 403 /, path);
  }
  await server.waitLog(/\[error\].*a subrequest can have no WebSocket, .*subrequest: "\/imap"/);
});

test('a server that answers to its own names is not the same host as a page of another name', { skip }, async (t) => {
  const { server } = await dashboardSite(t, {
    block: `server { listen @other@ default_server; return 444; }
      server { listen @other@; server_name localhost 127.0.0.1; location /dashboard { mail_dashboard; } }`,
  });
  const ask = async (host: string): Promise<string> => {
    const wire = await server.connect('other');
    await wire.send(handshake({ path: '/dashboard/events', host, headers: [`Origin: http://${host}`] }));
    const [, status] = await wire.match(/^HTTP\/1\.1 (\d+)/).catch(() => ['', wire.ending]);
    wire.destroy();
    return status ?? '';
  };
  for (const host of ['localhost', '127.0.0.1:8080']) assert.equal(await ask(host), '101', host);
  for (const host of ['evil.example', 'localhost.evil.example']) assert.equal(await ask(host), 'fin', host);
});

test('what only begins like the path of a dashboard is none of its files', { skip }, async (t) => {
  const { server } = await dashboardSite(t);
  for (const path of ['/dashboardxevents', '/dashboardx']) {
    assert.match(await answer(server, handshake({ path })), /^HTTP\/1\.1 404 /, path);
  }
});

test('a dashboard is protected where its WebSocket is refused as well', { skip }, async (t) => {
  const { server } = await dashboardSite(t);
  const text = handshake({ path: '/dashboard/events' });
  for (const [status, request] of [
    ['405', text.replace('GET', 'POST')],
    ['426', text.replace('websocket', 'h2c')],
    ['400', text.replace('Sec-WebSocket-Key', 'Other')],
    ['403', handshake({ path: '/dashboard/events', headers: ['Origin: http://elsewhere.example'] })],
  ] as const) {
    const head = await answer(server, request);
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(
      head,
      /\r\nX-Content-Type-Options: nosniff\r\n[\s\S]*\r\nContent-Security-Policy: default-src 'none';/,
    );
  }
});
