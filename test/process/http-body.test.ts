// The folder of large bodies: the master makes it, for the user of its workers, at the start and at a reload.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { type HttpBackend, ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { notRoot } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';

async function start(scope: Scope, main: string, backend: HttpBackend): Promise<MailServer> {
  const config = `${main} http { access_log off; client_body_temp_path @DIR@/bodies 1; server { listen @http@;
    location / { proxy_pass http://${backend.at}; } } }`;
  const allow = /mkdir\(\)/;
  const server = await startServer(scope, { target: masterTarget(), config, logLevel: 'notice', allow });
  endsWithAll(scope, server);
  chmodSync(server.dir, 0o755); // workers may be somebody else
  return server;
}

async function post(server: MailServer): Promise<string> {
  const headers = ['Content-Length: 100000', '', 'x'.repeat(100_000)];
  const got = await ask(server, 'http', { target: '/', method: 'POST', headers });
  assert.ok(got !== 'nothing');
  return got.body;
}

test("as root, the folder is the workers'", { skip: notRoot() ?? false }, async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const server = await start(t, 'user nobody nogroup; worker_processes 2;', backend);
  assert.notEqual(statSync(join(server.dir, 'bodies')).uid, 0);
  for (let i = 0; i < 4; i++) assert.equal(await post(server), '100000');
});

test('a reload makes the folder that is new; one that cannot be made leaves everything as it was', async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const server = await start(t, '', backend);
  const conf = join(server.dir, 'nginx.conf');
  const change = (from: string, to: string): void =>
    writeFileSync(conf, readFileSync(conf, 'latin1').replace(from, to), 'latin1');
  change('/bodies 1', '/no/such');
  server.signal('SIGHUP');
  await server.waitLog(/\[emerg\] .* mkdir\(\) "\S+\/no\/such" failed \(2: No such file or directory\)/);
  assert.equal(workersIn(server.log.text()).length, 1);
  change('/no/such', '/other');
  server.signal('SIGHUP');
  await server.waitLog(/start worker process \d+\n[\s\S]*start worker process \d+\n[\s\S]*gracefully shutting down/);
  assert.ok(existsSync(join(server.dir, 'other')));
  assert.equal(await post(server), '100000');
});
