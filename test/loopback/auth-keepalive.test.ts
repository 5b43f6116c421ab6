// auth_http_keepalive at the real command: fewer connections, the same logins, and nothing that holds up the end.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { listen } from '../support/fake-auth.ts';
import { type BackendScript, dialogue, imapBackend, startBackend } from '../support/fake-backend.ts';
import { event } from '../support/in-time.ts';
import { ownAddress } from '../support/ports.ts';
import { startServer } from '../support/server.ts';

interface Asked {
  readonly questions: IncomingMessage[];
  readonly connections: Set<Socket>;
}

async function site(t: TestContext, directives: string, script: BackendScript = imapBackend) {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, script);
  const asked: Asked = { questions: [], connections: new Set() };
  const auth = createServer((question, answer) => {
    asked.questions.push(question);
    asked.connections.add(question.socket);
    const where = { 'Auth-Status': 'OK', 'Auth-Server': backend.host, 'Auth-Port': String(backend.port) };
    answer.writeHead(200, where).end(`a body that nobody reads`);
  });
  const host = ownAddress();
  const port = await listen(auth, host, 0);
  scope.after(() => auth.closeAllConnections());
  scope.after(() => void auth.close());
  const server = await startServer(scope, {
    config: `events {} mail { auth_http ${host}:${port}/auth; ${directives} server { listen @imap@; protocol imap; } }`,
  });
  const login = async (): Promise<void> => {
    const wire = await server.connect('imap');
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a LOGIN "jo\\"e" secret\r\n');
    await wire.expectLine('a OK logged in\r\n');
    wire.destroy();
  };
  return { asked, backend, login, server };
}

test('logins one after the other share a connection', async (t) => {
  const { asked, login, server } = await site(t, 'auth_http_version 1.1; auth_http_keepalive 4;');
  for (let i = 0; i < 5; i++) await login();
  assert.equal(asked.questions.length, 5);
  assert.equal(asked.connections.size, 1);
  assert.deepEqual(
    asked.questions.map(({ httpVersion, headers }) => [httpVersion, headers.connection]),
    Array.from({ length: 5 }, () => ['1.1', undefined]),
  );
  const [connection] = asked.connections;
  assert.ok(connection);
  const closed = event(connection, 'close');
  process.kill(server.pid, 'SIGQUIT');
  await closed;
  await server.exited;
});

test('without it, each question declines to keep its connection', async (t) => {
  const { asked, login } = await site(t, 'auth_http_version 1.1;');
  for (let i = 0; i < 2; i++) await login();
  assert.equal(asked.connections.size, 2);
  assert.deepEqual(
    asked.questions.map(({ httpVersion, headers }) => [httpVersion, headers.connection]),
    [
      ['1.1', 'close'],
      ['1.1', 'close'],
    ],
  );
});

test('proxy_imap_login quoted: the backend gets one line', async (t) => {
  const oneLine = dialogue(['* OK backend\r\n', '$TAG OK logged in\r\n']);
  const { backend, login } = await site(t, 'proxy_imap_login quoted;', oneLine);
  await login();
  const peer = await backend.peer(0);
  assert.equal(peer.received.toString('latin1'), 'a LOGIN "jo\\"e" "secret"\r\n');
});
