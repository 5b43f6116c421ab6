// Signals to a master and to its workers: who ends, who goes on, and what each of them logs.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Daemon } from '../support/daemon.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { logsOut, Master, relays, said, workersIn } from '../support/master.ts';
import { gone, isRunning, statusOf, titleOf, until } from '../support/processes.ts';
import { notRoot } from '../support/programs.ts';
import { connect } from '../support/wire.ts';

const TWO = { main: 'worker_processes 2;', logLevel: 'notice' } as const;

const exited = (pid: number): string => `[notice] worker process ${pid} exited with code 0`;

/** What the master said behind the records of its start. */
function saidSince(master: Master, signal: string): readonly string[] {
  const records = said(master.text, master.pid);
  return records.slice(records.findIndex((record) => record.includes(`(${signal}) received`)));
}

/** The master ended in order; it and all of its workers are gone, and so are their files. */
async function ended(master: Master, workers: readonly number[]): Promise<void> {
  assert.deepEqual(await master.server.exited, { code: 0, signal: null });
  assert.deepEqual(workers.filter(isRunning), []);
  assert.equal(existsSync(master.path('nginx.pid')), false, 'the pid file is gone');
  assert.equal(existsSync(master.path('imap.sock')), false, 'the unix socket is gone');
}

describe('signals to the master', { concurrency: 3 }, () => {
  test('SIGTERM ends every worker and every session at once', async (t) => {
    const master = await Master.start(t, TWO);
    const { workers } = master;
    assert.equal(workers.length, 2);
    const unix = await connect({ path: master.path('imap.sock') });
    master.scope.after(() => unix.destroy());
    const idle = await Promise.all(Array.from({ length: 4 }, () => master.open()));
    const { wire, backend } = await master.relayed();
    master.signal('SIGTERM');
    await Promise.all([...idle, unix, wire, backend].map((peer) => peer.closed()));
    await ended(master, workers);
    for (const { received } of idle) assert.equal(received.toString('latin1'), '* OK IMAP4 ready\r\n');
    const [first, ...others] = saidSince(master, 'SIGTERM');
    assert.equal(first, '[notice] signal 15 (SIGTERM) received, exiting');
    assert.equal(others.at(-1), '[notice] exit');
    assert.deepEqual(others.slice(0, -1).sort(), workers.map(exited).sort());
    for (const pid of workers) assert.deepEqual(said(master.text, pid), ['[notice] exiting', '[notice] exit']);
  });

  test('SIGQUIT lets the sessions of every worker go on until they end, and takes no more', async (t) => {
    const master = await Master.start(t, { ...TWO, main: '' });
    const { worker } = master;
    const early = await master.open();
    const { wire, stage } = await master.relayed();
    master.signal('SIGQUIT');
    await master.quitting([worker]);
    await master.refuses();
    assert.equal(titleOf(worker), 'nginx: worker process is shutting down');
    await relays(wire);
    master.signal('SIGQUIT'); // a second one changes nothing
    await play(early, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
    await logsOut(early);
    assert.ok(existsSync(master.path('nginx.pid')));
    assert.ok(isRunning(worker));
    await logsOut(wire);
    await ended(master, [worker]);
    assert.deepEqual(said(master.text, worker), [
      '[notice] gracefully shutting down',
      '[notice] exiting',
      '[notice] exit',
    ]);
    const quit = '[notice] signal 3 (SIGQUIT) received, shutting down';
    assert.deepEqual(saidSince(master, 'SIGQUIT'), [quit, quit, exited(worker), '[notice] exit']);
  });

  test('SIGINT during a graceful stop makes it a fast one', async (t) => {
    const master = await Master.start(t, { logLevel: 'notice' });
    const { worker } = master;
    const { wire } = await master.relayed();
    master.signal('SIGQUIT');
    await master.quitting([worker]);
    await relays(wire);
    master.signal('SIGINT');
    await wire.closed();
    await ended(master, [worker]);
    assert.equal(saidSince(master, 'SIGQUIT')[1], '[notice] signal 2 (SIGINT) received, exiting');
  });

  test('a worker that does not answer is killed in the end; a pid file that is gone by then is an alert', async (t) => {
    const master = await Master.start(t, { ...TWO, allow: /exited on signal 9|unlink/ });
    const [stuck = 0, other = 0] = master.workers;
    process.kill(stuck, 'SIGSTOP');
    rmSync(master.path('nginx.pid'));
    master.signal('SIGTERM');
    await ended(master, [stuck, other]);
    assert.deepEqual(saidSince(master, 'SIGTERM'), [
      '[notice] signal 15 (SIGTERM) received, exiting',
      exited(other),
      `[alert] worker process ${stuck} exited on signal 9`,
      `[alert] unlink() "${master.path('nginx.pid')}" failed (2: No such file or directory)`,
      '[notice] exit',
    ]);
  });
});

describe('SIGUSR1', { concurrency: 2 }, () => {
  test('every process goes on in new files, which the workers can open', async (t) => {
    const blocks = { imap: { protocol: 'imap', conf: 'error_log @DIR@/imap.log info;' } } as const;
    const master = await Master.start(t, { ...TWO, blocks });
    chmodSync(master.server.dir, 0o755); // workers are somebody else
    const { workers } = master;
    for (const name of ['error.log', 'imap.log']) renameSync(master.path(name), master.path(`${name}.1`));
    master.signal('SIGUSR1');
    const old = master.logFile('error.log.1');
    for (const pid of workers) await old.wait(new RegExp(`\\] ${pid}#\\d+: reopening logs\\n`));
    for (const pid of workers) assert.deepEqual(said(old.text(), pid), ['[notice] reopening logs']);
    assert.deepEqual(said(old.text(), master.pid).slice(-2), [
      '[notice] signal 10 (SIGUSR1) received, reopening logs',
      '[notice] reopening logs',
    ]);
    (await master.open()).destroy();
    await master.logFile('imap.log').wait(/ connected to /);
    assert.doesNotMatch(master.logFile('imap.log.1').text(), / connected to /);
    master.signal('SIGQUIT');
    await master.server.exited;
    for (const pid of workers) {
      assert.deepEqual(said(master.text, pid), [
        '[notice] gracefully shutting down',
        '[notice] exiting',
        '[notice] exit',
      ]);
    }
    assert.equal(said(master.text, master.pid).at(-1), '[notice] exit');
  });

  test("as root, the new files are the workers'", { skip: notRoot() ?? false }, async (t) => {
    const blocks = { imap: { protocol: 'imap', conf: 'error_log @DIR@/imap.log info;' } } as const;
    const master = await Master.start(t, { blocks, logLevel: 'notice', main: 'user nobody nogroup;' });
    chmodSync(master.server.dir, 0o755);
    const { worker } = master;
    const uid = Number(statusOf(worker, 'Uid')?.split('\t')[0]);
    assert.notEqual(uid, 0);
    renameSync(master.path('error.log'), master.path('error.log.1'));
    chownSync(master.path('imap.log'), 0, 0); // this one was not rotated
    chmodSync(master.path('imap.log'), 0o400);
    master.signal('SIGUSR1');
    await master.logFile('error.log.1').wait(new RegExp(`\\] ${worker}#\\d+: reopening logs\\n`));
    for (const [name, mode] of [
      ['error.log', 0o644],
      ['imap.log', 0o600],
    ] as const) {
      const stat = statSync(master.path(name));
      assert.deepEqual([stat.uid, stat.mode & 0o777], [uid, mode], name);
    }
    await master.open();
    await master.logFile('imap.log').wait(/ connected to /);
  });

  test('a worker by itself reopens its own', async (t) => {
    const master = await Master.start(t, { logLevel: 'info' });
    chmodSync(master.server.dir, 0o755);
    const { worker } = master;
    renameSync(master.path('error.log'), master.path('error.log.1'));
    writeFileSync(master.path('error.log'), '');
    chmodSync(master.path('error.log'), 0o666);
    process.kill(worker, 'SIGUSR1');
    const old = master.logFile('error.log.1');
    await old.wait(/ reopening logs\n/);
    await master.open();
    await master.server.waitLog(/ connected to /);
    master.signal('SIGWINCH');
    await old.wait(/SIGWINCH/);
    assert.deepEqual(said(old.text(), worker), [
      '[notice] signal 10 (SIGUSR1) received, reopening logs',
      '[notice] reopening logs',
    ]);
  });
});

describe('signals to a worker', { concurrency: 2 }, () => {
  test('one that ends it ends its sessions, at once or when they are over, and another worker takes its place', async (t) => {
    const master = await Master.start(t, { logLevel: 'notice' });
    for (const [name, records] of [
      ['SIGTERM', ['signal 15 (SIGTERM) received, exiting']],
      ['SIGINT', ['signal 2 (SIGINT) received, exiting']],
      ['SIGQUIT', ['signal 3 (SIGQUIT) received, shutting down', 'gracefully shutting down']],
    ] as const) {
      const { worker } = master;
      const { wire } = await master.relayed();
      process.kill(worker, name);
      if (name === 'SIGQUIT') {
        await master.quitting([worker]);
        await relays(wire);
        await logsOut(wire);
      } else await wire.closed();
      await master.server.waitLog(new RegExp(` ${worker} exited with code 0\\n[\\s\\S]*start worker process`));
      assert.deepEqual(
        said(master.text, worker),
        [...records, 'exiting', 'exit'].map((record) => `[notice] ${record}`),
      );
      (await master.open()).destroy();
    }
    assert.equal(workersIn(master.text).length, 4);
  });

  test('SIGHUP and SIGUSR2 are ignored; SIGWINCH in the foreground means nothing, to the master neither', async (t) => {
    const master = await Master.start(t, { logLevel: 'notice' });
    const { worker } = master;
    for (const name of ['SIGHUP', 'SIGUSR2', 'SIGWINCH'] as const) {
      process.kill(worker, name);
      await master.server.waitLog(new RegExp(`\\] ${worker}#\\d+: signal \\d+ \\(${name}\\) received`));
    }
    master.signal('SIGWINCH');
    await master.server.waitLog(new RegExp(`\\] ${master.pid}#\\d+: signal 28 \\(SIGWINCH\\) received`));
    assert.equal(await master.capability(), 'IMAP4 IMAP4rev1 UIDPLUS');
    assert.deepEqual(said(master.text, worker), [
      '[notice] signal 1 (SIGHUP) received, ignoring',
      '[notice] signal 12 (SIGUSR2) received, ignoring',
      '[notice] signal 28 (SIGWINCH) received',
    ]);
    assert.deepEqual(saidSince(master, 'SIGWINCH'), ['[notice] signal 28 (SIGWINCH) received']);
    assert.equal(master.worker, worker);
  });

  test('SIGALRM, SIGIO and SIGSYS end nobody', async (t) => {
    const master = await Master.start(t, { logLevel: 'notice' });
    const { worker } = master;
    for (const pid of [master.pid, worker]) {
      for (const name of ['SIGSYS', 'SIGALRM', 'SIGIO'] as const) process.kill(pid, name);
      await master.server.waitLog(new RegExp(`\\] ${pid}#\\d+: signal 29 \\(SIGIO\\) received`));
      await master.server.waitLog(new RegExp(`\\] ${pid}#\\d+: signal 14 \\(SIGALRM\\) received\\n`));
    }
    assert.equal(await master.capability(), 'IMAP4 IMAP4rev1 UIDPLUS');
    assert.equal(master.worker, worker);
    assert.match(master.text, new RegExp(`\\] ${worker}#\\d+: signal 29 \\(SIGIO\\) received, ignoring\\n`));
  });

  test('SIGWINCH ends a worker in the background, with an alert; it does not matter what a reload says', async (t) => {
    const daemon = await Daemon.start(t);
    daemon.edit('# here', 'daemon off; # here');
    const [first = 0] = daemon.workers;
    process.kill(daemon.pid, 'SIGHUP');
    await gone(first);
    const [worker = 0] = daemon.workers;
    process.kill(worker, 'SIGWINCH');
    await gone(worker);
    assert.deepEqual(daemon.said(worker), [
      '[notice] signal 28 (SIGWINCH) received, shutting down',
      '[notice] gracefully shutting down',
      '[notice] exiting',
      '[alert] aborting',
      '[notice] exit',
    ]);
    await until(() => daemon.workers.length === 1, 'another worker');
    const [last = 0] = daemon.workers;
    process.kill(daemon.pid, 'SIGWINCH');
    const exited = `[notice] worker process ${last} exited with code 0`;
    await until(() => daemon.said(daemon.pid).includes(exited), 'the record of the last worker');
    assert.equal(daemon.workers.length, 0);
    const records = daemon.said(daemon.pid);
    assert.equal(
      records[records.indexOf(exited) - 1],
      '[notice] signal 28 (SIGWINCH) received, stop accepting connections',
    );
  });
});
