// A server that is told to stop: idle connections are closed, what is on its way is answered, and that has a limit.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FakeBackend, startBackend } from '../support/fake-backend.ts';
import { answersIn } from '../support/http-answer.ts';
import { CLOSED, get, LAST } from '../support/http-cases.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import type { Wire } from '../support/wire.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext';

const skip = defaultTarget().name === 'nginx' && 'without a master nginx stops at once';

interface Stage {
  readonly server: MailServer;
  readonly backend: FakeBackend;
  /** A client whose request waits for the backend. */
  readonly busy: Wire;
  /** A client that has had its answer. */
  readonly idle: Wire;
}

/** The backend answers when the test sends `ANSWER` to its client. */
async function stage(t: TestContext, globals: string): Promise<Stage> {
  const backend = await startBackend(t, (peer) => peer.closed(60_000).then(() => undefined));
  const config = `${globals} http { access_log off;
    server { listen @WEB@; server_name a.test;
      location / { return 200 text; }
      location /slow { proxy_pass http://${backend.host}:${backend.port}; }
    }
  }`;
  const server = await startServer(t, { config });
  const busy = await server.connect('WEB');
  await busy.send(get('/slow'));
  const peer = await backend.peer(0);
  await peer.match(/^GET \/slow /);
  const idle = await server.connect('WEB');
  await idle.send(get('/'));
  await idle.match(/text$/);
  return { server, backend, busy, idle };
}

test('QUIT closes idle connections, and answers what is on its way', { skip }, async (t) => {
  const { server, backend, busy, idle } = await stage(t, '');
  const fresh = await server.connect('WEB');
  server.signal('SIGQUIT');
  await idle.closed();
  await fresh.closed();
  assert.equal(busy.ending, 'open');
  await (await backend.peer(0)).send(ANSWER);
  assert.deepEqual(answersIn(await busy.rest()), [CLOSED]);
  const exit = await server.exited;
  assert.equal(exit.code, 0);
});

test('QUIT waits for the rest of a request, and answers it', { skip }, async (t) => {
  const { server, backend, busy } = await stage(t, '');
  busy.destroy();
  const half = await server.connect('WEB');
  await half.send(LAST.slice(0, 20));
  const other = await server.connect('WEB');
  await other.send(get('/'));
  await other.match(/text$/); // by now the half request is there as well
  server.signal('SIGQUIT');
  await other.closed();
  await half.send(LAST.slice(20));
  assert.deepEqual(answersIn(await half.rest()), [CLOSED]);
  backend.close();
  assert.equal((await server.exited).code, 0);
});

test('worker_shutdown_timeout ends what is left', async (t) => {
  const { server, busy } = await stage(t, 'worker_shutdown_timeout 200ms;');
  server.signal('SIGQUIT');
  await busy.closed();
  assert.equal((await server.exited).code, 0);
});

test('TERM closes everything at once', async (t) => {
  const { server, busy, idle } = await stage(t, '');
  server.signal('SIGTERM');
  await busy.closed();
  await idle.closed();
  assert.equal((await server.exited).code, 0);
});
