// worker_connections: HTTP connections without a request at hand make room for other ones, those of mail as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../support/http-cases.ts';
import { startServer } from '../support/server.ts';

/** Three listeners, and two clients. */
const CONFIG = `events { worker_connections 5; }
mail { auth_http 127.0.0.1:1; server { listen @imap@; protocol imap; } }
http { access_log off;
  server { listen @web@; return 200 text; }
  server { listen @proxied@ proxy_protocol; return 200 text; }
}`;

const REUSING = /\[warn\] .*: 5 worker_connections are not enough, reusing connections$/m;

for (const [name, where, sent] of [
  ['nothing has come', 'web', ''],
  ['half a head has come', 'web', 'GET / HTTP/1.1\r\n'],
  ['a request has been answered', 'web', get('/')],
  ['no PROXY header has come', 'proxied', ''],
] as const) {
  test(`a mail client finds room where of an HTTP client ${name}`, async (t) => {
    const server = await startServer(t, { config: CONFIG });
    const [first, second] = [await server.connect(where), await server.connect(where)];
    for (const wire of [first, second]) await wire.send(sent);
    if (sent.endsWith('\r\n\r\n')) for (const wire of [first, second]) await wire.match(/\r\n\r\ntext/);
    const mail = await server.connect('imap');
    await mail.expectLine('* OK IMAP4 ready\r\n');
    await first.closed();
    await server.waitLog(REUSING);
    mail.destroy();
    second.destroy();
  });
}

test('the connection that has waited for longest goes, and the others are served on', async (t) => {
  const server = await startServer(t, { config: CONFIG });
  const [first, second] = [await server.connect('web'), await server.connect('web')];
  for (const wire of [first, second, first]) {
    await wire.send(get('/'));
    await wire.match(/\r\n\r\ntext/);
  }
  const third = await server.connect('web');
  await second.closed();
  for (const wire of [first, third]) {
    await wire.send(get('/', 'Connection: close'));
    assert.match((await wire.rest()).toString(), /200 OK.*\r\n\r\ntext$/s);
    wire.destroy();
  }
  second.destroy();
});
