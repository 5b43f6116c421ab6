// stub_status of one process: its bytes, and what counts as what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { ask } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { StatusPage } from '../support/status-page.ts';

const CONFIG = `mail {
  auth_http 127.0.0.1:9;
  server { listen @imap@; protocol imap; }
}
http {
  access_log off;
  server {
    listen @web@;
    location = /status { stub_status; }
    location = /old { stub_status on; }
    location = /numbers { return 200 "$connections_active $connections_reading $connections_writing $connections_waiting"; }
    location / { return 204; }
  }
  server { listen @whole@; stub_status; }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});

test('connections of clients, by what is done with them', async (t) => {
  const page = await StatusPage.open(t, server);
  const first = await page.until({ active: 1, writing: 1 });
  assert.deepEqual(first, { ...first, accepted: first.handled, reading: 0, waiting: 0 });

  const web = await server.connect('web');
  const silent = await page.until({ active: 2, waiting: 1 });
  assert.equal(silent.accepted, first.accepted + 1);
  await web.send('GET / HT');
  const reading = await page.until({ reading: 1 });
  assert.deepEqual(reading, { ...reading, active: 2, writing: 1, waiting: 0 });
  await web.send('TP/1.1\r\nHost: localhost\r\n\r\n');
  await page.until({ active: 2, reading: 0, writing: 1, waiting: 1 });
  // Its answer has come, its body has not.
  await web.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc');
  await page.until({ active: 2, reading: 0, writing: 2, waiting: 0 });
  web.destroy();
  await page.until({ active: 1, writing: 1 });

  const mail = await server.connect('imap');
  await mail.line();
  const greeted = await page.read();
  assert.deepEqual(greeted, { ...greeted, active: 2, reading: 0, writing: 1, waiting: 0 });
  assert.equal(greeted.accepted, first.accepted + 2);
  mail.destroy();
  await page.until({ active: 1 });
});

test('each request counts, also those of one connection, and those that are broken', async (t) => {
  const page = await StatusPage.open(t, server);
  const { requests } = await page.read();
  const web = await server.connect('web');
  t.after(() => web.destroy());
  await web.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
  for (let i = 0; i < 3; i++) await web.match(/^HTTP\/1\.1 204 [\s\S]*?\r\n\r\n/);
  await web.send('nonsense\r\n\r\n');
  await web.match(/^HTTP\/1\.1 400 /);
  assert.equal((await page.read()).requests, requests + 5);
  const mail = await server.connect('imap');
  t.after(() => mail.destroy());
  await mail.line();
  assert.equal((await page.read()).requests, requests + 6);
});

test('the page is of GET and HEAD, also of a server as a whole', async () => {
  const answer = await ask(server, 'whole', { target: '/any/where' });
  assert.ok(answer !== 'nothing');
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.fields, [
    'Content-Type: text/plain',
    `Content-Length: ${answer.body.length}`,
    'Connection: close',
  ]);
  const head = await ask(server, 'web', { target: '/status', method: 'HEAD' });
  assert.ok(head !== 'nothing');
  assert.deepEqual([head.status, head.body], [200, '']);
  for (const method of ['POST', 'DELETE']) {
    const refused = await ask(server, 'web', { target: '/status', method });
    assert.ok(refused !== 'nothing');
    assert.equal(refused.status, 405);
  }
  const old = await ask(server, 'web', { target: '/old' });
  assert.ok(old !== 'nothing');
  assert.match(old.body, /^Active connections: /);
});

test('the same numbers are variables', async (t) => {
  const page = await StatusPage.open(t, server);
  await page.until({ active: 1 });
  const numbers = await StatusPage.open(t, server, 'web', '/numbers');
  assert.equal(await numbers.text(), '2 0 1 1');
});
