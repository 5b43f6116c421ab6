// Wrong passwords lock an address out of the api, in all workers together, and no sooner or later than they should.
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { ask } from '../support/http-exchange.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { Wire } from '../support/wire.ts';

const WORKERS = 2;
const FAILURES = 10;

async function start(
  t: TestContext,
  allow?: RegExp,
): Promise<{ readonly scope: Cleanup; readonly server: MailServer }> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const server = await startServer(scope, {
    target: masterTarget(),
    logLevel: 'notice',
    config: `worker_processes ${WORKERS};
    http {
      access_log off;
      auth_basic_user_file @DIR@/users;
      server {
        listen @web@;
        location /api { auth_basic api; api; }
        location /other { auth_basic other; stub_status; }
        location /pid { return 200 $pid; }
      }
    }`,
    files: { users: 'me:{PLAIN}right\n' },
    ...(allow === undefined ? {} : { allow }),
  });
  chmodSync(server.dir, 0o755); // workers may be somebody else
  endsWithAll(scope, server);
  return { scope, server };
}

const authorization = (password: string): string =>
  `Authorization: Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** On a connection that stays, so that the worker stays the same. */
async function asks(wire: Wire, target: string, password = 'right'): Promise<Answer> {
  await wire.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n${authorization(password)}\r\n\r\n`);
  const [head, status] = await wire.match(/^HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n/);
  const [, length = '0'] = /\r\nContent-Length: (\d+)\r\n/.exec(head) ?? [];
  assert.equal(/\r\nRetry-After: 60\r\n/.test(head), status === '429');
  return { status: Number(status), body: (await wire.bytes(Number(length))).toString() };
}

const statusOf = async (wire: Wire, target: string, password?: string): Promise<number> =>
  (await asks(wire, target, password)).status;

/** A connection to each worker that serves now. */
async function connections(scope: Cleanup, server: MailServer): Promise<readonly Wire[]> {
  const found = new Map<string, Wire>();
  for (let i = 0; found.size < WORKERS; i++) {
    assert.ok(i < 1000, 'each worker accepts some');
    const wire = await server.connect('web');
    const { body } = await asks(wire, '/pid');
    if (found.has(body)) wire.destroy();
    else {
      found.set(body, wire);
      scope.after(() => wire.destroy());
    }
  }
  return [...found.values()];
}

test('what fails in one worker counts in the others, in later ones, and after a reload', async (t) => {
  const { scope, server } = await start(t, /exited on signal 9/);
  const wires = await connections(scope, server);
  for (const wire of wires) {
    assert.equal(await statusOf(wire, '/api/9/nginx'), 200);
    for (let i = 0; i < FAILURES; i++) assert.equal(await statusOf(wire, '/other', 'wrong'), 401, 'it has no api');
  }
  for (let i = 0; i < FAILURES; i++) {
    const wire = wires[i % WORKERS];
    assert.ok(wire !== undefined);
    assert.equal(await statusOf(wire, '/api/9/nginx', 'wrong'), 401);
  }
  for (const wire of wires) {
    assert.equal(await statusOf(wire, '/api/9/nginx'), 429);
    assert.equal(await statusOf(wire, '/other'), 200);
  }

  const [killed = 0] = workersIn(server.log.text());
  process.kill(killed, 'SIGKILL');
  await gone(killed);
  for (const wire of await connections(scope, server)) assert.equal(await statusOf(wire, '/api/9/nginx'), 429);
  const old = workersIn(server.log.text()).filter((pid) => pid !== killed);
  server.signal('SIGHUP');
  for (const pid of old) await server.waitLog(new RegExp(`\\] ${pid}#\\d+: gracefully shutting down\\n`));
  for (const wire of await connections(scope, server)) assert.equal(await statusOf(wire, '/api/9/nginx'), 429);
});

test('many at once, over all workers, are no way round', async (t) => {
  const { scope, server } = await start(t);
  await connections(scope, server);
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => ask(server, 'web', { target: '/api/9/nginx', headers: [authorization('wrong')] })),
  );
  const statuses = answers.map((answer) => (answer === 'nothing' ? 0 : answer.status));
  assert.equal(statuses.filter((status) => status === 401).length, FAILURES);
  assert.equal(statuses.filter((status) => status === 429).length, statuses.length - FAILURES);
});

test('a right password ends the row, whichever worker it comes to', async (t) => {
  const { scope, server } = await start(t);
  const [one, other] = await connections(scope, server);
  assert.ok(one !== undefined && other !== undefined);
  for (let i = 0; i < FAILURES - 1; i++) assert.equal(await statusOf(one, '/api/9/nginx', 'wrong'), 401);
  assert.equal(await statusOf(other, '/api/9/nginx'), 200);
  for (let i = 0; i < FAILURES - 1; i++) assert.equal(await statusOf(one, '/api/9/nginx', 'wrong'), 401);
  assert.equal(await statusOf(other, '/api/9/nginx'), 200);
});
