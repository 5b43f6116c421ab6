// The access log of mail under a master: rotated by every worker, kept over a reload, written to the end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, constants, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';

const MAIL = `mail {
  auth_http 127.0.0.1:9;
  log_format short '$pid $mail_end';
  access_log @DIR@/access.log short;
  access_log @DIR@/gathered.log short buffer=64k;
  server { listen @imap@; protocol imap; }
}`;

async function start(scope: Scope, main: string): Promise<MailServer> {
  const server = await startServer(scope, { target: masterTarget(), config: `${main}\n${MAIL}`, logLevel: 'notice' });
  endsWithAll(scope, server);
  chmodSync(server.dir, 0o755); // workers may be somebody else
  return server;
}

const logOf = (server: MailServer, name: string): LogFile => new LogFile(join(server.dir, name));

async function quit(server: MailServer): Promise<void> {
  const wire = await server.connect('imap');
  await wire.send('a LOGOUT\r\n');
  await wire.closed();
  wire.destroy();
}

describe('access logs of mail workers', { concurrency: 3 }, () => {
  test('after a rotation every worker goes on in the new file', async (t) => {
    const server = await start(t, 'worker_processes 2;');
    const workers = workersIn(server.log.text());
    assert.equal(workers.length, 2);
    await quit(server);
    await logOf(server, 'access.log').wait(/^\d+ quit$/m);
    for (const name of ['access.log', 'gathered.log'])
      renameSync(logOf(server, name).path, join(server.dir, `old-${name}`));
    server.signal('SIGUSR1');
    for (const pid of workers) await server.waitLog(new RegExp(`\\] ${pid}#\\d+: reopening logs\\n`));
    await logOf(server, 'old-gathered.log').wait(/^\d+ quit$/m);
    await quit(server);
    await logOf(server, 'access.log').wait(/^\d+ quit\n$/);
    assert.match(logOf(server, 'old-access.log').text(), /^\d+ quit\n$/);
    server.signal('SIGQUIT');
    await server.exited;
    assert.match(logOf(server, 'gathered.log').text(), /^\d+ quit\n$/);
  });

  test('a reload ends no session, and what the old worker has gathered is written when it goes', async (t) => {
    const server = await start(t, 'worker_processes 1;');
    await quit(server);
    const wire = await server.connect('imap');
    await wire.expectBytes('* OK IMAP4 ready\r\n');
    server.signal('SIGHUP');
    await server.waitLog(/gracefully shutting down/);
    await wire.send('a LOGOUT\r\n');
    await wire.closed();
    await logOf(server, 'gathered.log').wait(/^(\d+) quit\n\1 quit\n$/);
    await logOf(server, 'access.log').wait(/^(\d+) quit\n\1 quit\n$/);
  });

  test('a fast stop writes the lines of the sessions that it ends', async (t) => {
    const server = await start(t, 'worker_processes 1;');
    await quit(server);
    const wire = await server.connect('imap');
    await wire.expectBytes('* OK IMAP4 ready\r\n');
    server.signal('SIGTERM');
    await server.exited;
    wire.destroy();
    for (const name of ['access.log', 'gathered.log']) {
      assert.match(logOf(server, name).text(), /^(\d+) quit\n\1 stopped\n$/, name);
    }
  });

  test('a named pipe that nobody reads stops neither the start nor a rotation, and the next reader has the lines', async (t) => {
    const folder = temporaryFolder(t, 'pipe');
    chmodSync(folder, 0o755);
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    chmodSync(path, 0o666);
    const server = await startServer(t, {
      target: masterTarget(),
      config: `worker_processes 1; ${MAIL.replace('server {', `access_log ${path} short; server {`)}`,
      logLevel: 'notice',
    });
    endsWithAll(t, server);
    chmodSync(server.dir, 0o755);
    await quit(server);
    await logOf(server, 'access.log').wait(/^\d+ quit$/m);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const lines = Buffer.alloc(1000);
    assert.match(lines.toString('latin1', 0, readSync(reader, lines)), /^\d+ quit\n$/);
    closeSync(reader);
    const [worker = 0] = workersIn(server.log.text());
    server.signal('SIGUSR1');
    await server.waitLog(new RegExp(`\\] ${worker}#\\d+: reopening logs\\n`));
    await quit(server);
    server.signal('SIGQUIT');
    await server.exited;
  });
});
