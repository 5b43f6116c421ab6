// Logins of users who are held, over both transports and over TLS: who leaves meanwhile, and what was sent meanwhile.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import type { Wire } from '../support/wire.ts';

const HOLD = '/mail/users/me/delay';

interface Running {
  readonly server: MailServer;
  readonly api: ApiClient;
  /** A LOGIN, and what follows it at once. */
  login(listener: 'imap' | 'tls', behind?: string): Promise<Wire>;
  waiting(count: number): Promise<void>;
}

async function start(t: TestContext, transport: string): Promise<Running> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const auth = await startAuth(scope, () => accept(backend));
  const target = defaultTarget();
  const server = await startServer(scope, {
    target: { ...target, globals: `${target.globals.replace(/transport \w+;/, '')} transport ${transport};` },
    config: `mail {
      auth_http ${auth.url}; server_name mx.example.org;
      log_format ends '$mail_user $mail_end'; access_log @DIR@/ends.log ends;
      ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};
      server { listen @imap@; listen @tls@ ssl; protocol imap; status_zone front; }
    }
    ${API_SERVER}`,
  });
  const api = new ApiClient(server);
  await api.send('POST', HOLD, { time: '1h' });
  return {
    server,
    api,
    login: async (listener, behind = '') => {
      const wire = await server.connect(listener);
      scope.after(() => wire.destroy());
      if (listener === 'tls') await wire.startTls();
      await wire.expectLine('* OK IMAP4 ready\r\n');
      await wire.send(`a LOGIN me secret\r\n${behind}`);
      return wire;
    },
    waiting: async (count) => {
      while (at(await api.get(HOLD), 'waiting') !== count);
    },
  };
}

for (const transport of ['handle', 'net']) {
  test(`over ${transport} a client that leaves while it is held waits no longer`, async (t) => {
    const { server, api, login, waiting } = await start(t, transport);
    const wires = [await login('imap'), await login('tls'), await login('imap'), await login('imap')];
    await waiting(4);
    wires[0]?.end();
    wires[1]?.end();
    wires[2]?.reset();
    await waiting(1);
    const zone = await api.get('/mail/server_zones/front');
    assert.deepEqual([at(zone, 'processing'), at(zone, 'logins', 'aborted')], [1, 3]);
    assert.equal(new LogFile(`${server.dir}/ends.log`).text(), 'me client_closed\n'.repeat(3));
    assert.deepEqual(await api.delete(HOLD), { released: 1 });
    await wires[3]?.expectLine('a OK logged in\r\n');
  });

  test(`over ${transport} what is sent behind a login that is held comes to the backend in its order`, async (t) => {
    const { api, login, waiting } = await start(t, transport);
    const wires = [await login('imap', 'b NOOP\r\n'), await login('tls', 'b NOOP\r\n')];
    await waiting(2);
    for (const wire of wires) await wire.send('c NOOP\r\nd NO');
    await waiting(2);
    await api.delete(HOLD);
    for (const wire of wires) {
      await wire.send('OP\r\n');
      await wire.expectLine('a OK logged in\r\n');
      for (const tag of ['b', 'c', 'd']) await wire.expectLine(`+OK 250 [${tag} NOOP]\r\n`);
    }
  });
}
