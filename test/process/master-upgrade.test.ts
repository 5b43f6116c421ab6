// SIGUSR2: a new master takes over the listening sockets beside the old one, which can leave, or come back.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, renameSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Daemon, GREETING } from '../support/daemon.ts';
import { logsOut, Master, relays, said, workersIn } from '../support/master.ts';
import { gone, isRunning, statOf, titleOf, until } from '../support/processes.ts';
import { connect, type Wire } from '../support/wire.ts';

/** USR2; resolves with the new master, when it serves. */
async function upgrade(daemon: Daemon, old = daemon.pid): Promise<number> {
  process.kill(old, 'SIGUSR2');
  const pid = await daemon.file('logs/nginx.pid').waitUntil((text) => {
    const found = /^(\d+)\n/.exec(text)?.[1];
    return found === undefined || Number(found) === old ? undefined : Number(found);
  }, 8000);
  assert.ok(pid !== undefined, daemon.log.text());
  assert.equal(daemon.file('logs/nginx.pid.oldbin').text(), `${old}\n`);
  return pid;
}

const childrenOf = (daemon: Daemon, master: number): readonly number[] =>
  daemon.workers.filter((pid) => Number(statOf(pid)[1]) === master);

async function works(wire: Wire): Promise<void> {
  await wire.send('a NOOP\r\n');
  await wire.expectLine('a OK completed\r\n');
}

/** What a process said since it said so many records. */
const saidSince = (daemon: Daemon, pid: number, count: number): readonly string[] => daemon.said(pid).slice(count);

const USR2 = '[notice] signal 12 (SIGUSR2) received, changing binary';
const exited = (pid: number): string => `[notice] worker process ${pid} exited with code 0`;

describe('the upgrade', { concurrency: 3 }, () => {
  test('both serve; after WINCH and QUIT the old one is gone, and the new one has everything', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old } = daemon;
    const [oldWorker = 0] = daemon.workers;
    const before = daemon.said(old).length;
    const early = await daemon.open();
    const socket = statSync(daemon.path('imap.sock')).ino;
    daemon.edit('ONE', 'TWO');
    const young = await upgrade(daemon);
    const [youngWorker = 0] = childrenOf(daemon, young);
    assert.match(daemon.said(young)[0] ?? '', /^\[notice\] using inherited sockets from "(\d+;){2}"$/);
    assert.equal(titleOf(young), titleOf(old));
    // Each of them serves when the other does not.
    for (const [stopped, expected] of [
      [oldWorker, 'TWO'],
      [youngWorker, 'ONE'],
    ] as const) {
      process.kill(stopped, 'SIGSTOP');
      assert.equal(await daemon.capability(), expected);
      process.kill(stopped, 'SIGCONT');
    }
    process.kill(old, 'SIGWINCH');
    await daemon.log.wait(new RegExp(`\\] ${oldWorker}#\\d+: gracefully shutting down\n`));
    await works(early);
    early.destroy();
    await daemon.log.wait(new RegExp(` worker process ${oldWorker} exited`));
    assert.ok(isRunning(old));
    assert.equal(await daemon.capability(), 'TWO');
    process.kill(old, 'SIGQUIT');
    await gone(old);
    assert.equal(existsSync(daemon.path('logs/nginx.pid.oldbin')), false);
    assert.equal(daemon.pid, young);
    assert.equal(statSync(daemon.path('imap.sock')).ino, socket);
    const unix = await connect({ path: daemon.path('imap.sock') });
    await unix.expectLine(GREETING);
    unix.destroy();
    assert.equal(await daemon.capability(), 'TWO');
    assert.deepEqual(saidSince(daemon, old, before), [
      USR2,
      '[notice] changing binary',
      `[notice] start new binary process ${young}`,
      '[notice] signal 28 (SIGWINCH) received, stop accepting connections',
      exited(oldWorker),
      '[notice] signal 3 (SIGQUIT) received, shutting down',
      '[notice] exit',
    ]);
    // The new one can be reloaded, and upgraded in its turn.
    daemon.edit('TWO', 'THREE');
    process.kill(young, 'SIGHUP');
    await gone(youngWorker);
    assert.equal(await daemon.capability(), 'THREE');
    const third = await upgrade(daemon);
    process.kill(young, 'SIGQUIT');
    await gone(young);
    assert.equal(daemon.pid, third);
    assert.equal(await daemon.capability(), 'THREE');
    process.kill(third, 'SIGTERM');
    await gone(third);
    assert.equal(existsSync(daemon.path('imap.sock')), false);
    assert.deepEqual(daemon.processes, []);
  });

  for (const name of ['SIGTERM', 'SIGQUIT'] as const) {
    test(`rolls back by ${name} to the new one: the old workers come back with the old configuration`, async (t) => {
      const daemon = await Daemon.start(t);
      const { pid: old } = daemon;
      daemon.edit('ONE', 'TWO');
      const young = await upgrade(daemon);
      process.kill(old, 'SIGWINCH');
      await until(() => childrenOf(daemon, old).length === 0, 'the end of the old workers');
      process.kill(young, name);
      await gone(young);
      await daemon.log.wait(
        new RegExp(`new binary process ${young} exited with code 0\n[\\s\\S]*start worker process`),
      );
      assert.equal(await daemon.capability(), 'ONE');
      assert.equal(daemon.pid, old);
      assert.equal(existsSync(daemon.path('logs/nginx.pid.oldbin')), false);
      const unix = await connect({ path: daemon.path('imap.sock') });
      await unix.expectLine(GREETING);
      unix.destroy();
      // And it can be tried again.
      const again = await upgrade(daemon);
      process.kill(old, 'SIGQUIT');
      await gone(old);
      assert.equal(await daemon.capability(), 'TWO');
      assert.equal(daemon.pid, again);
    });
  }

  test('HUP to the old one, after WINCH, brings its workers back as they were', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old } = daemon;
    const young = await upgrade(daemon);
    process.kill(old, 'SIGWINCH');
    await until(() => childrenOf(daemon, old).length === 0, 'the end of the old workers');
    daemon.edit('ONE', 'TWO');
    process.kill(old, 'SIGHUP');
    await until(() => childrenOf(daemon, old).length === 1, 'a worker of the old one');
    process.kill(young, 'SIGQUIT');
    await gone(young);
    assert.equal(await daemon.capability(), 'ONE');
    assert.equal(daemon.said(old).filter((record) => record === '[notice] reconfiguring').length, 0);
  });

  test('HUP to the old one reads nothing while both run; the way back is the old configuration', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old, workers } = daemon;
    const young = await upgrade(daemon);
    daemon.edit('ONE', 'TWO');
    daemon.edit('# here', 'pid logs/two.pid; # here');
    const before = daemon.said(old).length;
    process.kill(old, 'SIGHUP');
    await until(() => saidSince(daemon, old, before).length >= 2, 'two records');
    assert.deepEqual(saidSince(daemon, old, before), [
      '[notice] signal 1 (SIGHUP) received, reconfiguring',
      '[notice] the configuration is not read while a new version runs',
    ]);
    process.kill(young, 'SIGQUIT');
    await gone(young);
    await until(() => daemon.pid === old, 'the pid file');
    assert.equal(await daemon.capability(), 'ONE');
    assert.deepEqual(daemon.workers, workers);
  });

  test('a new master that is killed is an alert, and the old one has its pid file again', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old } = daemon;
    const young = await upgrade(daemon);
    const orphans = childrenOf(daemon, young);
    process.kill(young, 'SIGKILL');
    const ended = `new binary process ${young} exited on signal 9`;
    await daemon.log.wait(new RegExp(`SIGCHLD\\) received\n.* ${ended}\n`));
    assert.equal(daemon.said(old).at(-1), `[alert] ${ended}`);
    await until(() => daemon.pid === old, 'the pid file');
    for (const pid of orphans) process.kill(pid, 'SIGTERM');
    await gone(...orphans);
    assert.equal(await daemon.capability(), 'ONE');
  });

  test('without any listener', async (t) => {
    const daemon = await Daemon.prepare(t);
    daemon.folder.write('conf/nginx.conf', 'error_log logs/error.log info; events {} mail { auth_http 127.0.0.1:9; }');
    assert.equal((await daemon.command()).code, 0);
    const { pid: old } = daemon;
    const young = await upgrade(daemon);
    assert.equal(Number(statOf(young)[1]), old);
    process.kill(old, 'SIGQUIT');
    await gone(old);
    assert.equal(daemon.pid, young);
  });

  test('a second SIGUSR2 to either is ignored while both run', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old } = daemon;
    const young = await upgrade(daemon);
    for (const pid of [old, young]) {
      const before = daemon.said(pid).length;
      process.kill(pid, 'SIGUSR2');
      await until(() => saidSince(daemon, pid, before).length >= 2, 'two records');
      assert.deepEqual(saidSince(daemon, pid, before), [
        '[notice] signal 12 (SIGUSR2) received, ignoring',
        "[crit] the changing binary signal is ignored: you should shutdown or terminate before either old or new binary's process",
      ]);
    }
    assert.equal(await daemon.capability(), 'ONE');
  });

  test('a new version that cannot start leaves the old one as it was', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid: old } = daemon;
    const before = daemon.said(old).length;
    daemon.edit('# here', 'foo;');
    process.kill(old, 'SIGUSR2');
    const [, young = ''] = await daemon.log.wait(/ start new binary process (\d+)\n/);
    await daemon.log.wait(/ new binary process \d+ exited with code 1\n/);
    await until(() => daemon.pid === old, 'the pid file');
    assert.deepEqual(saidSince(daemon, old, before), [
      USR2,
      '[notice] changing binary',
      `[notice] start new binary process ${young}`,
      `[notice] new binary process ${young} exited with code 1`,
    ]);
    assert.equal(await daemon.capability(), 'ONE');
    const unix = await connect({ path: daemon.path('imap.sock') });
    await unix.expectLine(GREETING);
    unix.destroy();
  });

  test('a pid file that is gone is an alert, and there is no upgrade', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const path = daemon.path('logs/nginx.pid');
    renameSync(path, `${path}.away`);
    process.kill(pid, 'SIGUSR2');
    await daemon.log.wait(
      /\[alert\] .*rename\(\) \S+nginx\.pid to \S+nginx\.pid\.oldbin failed \(2: No such file or directory\) before executing new binary process ".*"\n/,
    );
    assert.equal(await daemon.capability(), 'ONE');
    renameSync(`${path}.away`, path);
    assert.equal(workersIn(daemon.log.text()).length, 1);
  });
});

test('in the foreground, sessions in the relay outlive the upgrade', async (t) => {
  const master = await Master.start(t, { logLevel: 'notice' });
  chmodSync(master.server.dir, 0o755);
  const { wire } = await master.relayed();
  const [oldWorker = 0] = master.workers;
  master.signal('SIGUSR2');
  await master.logFile('nginx.pid').wait(/^\d+\n/);
  await until(() => !master.logFile('nginx.pid').text().startsWith(`${master.pid}\n`), 'another pid file');
  master.signal('SIGQUIT');
  await master.quitting([oldWorker]);
  await relays(wire);
  const next = await master.relayed();
  await logsOut(wire);
  await gone(oldWorker, master.pid);
  await relays(next.wire);
  await logsOut(next.wire);
  assert.ok(said(master.text, master.pid).includes('[notice] exit'));
});
