// Requests counted by the names of servers and locations, in the shape of NGINX Plus.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { Cleanup } from '../support/cleanup.ts';
import { ask, bodyOf, textOf } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { handshake } from '../support/websocket-client.ts';

const CONFIG = `mail {
  auth_http 127.0.0.1:9;
  server { listen @imap@; protocol imap; }
}
${API_SERVER.replace(
  /\}$/,
  `
  server {
    listen @front@;
    status_zone front;
    location / {
      status_zone all;
      if ($arg_odd) { status_zone odd; }
      return 200 "$request_length";
    }
    location /none { return 404; }
    location /gone { status_zone all; return 444; }
    location /moved { status_zone moved; rewrite ^ /there last; }
    location /there { status_zone there; return 302 /; }
    location /quiet {
      status_zone all;
      location /quiet/off { status_zone off; return 599; }
      location /quiet/on { return 204; }
    }
  }
  server { listen @other@; status_zone front; return 503; }
  server { listen @sockets@; status_zone sockets; location / { status_zone mail; mail_pass @imap@; } }
}`,
)}`;

const cleanup = new Cleanup();
let server: MailServer;
let api: ApiClient;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
  api = new ApiClient(server);
});

const classes = (counts: readonly number[]): Record<string, number> =>
  Object.fromEntries(counts.map((count, i) => [`${i + 1}xx`, count]));

test('requests of servers and locations, answers by class and code, and bytes', async () => {
  const nothing = { ...classes([0, 0, 0, 0, 0]), codes: {}, total: 0 };
  const ofLocation = { requests: 0, responses: nothing, discarded: 0, received: 0, sent: 0 };
  assert.deepEqual(await api.get('/http/server_zones'), {
    front: { processing: 0, ...ofLocation },
    sockets: { processing: 0, ...ofLocation },
  });
  assert.deepEqual(await api.get('/http/location_zones'), {
    all: ofLocation,
    odd: ofLocation,
    moved: ofLocation,
    there: ofLocation,
    mail: ofLocation,
  });

  let received = 0;
  let sent = 0;
  for (const target of ['/', '/?odd=1', '/none', '/gone', '/moved', '/quiet/off', '/quiet/on']) {
    const wire = await server.connect('front');
    const question = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    await wire.send(question);
    received += question.length;
    sent += (await wire.rest()).length;
    wire.destroy();
  }
  assert.equal((await ask(server, 'other', { target: '/' })) === 'nothing', false);
  const length = Number(await bodyOf(server, 'front', { target: '/' }));
  assert.ok(length > 0);

  const front = await api.get('/http/server_zones/front');
  assert.deepEqual([at(front, 'processing'), at(front, 'requests'), at(front, 'discarded')], [0, 9, 1]);
  assert.deepEqual(at(front, 'responses'), {
    ...classes([0, 4, 1, 1, 2]),
    codes: { 200: 3, 204: 1, 302: 1, 404: 1, 503: 1 },
    total: 8,
  });
  assert.ok(Number(at(front, 'received')) >= received + length);
  assert.ok(Number(at(front, 'sent')) > sent);
  const all = await api.get('/http/location_zones/all');
  assert.deepEqual(
    [at(all, 'requests'), at(all, 'discarded'), at(all, 'responses', 'codes')],
    [4, 1, { 200: 2, 204: 1 }],
  );
  // It counts where a request ends.
  const zones = await api.get('/http/location_zones');
  for (const [name, count] of Object.entries({ odd: 1, moved: 0, there: 1 }))
    assert.equal(at(zones, name, 'requests'), count);
  assert.equal(at((await api.ask('/http/location_zones/front')).json, 'error', 'code'), 'LocationZoneNotFound');
});

test('what is processed now, what cannot be read, and a new beginning', async () => {
  const reset = await textOf(server, '/api/9/http/server_zones/front', { method: 'DELETE' });
  assert.deepEqual([reset.status, reset.body], [204, '']);
  const wire = await server.connect('front');
  await wire.send('nonsense\r\n\r\n');
  assert.match((await wire.rest()).toString(), /^(?:HTTP\/1\.1 400 |<html>)/);
  wire.destroy();
  const front = await api.get('/http/server_zones/front');
  assert.deepEqual([at(front, 'processing'), at(front, 'requests')], [0, 1]);
  assert.deepEqual(at(front, 'responses', 'codes'), { 400: 1 });
});

test('a WebSocket is processed as long as it lasts, and was answered with 101', async () => {
  const wire = await server.connect('sockets');
  await wire.send(handshake({ path: '/' }));
  await wire.match(/^HTTP\/1\.1 101 /);
  const zone = await api.get('/http/server_zones/sockets');
  assert.deepEqual([at(zone, 'processing'), at(zone, 'requests')], [1, 1]);
  assert.equal(at(await api.get('/http/location_zones/mail'), 'requests'), 0);
  wire.destroy();
  while (at(await api.get('/http/server_zones/sockets'), 'processing') !== 0);
  const mail = await api.get('/http/location_zones/mail');
  assert.deepEqual([at(mail, 'requests'), at(mail, 'discarded'), at(mail, 'responses', 'codes')], [1, 0, { 101: 1 }]);
});
