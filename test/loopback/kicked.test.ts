// Sessions that are ended from outside, over both transports: what their clients hear, and what the logs say.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { WebSocketClient } from '../support/websocket-client.ts';

const TRANSPORTS = ['handle', 'net'] as const;

async function site(t: TestContext, transport: (typeof TRANSPORTS)[number]) {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const auth = await startAuth(scope, (request) =>
    request.header('Auth-User') === 'waits' ? new Promise(() => {}) : accept(backend),
  );
  const target = defaultTarget();
  const server = await startServer(scope, {
    target: { ...target, globals: `${target.globals.replace(/transport \w+;/, '')} transport ${transport};` },
    config: `mail {
      auth_http ${auth.url}; server_name mx.example.org;
      log_format ends '$mail_protocol $mail_user $status $mail_end'; access_log @DIR@/ends.log ends;
      ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};
      server { listen @imap@; protocol imap; }
      server { listen @pop3@; protocol pop3; }
      server { listen @smtp@; protocol smtp; smtp_auth none; }
      server { listen @tls@ ssl; protocol imap; }
      server { listen @websocket@ websocket; protocol imap; }
    }
    ${API_SERVER}`,
  });
  return { server, backend, auth, api: new ApiClient(server), ends: new LogFile(`${server.dir}/ends.log`) };
}

for (const transport of TRANSPORTS) {
  test(`over ${transport} a client is told in its protocol where nothing is relayed yet`, async (t) => {
    const { server, api } = await site(t, transport);
    const cases = [
      ['imap', /^\* OK /, '* BYE Session ended by the administrator\r\n'],
      ['pop3', /^\+OK /, '-ERR Session ended by the administrator\r\n'],
      ['smtp', /^220 /, '421 4.3.2 Session ended by the administrator\r\n'],
    ] as const;
    for (const [name, greeting, last] of cases) {
      const wire = await server.connect(name);
      await wire.expectLine(greeting);
      assert.deepEqual(await api.delete(`/mail/sessions?protocol=${name}`), { ended: 1 });
      assert.equal((await wire.rest()).toString(), last);
      wire.destroy();
    }
  });

  test(`over ${transport} a session before its handshake, in its login and in the relay`, async (t) => {
    const { server, api, auth, backend, ends } = await site(t, transport);
    const early = await server.connect('tls');
    while (at(await api.get('/mail/sessions'), 'count') !== 1);
    await api.delete('/mail/sessions?all=1');
    assert.equal((await early.rest()).length, 0, 'not a byte that would be no TLS');

    const waiting = await server.connect('imap');
    await waiting.expectLine(/^\* OK /);
    await waiting.send('a LOGIN waits secret\r\n');
    while (at(await api.get('/mail/sessions?state=login'), 'count') !== 1);
    await api.delete('/mail/sessions?user=waits');
    assert.equal((await waiting.rest()).toString(), '* BYE Session ended by the administrator\r\n');

    const relayed = await server.connect('imap');
    await relayed.expectLine(/^\* OK /);
    await relayed.send('a LOGIN me secret\r\n');
    await relayed.expectLine('a OK logged in\r\n');
    const peer = await backend.peer(0);
    await api.delete('/mail/sessions?user=me&state=relay');
    assert.equal((await relayed.rest()).length, 0);
    await peer.closed();
    assert.equal(auth.requests.length, 2);
    const { host, port } = server.at('imap');
    const logins = at(await api.get('/mail/server_zones'), `${host}:${port}`, 'logins');
    assert.deepEqual([at(logins, 'ok'), at(logins, 'aborted')], [1, 1]);

    for (const wire of [early, waiting, relayed]) wire.destroy();
    const text = await ends.waitUntil((now) => (now.split('\n').length > 3 ? now : undefined), 30_000);
    assert.equal(text, 'imap - 503 kicked\nimap waits 503 kicked\nimap me 503 kicked\n');
    const said = [...server.log.text().matchAll(/session ended by the administrator while (.*?), client/g)];
    assert.deepEqual(
      said.map(([, action]) => action),
      ['SSL handshaking', 'in http auth state', 'proxying'],
    );
  });

  test(`over ${transport} a session by WebSocket: before its handshake, in its commands and in the relay`, async (t) => {
    const { server, api } = await site(t, transport);
    const early = await server.connect('websocket');
    await early.send('GET / HTTP/1.1\r\n');
    while (at(await api.get('/mail/sessions'), 'count') !== 1);
    await api.delete('/mail/sessions?all=1');
    assert.equal((await early.rest()).length, 0, 'not a byte that would be no HTTP');

    const told = await WebSocketClient.open(await server.connect('websocket'), { path: '/' });
    await told.line();
    await api.delete('/mail/sessions?all=1');
    assert.equal(await told.line(), '* BYE Session ended by the administrator\r\n');
    assert.equal(await told.closeCode(), 1000);

    const relayed = await WebSocketClient.open(await server.connect('websocket'), { path: '/' });
    await relayed.line();
    await relayed.send('a LOGIN me secret\r\n');
    assert.equal(await relayed.line(), 'a OK logged in\r\n');
    await api.delete('/mail/sessions?user=me&state=relay');
    assert.equal(await relayed.closeCode(), 1000);
    for (const wire of [early, told.wire, relayed.wire]) wire.destroy();
  });
}
