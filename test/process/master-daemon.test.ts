// The daemon: how it goes to the background, what -s does to it, and what a test of the configuration beside it does not.
import assert from 'node:assert/strict';
import { existsSync, readlinkSync, renameSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { run } from '../support/children.ts';
import { Daemon, GREETING } from '../support/daemon.ts';
import { said, workersIn } from '../support/master.ts';
import { gone, isRunning, statOf, statusOf, titleOf } from '../support/processes.ts';
import { notRoot } from '../support/programs.ts';
import { postern } from '../support/target.ts';
import { connect } from '../support/wire.ts';

describe('in the background', { concurrency: 3 }, () => {
  test('the command ends with 0 when connections are served; the daemon has left its session and its streams', async (t) => {
    const daemon = await Daemon.start(t, 'worker_processes 2;');
    const wire = await connect({ host: daemon.host, port: daemon.port });
    await wire.expectLine(GREETING);
    wire.destroy();
    const { pid } = daemon;
    const [, parent, , session] = statOf(pid);
    assert.notEqual(Number(parent), process.pid);
    assert.equal(Number(session), pid);
    assert.equal(statusOf(pid, 'Umask'), '0000');
    assert.equal(readlinkSync(`/proc/${pid}/cwd`), process.cwd());
    const stream = (n: number): string => readlinkSync(`/proc/${pid}/fd/${n}`);
    assert.deepEqual([stream(0), stream(1), stream(2)], ['/dev/null', '/dev/null', daemon.log.path]);
    assert.equal(daemon.workers.length, 2);
    for (const worker of daemon.workers) assert.equal(Number(statOf(worker)[1]), pid);
    assert.equal(statSync(daemon.path('logs/nginx.pid')).mode & 0o777, 0o644);
  });

  test('titles tell the master and its workers, however the command was called', async (t) => {
    const daemon = await Daemon.prepare(t);
    // By the first line of the script, as from PATH.
    const { code } = await run(postern.args[0] ?? '', ['-p', daemon.folder.dir, '-g', 'pid logs/nginx.pid;']);
    assert.equal(code, 0);
    assert.equal(titleOf(daemon.pid), `nginx: master process postern -p ${daemon.folder.dir} -g pid logs/nginx.pid;`);
    for (const worker of daemon.workers) assert.equal(titleOf(worker), 'nginx: worker process');
  });

  test('what keeps it from starting is said by the command, which ends with 1', async (t) => {
    const daemon = await Daemon.prepare(t);
    daemon.edit('protocol imap;', 'protocol imap; listen 192.0.2.1:143;');
    const stderr = 'nginx: [emerg] bind() to 192.0.2.1:143 failed (99: Cannot assign requested address)\n';
    assert.deepEqual(await daemon.command(), { code: 1, stdout: '', stderr });
    assert.deepEqual(daemon.processes, []);
    assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
    assert.equal(existsSync(daemon.path('imap.sock')), false);
  });

  test('SIGWINCH sends the workers away; who connects waits for SIGHUP to bring new ones', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid, workers } = daemon;
    const early = await daemon.open();
    process.kill(pid, 'SIGWINCH');
    await daemon.log.wait(
      /signal 28 \(SIGWINCH\) received, stop accepting connections\n[\s\S]*gracefully shutting down/,
    );
    const waiting = await connect({ host: daemon.host, port: daemon.port });
    daemon.scope.after(() => waiting.destroy());
    await early.send('a LOGOUT\r\n');
    await early.match(/a OK completed\r\n/);
    early.destroy();
    await gone(...workers);
    assert.ok(isRunning(pid));
    assert.equal(waiting.receivedBytes, 0);
    daemon.edit('ONE', 'TWO');
    process.kill(pid, 'SIGHUP');
    await waiting.expectLine(GREETING);
    assert.equal(await daemon.capability(), 'TWO');
    assert.equal(daemon.pid, pid);
  });
});

describe('-s', { concurrency: 3 }, () => {
  const SILENT = { code: 0, stdout: '', stderr: '' };

  test('reload, reopen and quit', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid, workers } = daemon;
    daemon.edit('ONE', 'TWO');
    assert.deepEqual(await daemon.command('-s', 'reload'), SILENT);
    await gone(...workers);
    assert.equal(await daemon.capability(), 'TWO');
    renameSync(daemon.log.path, `${daemon.log.path}.1`);
    assert.deepEqual(await daemon.command('-s', 'reopen'), SILENT);
    await daemon.file('logs/error.log.1').wait(/ reopening logs\n[\s\S]* reopening logs\n/);
    const early = await daemon.open();
    assert.deepEqual(await daemon.command('-s', 'quit'), SILENT);
    await daemon.log.wait(/shutting down/);
    assert.ok(isRunning(pid));
    await early.send('a LOGOUT\r\n');
    await early.match(/a OK completed\r\n/);
    early.destroy();
    await gone(pid);
    assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
    assert.deepEqual(daemon.processes, []);
  });

  test('stop', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const wire = await daemon.open();
    assert.deepEqual(await daemon.command('-s', 'stop'), SILENT);
    await wire.closed();
    await gone(pid);
    assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
  });
});

describe('a reload', { concurrency: 3 }, () => {
  test('can move the log and the pid file; the old worker goes on in its own log', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid, workers } = daemon;
    const early = await daemon.open();
    daemon.edit('logs/error.log info;', 'logs/new.log info; pid logs/new.pid;');
    process.kill(pid, 'SIGHUP');
    const log = daemon.file('logs/new.log');
    await daemon.log.wait(/gracefully shutting down\n/);
    assert.equal(daemon.file('logs/new.pid').text(), `${pid}\n`);
    assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
    await early.send('a LOGOUT\r\n');
    await early.match(/a OK completed\r\n/);
    early.destroy();
    await gone(...workers);
    (await daemon.open()).destroy();
    await log.wait(/ connected to /);
    const [old] = workers;
    assert.ok(old !== undefined);
    await log.wait(new RegExp(` worker process ${old} exited with code 0\n`));
    assert.match(daemon.log.text(), new RegExp(`\\] ${old}#\\d+: exit\n`));
    assert.doesNotMatch(log.text(), new RegExp(`\\] ${old}#`));
    assert.match(log.text(), /^\S+ \S+ \[notice\] \d+#\d+: using the "epoll" event method\n/);
    assert.equal((await daemon.command('-s', 'stop')).code, 0);
    await gone(pid);
    assert.equal(existsSync(daemon.path('logs/new.pid')), false);
  });

  test('with another log: what is new is in the new one', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    const before = daemon.said(pid).length;
    daemon.edit('logs/error.log info;', 'logs/new.log info;');
    process.kill(pid, 'SIGHUP');
    const log = daemon.file('logs/new.log');
    await log.wait(/ exited with code 0\n/);
    const [worker] = workersIn(log.text());
    assert.deepEqual(said(log.text(), pid).slice(0, 3), [
      '[notice] using the "epoll" event method',
      '[notice] start worker processes',
      `[notice] start worker process ${worker}`,
    ]);
    assert.deepEqual(daemon.said(pid).slice(before), [
      '[notice] signal 1 (SIGHUP) received, reconfiguring',
      '[notice] reconfiguring',
    ]);
  });

  test('whose workers do not come up leaves the pid file where it is', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    daemon.edit('# here', `pid logs/new.pid; working_directory ${daemon.path('no')};`);
    process.kill(pid, 'SIGHUP');
    await daemon.log.wait(/ the new worker processes did not come up, the old configuration stays\n/);
    assert.equal(daemon.pid, pid);
    assert.equal(existsSync(daemon.path('logs/new.pid')), false);
    assert.equal(await daemon.capability(), 'ONE');
  });

  test('with a log that is not there to be opened leaves the pid file where it is', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid } = daemon;
    daemon.edit('logs/error.log info;', 'no/new.log info; pid logs/new.pid;');
    process.kill(pid, 'SIGHUP');
    await daemon.log.wait(/\[emerg\] .*open\(\) ".*no\/new\.log" failed \(2: No such file or directory\)\n/);
    assert.equal(daemon.pid, pid);
    assert.equal(existsSync(daemon.path('logs/new.pid')), false);
  });
});

describe('-t beside a daemon', { concurrency: 2 }, () => {
  const OK =
    'nginx: the configuration file $DIR/conf/nginx.conf syntax is ok\nnginx: configuration file $DIR/conf/nginx.conf test is successful\n';
  const FAILED = 'nginx: configuration file $DIR/conf/nginx.conf test failed\n';
  type Mistake = readonly [from: string, to: string, text: string];
  const OF_ROOT: Mistake = [
    '# here',
    'user no_such_user;',
    '[emerg] getpwnam("no_such_user") failed in $DIR/conf/nginx.conf:1',
  ];
  const MISTAKES: readonly Mistake[] = [
    ['protocol imap;', 'protocol imap; foo;', '[emerg] unknown directive "foo" in $DIR/conf/nginx.conf:5'],
    ['# here', 'pid no/x.pid;', '[emerg] open() "$DIR/no/x.pid" failed (2: No such file or directory)'],
    ...(notRoot() === undefined ? [OF_ROOT] : []),
    ['# here', 'error_log no/x.log;', '[emerg] open() "$DIR/no/x.log" failed (2: No such file or directory)'],
  ];

  test('finds mistakes, and changes nothing', async (t) => {
    const daemon = await Daemon.start(t);
    const { pid, workers } = daemon;
    const wire = await daemon.open();
    const socket = statSync(daemon.path('imap.sock')).ino;
    const before = daemon.said(pid);
    assert.deepEqual(await daemon.command('-t'), { code: 0, stdout: '', stderr: OK });
    for (const [from, to, text] of MISTAKES) {
      daemon.edit(from, to);
      const { code, stderr } = await daemon.command('-tq');
      assert.deepEqual([code, stderr], [1, `nginx: ${text}\n${FAILED}`]);
      daemon.edit(to, from);
    }
    assert.equal(daemon.pid, pid);
    assert.deepEqual(daemon.workers, workers);
    assert.deepEqual(daemon.said(pid), before);
    assert.equal(statSync(daemon.path('imap.sock')).ino, socket);
    const unix = await connect({ path: daemon.path('imap.sock') });
    await unix.expectLine(GREETING);
    unix.destroy();
    await wire.send('a NOOP\r\n');
    await wire.expectLine('a OK completed\r\n');
    wire.destroy();
  });
});
