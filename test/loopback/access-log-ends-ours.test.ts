// The access log of mail: sessions that we end ourselves, for want of room, at a stop, by order, and by a mistake.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectionBudget } from '../../src/core/connection-budget.ts';
import { DiskEnvironment } from '../../src/core/disk-environment.ts';
import { MailRuntime } from '../../src/mail/runtime.ts';
import { buildCycle } from '../../src/module/cycle.ts';
import { modules } from '../../src/modules.ts';
import { Loopback } from '../../src/net/loopback/loopback.ts';
import type { Transport } from '../../src/net/transport.ts';
import { CycleLogs } from '../../src/process/cycle-logs.ts';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { accept, refuse, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { TRANSPORTS } from '../support/transports.ts';
import { connect, type Wire } from '../support/wire.ts';

const GREETING = '* OK IMAP4 ready\r\n';
const INTERNAL = '* BAD internal server error\r\n';

/** Two access logs of the same, in text and in JSON. */
const LOGS = (dir: string, parameters = ''): string => `
  log_format text '$mail_event $mail_end $status $mail_user';
  log_format json escape=json '{"event":"$mail_event","end":"$mail_end","status":$status,"user":"$mail_user"}';
  access_log ${dir}/text.log text ${parameters};
  access_log ${dir}/json.log json ${parameters};
  access_log_event session auth;`;

/** The lines of both logs, which say the same, once there are so many. */
async function linesIn(dir: string, count: number): Promise<readonly string[]> {
  const wanted = new RegExp(`^(?:.*\\n){${count}}`);
  const [text = ''] = await new LogFile(join(dir, 'text.log')).wait(wanted);
  const [json = ''] = await new LogFile(join(dir, 'json.log')).wait(wanted);
  const told = json.split('\n').flatMap((line) => {
    if (line === '') return [];
    const { event, end, status, user } = JSON.parse(line);
    return [`${event} ${end} ${status} ${user === '' ? '-' : user}`];
  });
  const lines = text.split('\n').slice(0, -1);
  assert.deepEqual(told, lines);
  return lines;
}

const start = (scope: Scope, transport: Transport, config: string, allow?: RegExp): Promise<MailServer> =>
  startServer(scope, {
    target: { ...postern, globals: `daemon off; master_process off; transport ${transport.name};` },
    config,
    ...(allow === undefined ? {} : { allow }),
  });

async function loggedIn(wire: Wire, user: string): Promise<void> {
  await wire.expectBytes(GREETING);
  await wire.send(`a LOGIN ${user} secret\r\n`);
  await wire.expectLine('a OK logged in\r\n');
}

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a session for whose questions there is no connection left`, async (t) => {
    const auth = await startAuth(t, () => refuse('no'));
    const server = await start(
      t,
      transport,
      `events { worker_connections 2; }
       mail { auth_http ${auth.url}; ${LOGS('@DIR@')} server { listen @imap@; protocol imap; } }`,
      /2 worker_connections are not enough/,
    );
    const wire = await server.connect('imap');
    await wire.expectBytes(GREETING);
    await wire.send('a LOGIN anna secret\r\n');
    await wire.expectLine(INTERNAL);
    await wire.closed();
    assert.deepEqual(await linesIn(server.dir, 2), ['auth limit 503 anna', 'session limit 503 anna']);
    wire.destroy();
  });

  test(`${transport.name}: sessions that a fast stop has ended`, async (t) => {
    const backend = await startBackend(t, imapBackend);
    const auth = await startAuth(t, () => accept(backend));
    const server = await start(
      t,
      transport,
      `mail { auth_http ${auth.url}; ${LOGS('@DIR@', 'buffer=64k')} server { listen @imap@; protocol imap; } }`,
    );
    const wires = [await server.connect('imap'), await server.connect('imap')];
    const [relayed, early] = wires;
    assert.ok(relayed !== undefined && early !== undefined);
    await loggedIn(relayed, 'anna');
    await early.expectBytes(GREETING);
    server.signal('SIGTERM');
    await server.exited;
    const [first, ...ends] = await linesIn(server.dir, 3);
    assert.equal(first, 'auth ok 200 anna');
    assert.deepEqual([...ends].sort(), ['session stopped 503 -', 'session stopped 503 anna']);
    for (const wire of wires) wire.destroy();
  });

  test(`${transport.name}: sessions that are ended by the api, before, in and after a login`, async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const backend = await startBackend(scope, imapBackend);
    const auth = await startAuth(scope, (request) =>
      request.header('Auth-User') === 'waits' ? new Promise(() => {}) : accept(backend),
    );
    const server = await start(
      scope,
      transport,
      `mail { auth_http ${auth.url}; ${LOGS('@DIR@')} server { listen @imap@; protocol imap; } } ${API_SERVER}`,
    );
    const api = new ApiClient(server);
    const early = await server.connect('imap');
    await early.expectBytes(GREETING);
    await api.delete('/mail/sessions?state=commands');
    const waiting = await server.connect('imap');
    await waiting.send('a LOGIN waits secret\r\n');
    while (at(await api.get('/mail/sessions?state=login'), 'count') !== 1);
    await api.delete('/mail/sessions?user=waits');
    const relayed = await server.connect('imap');
    await loggedIn(relayed, 'anna');
    await api.delete('/mail/sessions?state=relay');
    assert.deepEqual(await linesIn(server.dir, 5), [
      'session kicked 503 -',
      'auth kicked 503 waits',
      'session kicked 503 waits',
      'auth ok 200 anna',
      'session kicked 503 anna',
    ]);
    for (const wire of [early, waiting, relayed]) wire.destroy();
  });

  test(`${transport.name}: a session that a mistake of ours has ended, and another one that goes on`, async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const backend = await startBackend(scope, imapBackend);
    const auth = await startAuth(scope, () => accept(backend));
    const host = ownAddress();
    const port = await freePort(host);
    const dir = temporaryFolder(scope);
    const file = join(dir, 'nginx.conf');
    writeFileSync(
      file,
      `error_log ${dir}/error.log; events {}
       mail { auth_http ${auth.url}; ${LOGS(dir)} server { listen ${host}:${port}; protocol imap; } }`,
    );
    const env = new DiskEnvironment({ prefix: `${dir}/`, confPrefix: `${dir}/`, report: () => {} });
    const cycle = buildCycle({ modules, env, file });
    cycle.init();
    const logs = new CycleLogs(cycle, join(dir, 'error.log'), () => {});
    const loopback = new Loopback(transport);
    let isBroken = false;
    const breaking: Transport = {
      name: transport.name,
      listen: (...to) => transport.listen(...to),
      dial: (target, handler) => {
        if (isBroken) throw new Error('dialling is broken');
        return transport.dial(target, handler);
      },
    };
    let connections = 0;
    const runtime = new MailRuntime(cycle.store, {
      transport: breaking,
      loopback,
      log: logs.log,
      debugs: undefined,
      openLog: (specs) => logs.openLog(specs),
      openLines: (target) => logs.openLines(target),
      nextConnection: () => ++connections,
      connections: new ConnectionBudget({ limit: 100, log: logs.log, delayMs: 500 }),
      stats: undefined,
      control: undefined,
      loaded: () => {},
    });
    assert.equal(logs.open(), undefined);
    scope.after(() => logs.close());
    scope.after(() => runtime.terminate());
    for (const listening of runtime.listenings) {
      const source = net._createServerHandle(host, port, 4);
      assert.ok(typeof source !== 'number');
      const server = breaking.listen(listening, source, (error) => assert.fail(error));
      scope.after(() => void server.close());
    }
    runtime.start();

    const good = await connect({ host, port });
    scope.after(() => good.destroy());
    await loggedIn(good, 'good');
    isBroken = true;
    const bad = await connect({ host, port });
    scope.after(() => bad.destroy());
    await bad.expectBytes(GREETING);
    await bad.send('a LOGIN bad secret\r\n');
    await bad.closed();
    assert.equal(bad.receivedBytes, GREETING.length);
    await good.send('b NOOP\r\n');
    await good.expectLine('+OK 250 [b NOOP]\r\n');
    good.end();
    assert.deepEqual(await linesIn(dir, 4), [
      'auth ok 200 good',
      'auth fault 500 bad',
      'session fault 500 bad',
      'session ok 200 good',
    ]);
    const error = new LogFile(join(dir, 'error.log')).text();
    assert.equal(error.match(/\[alert\] .* session ended by a fault: Error: dialling is broken\\x0A/g)?.length, 1);
    assert.ok(!error.includes('secret'));
  });
}
