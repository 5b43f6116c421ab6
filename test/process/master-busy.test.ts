// Signals that come while a reload is at work: each is answered as before it or after it, never in between.
import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { Child } from '../support/children.ts';
import { Daemon } from '../support/daemon.ts';
import { inTime } from '../support/in-time.ts';
import { workersIn } from '../support/master.ts';
import { freePort } from '../support/ports.ts';
import { gone, isRunning, listens, until } from '../support/processes.ts';
import { postern } from '../support/target.ts';

/** A daemon whose reload waits for an address. @returns how to let it go on */
async function waits(daemon: Daemon, directives = ''): Promise<{ address: string; goOn: () => Promise<void> }> {
  const { host, scope } = daemon;
  const port = await freePort(host);
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen({ host, port, exclusive: true }, resolve);
  });
  const goOn = (): Promise<void> => new Promise((resolve) => other.close(() => resolve()));
  scope.after(() => (other.listening ? goOn() : undefined));
  daemon.edit('ONE', 'TWO');
  daemon.edit('protocol imap;', `protocol imap; listen ${host}:${port};`);
  if (directives !== '') daemon.edit('# here', directives);
  process.kill(daemon.pid, 'SIGHUP');
  await daemon.log.wait(/ try again to bind\(\) after 500ms\n/);
  return { address: `${host}:${port}`, goOn };
}

describe('a reload that waits for an address', { concurrency: 3 }, () => {
  for (const name of ['SIGTERM', 'SIGQUIT'] as const) {
    test(`is given up by ${name}`, async (t) => {
      const daemon = await Daemon.start(t);
      const { pid } = daemon;
      const { address, goOn } = await waits(daemon);
      process.kill(pid, name);
      await daemon.log.wait(new RegExp(`\\] ${pid}#\\d+: exit\n`));
      await goOn();
      await gone(pid);
      assert.equal(daemon.said(pid).at(-1), '[notice] exit');
      assert.equal(workersIn(daemon.log.text()).length, 1, 'no worker came after it');
      assert.deepEqual(daemon.processes, []);
      const [host = '', port = ''] = address.split(':');
      assert.equal(listens(host, Number(port)), false);
    });
  }

  test('by SIGUSR1 its log is opened anew as well', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const { goOn } = await waits(daemon);
    const old = daemon.file('logs/error.log.1');
    renameSync(daemon.log.path, old.path);
    process.kill(pid, 'SIGUSR1');
    await old.wait(/(?: reopening logs\n[\s\S]*){3}/);
    await goOn();
    await daemon.log.wait(/ worker process \d+ exited with code 0\n/);
    assert.deepEqual(
      daemon.said(pid).map((record) => record.replace(/ \d+/, ' N')),
      [
        '[notice] using the "epoll" event method',
        '[notice] start worker processes',
        '[notice] start worker process N',
        '[notice] worker process N exited with code 0',
      ],
    );
    process.kill(pid, 'SIGTERM');
    await gone(pid);
    assert.equal(daemon.said(pid).at(-1), '[notice] exit');
  });

  test('SIGWINCH sends all workers away when it is over', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const { goOn } = await waits(daemon);
    process.kill(pid, 'SIGWINCH');
    await daemon.log.wait(/ stop accepting connections\n/);
    await goOn();
    await daemon.log.wait(/(?: worker process \d+ exited with code 0\n[\s\S]*){2}/);
    assert.deepEqual(daemon.workers, []);
    assert.ok(isRunning(pid));
    process.kill(pid, 'SIGHUP');
    await until(() => daemon.workers.length === 1, 'a new worker');
    assert.equal(await daemon.capability(), 'TWO');
  });

  test('SIGUSR2 starts the new version when it is over, with the pid file where it is then', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const { goOn } = await waits(daemon, 'pid logs/two.pid; # here');
    process.kill(pid, 'SIGUSR2');
    await daemon.log.wait(/ changing binary\n/);
    await goOn();
    const two = daemon.file('logs/two.pid');
    await two.wait(new RegExp(`^(?!${pid}\n)\\d+\n`));
    assert.equal(daemon.file('logs/two.pid.oldbin').text(), `${pid}\n`);
    assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
    const young = Number(two.text());
    // And back.
    process.kill(young, 'SIGQUIT');
    await gone(young);
    await until(() => two.text() === `${pid}\n`, 'the pid file');
    assert.equal(await daemon.capability(), 'TWO');
    process.kill(pid, 'SIGQUIT');
    await gone(pid);
    assert.deepEqual([existsSync(two.path), existsSync(daemon.path('logs/two.pid.oldbin'))], [false, false]);
    assert.doesNotMatch(daemon.log.text(), /\[(?:alert|crit)\]/);
  });
});

test('SIGQUIT lets sessions go on that new workers had before the reload was over', async (t) => {
  const daemon = await Daemon.start(t);
  const { pid, workers } = daemon;
  const [old = 0] = workers;
  daemon.edit('ONE', 'TWO');
  daemon.edit('# here', 'worker_processes 2;');
  process.kill(old, 'SIGSTOP');
  process.kill(pid, 'SIGHUP');
  // One of the new ones is held up, so that the reload has to wait for it.
  await daemon.log.wait(/(?: start worker process \d+\n[\s\S]*){3}/);
  const [, , late = 0] = workersIn(daemon.log.text());
  process.kill(late, 'SIGSTOP');
  const wire = await daemon.open();
  process.kill(pid, 'SIGQUIT');
  await daemon.log.wait(/ received, shutting down\n[\s\S]* gracefully shutting down\n/);
  for (const worker of [old, late]) process.kill(worker, 'SIGCONT');
  await gone(old, late);
  await wire.send('a CAPABILITY\r\n');
  await wire.expectLine('* CAPABILITY TWO AUTH=PLAIN\r\n');
  assert.ok(isRunning(pid));
  wire.destroy();
  await gone(pid);
});

test('a signal that ends it before there is a pid file leaves no alert that this is missing', async (t) => {
  for (const name of ['SIGTERM', 'SIGQUIT'] as const) {
    const daemon = await Daemon.prepare(t, 'daemon off;');
    const child = new Child(postern.command, [...postern.args, '-p', daemon.folder.dir]);
    await daemon.log.wait(/ start worker process \d+\n/);
    child.signal(name);
    assert.deepEqual(await inTime(child.exited, 'the end of the master'), { code: 0, signal: null });
    assert.equal(daemon.said(child.pid).at(-1), '[notice] exit');
    assert.doesNotMatch(daemon.log.text(), /\[alert\]/);
  }
});
