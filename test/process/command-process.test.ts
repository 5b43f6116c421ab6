// The running process: signals, the end of its sessions, pid file, logs that are reopened, and what is left behind.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Exit, expiry, run } from '../support/children.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { accept } from '../support/fake-auth.ts';
import { LogFile } from '../support/log-file.ts';
import { Arena, type ArenaOptions } from '../support/mail-spec/arena.ts';
import { plainRecords } from '../support/mail-spec/command.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { postern } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { connect, type Wire } from '../support/wire.ts';

const BLOCKS = {
  imap: { protocol: 'imap' },
  unix: { protocol: 'imap', listen: 'unix:@DIR@/imap.sock' },
} as const;

/** What ends with the test, the last first: the sessions before the process. */
function scopeOf(t: TestContext): Cleanup {
  const scope = new Cleanup();
  t.after(() => scope.run());
  return scope;
}

function start(scope: Scope, options: Partial<ArenaOptions> = {}): Promise<Arena> {
  return Arena.start(scope, { blocks: BLOCKS, logLevel: 'notice', ...options });
}

/** A session in the relay. */
async function relayed(scope: Scope, arena: Arena): Promise<{ wire: Wire; backend: Wire }> {
  const stage = await arena.stage(scope, 'imap');
  const wire = await arena.open(scope, 'imap');
  await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
  return { wire, backend: await stage.backend.peer(0) };
}

/** A session that waits for the auth server. */
async function asking(scope: Scope, arena: Arena): Promise<Wire> {
  const stage = await arena.stage(scope, 'imap', { answers: [() => ({ bytes: '' })] });
  const wire = await arena.open(scope, 'imap');
  await play(wire, [`C: a LOGIN ${stage.user} secret`]);
  await stage.asked(1);
  return wire;
}

const CLEAN: Exit = { code: 0, signal: null };

/** The process ends by itself, soon. */
async function ended(arena: Arena): Promise<void> {
  assert.deepEqual(await Promise.race([arena.server.exited, expiry(2500)]), CLEAN);
  assert.equal(existsSync(join(arena.server.dir, 'nginx.pid')), false, 'the pid file is gone');
  assert.equal(existsSync(join(arena.server.dir, 'imap.sock')), false, 'the unix socket is gone');
}

/** The records behind the one of the signal, that one included. */
function recordsFrom(arena: Arena, signal: string): readonly string[] {
  const records = plainRecords(arena.server.log.text());
  return records.slice(records.findIndex((record) => record.includes(`(${signal}) received`)));
}

const signal = (arena: Arena, name: NodeJS.Signals): boolean => process.kill(arena.server.pid, name);

describe('signals', { concurrency: 2 }, () => {
  for (const [name, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
  ] as const) {
    test(`${name} closes everything at once`, async (t) => {
      const scope = scopeOf(t);
      const arena = await start(scope);
      const idle = await arena.open(scope, 'imap');
      const unix = await connect({ path: join(arena.server.dir, 'imap.sock') });
      scope.after(() => unix.destroy());
      const waiting = await asking(scope, arena);
      const { wire, backend } = await relayed(scope, arena);
      const leaving = await arena.open(scope, 'imap'); // has been told good-bye, and does not close
      await play(leaving, ['C: a LOGOUT', 'S: * BYE', 'S: a OK completed', '--']);
      signal(arena, name);
      await Promise.all([idle, unix, waiting, wire, backend].map((peer) => peer.closed()));
      await ended(arena);
      assert.equal(idle.received.toString('latin1'), '* OK IMAP4 ready\r\n');
      assert.deepEqual(recordsFrom(arena, name), [
        `[notice] signal ${number} (${name}) received, exiting`,
        '[notice] exiting',
        '[notice] exit',
      ]);
    });
  }

  test('SIGQUIT without a session ends at once', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    signal(arena, 'SIGQUIT');
    await ended(arena);
    assert.deepEqual(recordsFrom(arena, 'SIGQUIT'), [
      '[notice] signal 3 (SIGQUIT) received, shutting down',
      '[notice] gracefully shutting down',
      '[notice] exiting',
      '[notice] exit',
    ]);
  });

  test('SIGQUIT lets sessions go on, in the relay and before the login, but takes no more', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    const stage = await arena.stage(scope, 'imap');
    const early = await arena.open(scope, 'imap');
    const { wire } = await relayed(scope, arena);
    signal(arena, 'SIGQUIT');
    await arena.server.log.wait(/gracefully shutting down/);
    await play(wire, ['C: b NOOP', 'S: +OK 250 [b NOOP]']);
    await assert.rejects(arena.server.connect('imap'), { code: 'ECONNREFUSED' });
    signal(arena, 'SIGQUIT'); // a second one changes nothing
    await play(early, [
      `C: a LOGIN ${stage.user} secret`,
      'S: a OK logged in',
      'C: b LOGOUT',
      'S: +OK 250 [b LOGOUT]',
      '--',
    ]);
    early.destroy();
    assert.ok(existsSync(join(arena.server.dir, 'nginx.pid')));
    await play(wire, ['C: c LOGOUT', 'S: +OK 250 [c LOGOUT]', '--']);
    wire.destroy();
    await ended(arena);
  });

  test('SIGTERM during a graceful stop makes it a fast one', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    const { wire } = await relayed(scope, arena);
    signal(arena, 'SIGQUIT');
    await arena.server.log.wait(/gracefully shutting down/);
    signal(arena, 'SIGTERM');
    await wire.closed();
    await ended(arena);
  });

  test('worker_shutdown_timeout cuts relays, and nothing that is not there yet', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope, { main: 'worker_shutdown_timeout 100ms;', logLevel: 'info' });
    const early = await arena.open(scope, 'imap');
    const stage = await arena.stage(scope, 'imap');
    const wire = await arena.open(scope, 'imap');
    const connected = arena.connected('imap', wire);
    await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
    signal(arena, 'SIGQUIT');
    await wire.closed();
    const suffix = arena.suffix('imap', stage.user, stage.upstream);
    assert.deepEqual((await arena.records(connected, 3, 0)).slice(2), [
      `[info] shutdown timeout while proxying${suffix}`,
    ]);
    await play(early, ['C: a NOOP', 'S: a OK completed', 'C: b LOGOUT', 'S: * BYE', 'S: b OK completed', '--']);
    early.destroy();
    await ended(arena);
  });
});

describe('logs', { concurrency: 2 }, () => {
  test('SIGUSR1 goes on in new files, and no record is lost', async (t) => {
    const scope = scopeOf(t);
    const blocks = { imap: { protocol: 'imap', conf: 'error_log @DIR@/imap.log info;' } } as const;
    const arena = await start(scope, { blocks });
    const path = (name: string): string => join(arena.server.dir, name);
    const texts = (name: string): string => new LogFile(path(name)).text();
    const visit = async (): Promise<void> => {
      const wire = await arena.open(scope, 'imap');
      wire.destroy();
    };
    let visits = 0;
    for (let round = 0; round < 3; round++) {
      for (const name of ['error.log', 'imap.log']) renameSync(path(name), path(`${name}.${round}`));
      await visit(); // before the signal: into the file that was moved
      signal(arena, 'SIGUSR1');
      const visiting = Promise.all([visit(), visit(), visit()]);
      await new LogFile(path(`error.log.${round}`)).wait(/received, reopening logs\n.* reopening logs\n/);
      await visiting;
      await visit();
      visits += 5;
      const own = plainRecords(texts(`error.log.${round}`)).filter((record) => record.includes('reopening'));
      assert.deepEqual(own, ['[notice] signal 10 (SIGUSR1) received, reopening logs', '[notice] reopening logs']);
    }
    const all = [0, 1, 2].map((round) => texts(`imap.log.${round}`)).join('') + texts('imap.log');
    assert.equal(all.match(/ connected to /g)?.length, visits);
    assert.ok(texts('imap.log').includes(' connected to '), 'the last visit is in the new file');
    assert.equal(texts('error.log'), '', 'the main log is new and empty');
    assert.equal(statSync(path('error.log')).mode & 0o777, 0o644);
  });

  test('a log that cannot be reopened goes on in the old file', async (t) => {
    const scope = scopeOf(t);
    const folder = temporaryFolder(scope, 'logs');
    const moved = `${folder}-moved`;
    const arena = await start(scope, { main: `error_log ${folder}/x.log notice;`, allow: /open\(\)/ });
    renameSync(folder, moved);
    scope.after(() => rmSync(moved, { recursive: true }));
    signal(arena, 'SIGUSR1');
    await new LogFile(join(moved, 'x.log')).wait(/open\(\) "[^"]*\/x\.log" failed \(2: No such file or directory\)\n/);
    signal(arena, 'SIGUSR1');
    await new LogFile(join(moved, 'x.log')).wait(/(received, reopening logs[\s\S]*){2}/);
  });

  test('nothing is copied to the standard error once it serves', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope, { logLevel: 'info' });
    const stage = await arena.stage(scope, 'imap', { answers: [(backend) => accept(backend, 'Auth-Port: x')] });
    const wire = await arena.open(scope, 'imap');
    await play(wire, [`C: a LOGIN ${stage.user} x`, 'S: * BAD internal server error', '--']);
    await arena.server.log.wait(/sent invalid server port/);
    assert.equal(arena.server.stderr, '');
  });

  test('error_log stderr writes whole records there', async (t) => {
    const scope = scopeOf(t);
    const blocks = { imap: { protocol: 'imap', conf: 'error_log stderr info;' } } as const;
    const arena = await start(scope, { blocks });
    const wire = await arena.open(scope, 'imap');
    const text = `client 127.0.0.1:${wire.localPort} connected to ${arena.transport.listenText(arena.server, 'imap')}`;
    signal(arena, 'SIGQUIT');
    wire.destroy();
    await arena.server.exited;
    assert.match(arena.server.stderr, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[info\] \d+#\d+: \*1 client [^\n]+\n$/);
    assert.ok(arena.server.stderr.endsWith(`${text}\n`));
    assert.ok(!arena.server.log.text().includes(' connected to '));
  });
});

describe('-s and the pid file', { concurrency: 2 }, () => {
  /** The command with the same folder as the running process. */
  function command(arena: Arena, ...args: string[]): ReturnType<typeof run> {
    const { dir } = arena.server;
    const globals = `${postern.globals} pid nginx.pid; error_log error.log notice;`;
    return run(postern.command, [
      ...postern.args,
      '-p',
      `${dir}/`,
      '-c',
      'nginx.conf',
      '-e',
      'start.log',
      '-g',
      globals,
      ...args,
    ]);
  }

  test('the pid file holds the pid, for everybody to read', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    const path = join(arena.server.dir, 'nginx.pid');
    assert.equal(readFileSync(path, 'latin1'), `${arena.server.pid}\n`);
    assert.equal(statSync(path).mode & 0o777, 0o644);
    assert.equal(statSync(join(arena.server.dir, 'imap.sock')).mode & 0o777, 0o666);
  });

  test('reopen, then quit', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    for (const name of ['reopen', 'quit']) {
      const { code, stdout, stderr } = await command(arena, '-s', name);
      assert.deepEqual([code, stdout, stderr], [0, '', '']);
    }
    await ended(arena);
    const text = arena.server.log.text();
    assert.match(text, /reopening logs\n[\s\S]*shutting down\n/);
    const started = plainRecords(new LogFile(join(arena.server.dir, 'start.log')).text());
    assert.deepEqual(started, ['[notice] signal process started', '[notice] signal process started']);
  });

  test('stop', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope);
    const wire = await arena.open(scope, 'imap');
    assert.equal((await command(arena, '-sstop')).code, 0);
    await wire.closed();
    await ended(arena);
  });

  test('a pid file that is gone is an alert at the end', async (t) => {
    const scope = scopeOf(t);
    const arena = await start(scope, { allow: /unlink\(\)/ });
    rmSync(join(arena.server.dir, 'nginx.pid'));
    signal(arena, 'SIGTERM');
    assert.deepEqual(await arena.server.exited, CLEAN);
    const path = join(arena.server.dir, 'nginx.pid');
    assert.ok(
      plainRecords(arena.server.log.text()).includes(
        `[alert] unlink() "${path}" failed (2: No such file or directory)`,
      ),
    );
  });
});
