// Every login that begins is counted with what has come of it, also where its session ends first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthAnswer, accept, refuse, response, startAuth } from '../support/fake-auth.ts';
import { dialogue, imapBackend, silence, startBackend } from '../support/fake-backend.ts';
import { startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import type { Wire } from '../support/wire.ts';

const ENDED = ['ok', 'refused', 'broken', 'busy'];
const LASTING = ['silent', 'waits', 'hangs', 'held'];

// Streams that are not read do not notice that the client is gone.
test('a client that leaves during its login; outcomes together are the logins that have begun', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const busy = await startBackend(scope, dialogue(['* OK ready\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG NO no\r\n']));
  const hanging = await startBackend(scope, silence);
  const answers: Readonly<Record<string, string | AuthAnswer>> = {
    ok: accept(backend),
    refused: refuse('no'),
    broken: response('Auth-Status: OK'),
    busy: accept(busy),
    silent: { bytes: '' },
    waits: response('Auth-Status: WAIT', 'Auth-Wait: 60'),
    hangs: accept(hanging),
  };
  const auth = await startAuth(scope, (request) => answers[request.header('Auth-User') ?? ''] ?? refuse('?'));
  const target = defaultTarget();
  const server = await startServer(scope, {
    target: { ...target, globals: `${target.globals.replace(/transport \w+;/, '')} transport handle;` },
    config: `mail {
      auth_http ${auth.url}; server_name mx.example.org;
      server { listen @imap@; protocol imap; status_zone front; }
    }
    ${API_SERVER}`,
  });
  const api = new ApiClient(server);
  const open = async (command: string): Promise<Wire> => {
    const wire = await server.connect('imap');
    scope.after(() => wire.destroy());
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send(command);
    return wire;
  };
  await api.send('POST', '/mail/users/held/delay', { time: '1h' });
  for (const user of ENDED) {
    const wire = await open(`a LOGIN ${user} secret\r\n`);
    await wire.line();
    wire.destroy();
  }
  const leaving: Wire[] = [];
  for (const user of LASTING) leaving.push(await open(`a LOGIN ${user} secret\r\n`));
  leaving.push(await open(`a AUTHENTICATE PLAIN ${saslPlain('silent', 'x')}\r\n`));
  const zone = (): Promise<unknown> => api.get('/mail/server_zones/front');
  while (at(await zone(), 'logins', 'wait') !== 1);
  while (at(await api.get('/mail/sessions?state=login'), 'count') !== 4);
  assert.equal(at(await zone(), 'logins', 'aborted'), 0);
  for (const wire of leaving) wire.reset();
  while (at(await zone(), 'processing') !== 0);
  const logins = at(await zone(), 'logins');
  assert.deepEqual(logins, {
    ok: 1,
    refused: 1,
    wait: 1,
    error: 2,
    aborted: 5,
    methods: at(logins, 'methods'),
  });
  assert.equal(at(logins, 'methods', 'login', 'aborted'), LASTING.length);
  assert.equal(at(logins, 'methods', 'plain', 'aborted'), 1);
});
