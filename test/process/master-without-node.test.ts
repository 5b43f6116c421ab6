// A master that can start nothing any more, since Node.js is gone, or no process is to be had: it says so, and goes on.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, linkSync, renameSync } from 'node:fs';
import { describe, test } from 'node:test';
import { run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { Daemon } from '../support/daemon.ts';
import { gone, until } from '../support/processes.ts';
import { postern } from '../support/target.ts';

/** A daemon whose Node.js is its own. @returns how to take it away, and to bring it back */
async function start(t: Scope): Promise<{ daemon: Daemon; node: string; away: () => void; back: () => void }> {
  const daemon = await Daemon.prepare(t);
  const node = daemon.path('node');
  try {
    linkSync(process.execPath, node);
  } catch {
    copyFileSync(process.execPath, node); // on another file system
  }
  const { code } = await run(node, [...postern.args, '-p', daemon.folder.dir]);
  assert.equal(code, 0);
  return {
    daemon,
    node,
    away: () => renameSync(node, `${node}.away`),
    back: () => renameSync(`${node}.away`, node),
  };
}

const FORK = '[alert] fork() failed while spawning "worker process" (2: No such file or directory)';

describe('without Node.js', { concurrency: 2 }, () => {
  test('an upgrade fails with an alert, and can be tried again', async (t) => {
    const { daemon, node, away, back } = await start(t);
    const { pid } = daemon;
    away();
    process.kill(pid, 'SIGUSR2');
    await daemon.log.wait(/ execve\(\) failed .*\n/);
    assert.ok(
      daemon
        .said(pid)
        .includes(
          `[alert] execve() failed while executing new binary process "${node}" (2: No such file or directory)`,
        ),
    );
    await until(() => daemon.pid === pid, 'the pid file');
    assert.equal(existsSync(daemon.path('logs/nginx.pid.oldbin')), false);
    assert.equal(await daemon.capability(), 'ONE');
    back();
    process.kill(pid, 'SIGUSR2');
    const [, young = ''] = await daemon.log.wait(/ start new binary process (\d+)\n/);
    await daemon.file('logs/nginx.pid').wait(new RegExp(`^${young}\n`));
    process.kill(pid, 'SIGQUIT');
    await gone(pid);
    assert.equal(await daemon.capability(), 'ONE');
  });

  test('a dead worker is followed by another when that is possible again', async (t) => {
    const { daemon, away, back } = await start(t);
    const { pid, workers } = daemon;
    const [worker = 0] = workers;
    away();
    process.kill(worker, 'SIGKILL');
    await daemon.log.wait(/(?: fork\(\) failed [\s\S]*){3}/);
    back();
    await daemon.log.wait(/(?: start worker process \d+\n[\s\S]*){2}/);
    assert.equal(await daemon.capability(), 'ONE');
    assert.ok(daemon.said(pid).includes(FORK));
  });

  test('a reload fails, and the master can still be stopped', async (t) => {
    const { daemon, away } = await start(t);
    const { pid, workers } = daemon;
    away();
    daemon.edit('ONE', 'TWO');
    process.kill(pid, 'SIGHUP');
    await daemon.log.wait(/ the new worker processes did not come up, the old configuration stays\n/);
    assert.equal(await daemon.capability(), 'ONE');
    assert.deepEqual(daemon.workers, workers);
    process.kill(pid, 'SIGTERM');
    await gone(pid);
    assert.deepEqual(daemon.processes, []);
  });
});
