// Access logs of workers: opened before root is given up, rotated together, written to the end.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { notRoot } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';

const SERVER = `http {
  log_format short '$pid $uri';
  server {
    listen @web@;
    access_log @DIR@/access.log short;
    location /gathered { access_log @DIR@/gathered.log short buffer=64k; return 204; }
    location / { return 204; }
  }
}`;

async function start(scope: Scope, main: string): Promise<MailServer> {
  const server = await startServer(scope, { target: masterTarget(), config: `${main}\n${SERVER}`, logLevel: 'notice' });
  endsWithAll(scope, server);
  chmodSync(server.dir, 0o755); // workers may be somebody else
  return server;
}

const logOf = (server: MailServer, name: string): LogFile => new LogFile(join(server.dir, name));

async function get(server: MailServer, uri: string): Promise<void> {
  const wire = await server.connect('web');
  await wire.send(`GET ${uri} HTTP/1.0\r\n\r\n`);
  await wire.rest();
  wire.destroy();
}

describe('access logs of workers', { concurrency: 2 }, () => {
  test('after a rotation every worker goes on in the new file', async (t) => {
    const server = await start(t, 'worker_processes 2;');
    const workers = workersIn(server.log.text());
    assert.equal(workers.length, 2);
    await get(server, '/1');
    await get(server, '/gathered');
    renameSync(logOf(server, 'access.log').path, logOf(server, 'old.log').path);
    renameSync(logOf(server, 'gathered.log').path, logOf(server, 'old-gathered.log').path);
    server.signal('SIGUSR1');
    for (const pid of workers) await server.waitLog(new RegExp(`\\] ${pid}#\\d+: reopening logs\\n`));
    await logOf(server, 'old-gathered.log').wait(/^\d+ \/gathered$/m);
    await get(server, '/2');
    await logOf(server, 'access.log').wait(/^\d+ \/2$/m);
    assert.match(logOf(server, 'old.log').text(), /^\d+ \/1\n$/);
    await get(server, '/gathered/again');
    server.signal('SIGQUIT');
    await server.exited;
    assert.match(logOf(server, 'gathered.log').text(), /^\d+ \/gathered\/again\n$/);
  });

  test("as root, the logs are root's, and the new ones the workers'", { skip: notRoot() ?? false }, async (t) => {
    const server = await start(t, 'user nobody nogroup;');
    const path = logOf(server, 'access.log').path;
    assert.equal(statSync(path).uid, 0);
    await get(server, '/1');
    await logOf(server, 'access.log').wait(/\/1/);
    renameSync(path, logOf(server, 'old.log').path);
    chownSync(logOf(server, 'gathered.log').path, 0, 0);
    const [worker] = workersIn(server.log.text());
    server.signal('SIGUSR1');
    await server.waitLog(new RegExp(`\\] ${worker}#\\d+: reopening logs\\n`));
    for (const name of ['access.log', 'gathered.log']) assert.notEqual(statSync(logOf(server, name).path).uid, 0, name);
    await get(server, '/2');
    await logOf(server, 'access.log').wait(/^\d+ \/2$/m);
  });
});
