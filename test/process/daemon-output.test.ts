// What a daemon and the command that starts it say, and where: each thing once, and nothing gets lost.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Daemon } from '../support/daemon.ts';
import { plainRecords } from '../support/mail-spec/command.ts';
import { gone, titleOf } from '../support/processes.ts';

/** Stops the daemon. @returns what was written to the streams that the command was started with */
async function output(daemon: Daemon): Promise<{ readonly stdout: string; readonly stderr: string }> {
  // Who has its output ends with the daemon.
  const command = daemon.command();
  await daemon.file('logs/nginx.pid').wait(/^\d+\n/);
  const { pid } = daemon;
  (await daemon.open()).destroy();
  process.kill(pid, 'SIGQUIT');
  await gone(pid);
  const { code, stdout, stderr } = await command;
  assert.equal(code, 0);
  return { stdout, stderr };
}

const LIFE = /^(?:\[\w+\] .*\n)*\[notice\] start worker process \d+\n(?:\[\w+\] .*\n)*\[notice\] exit\n$/;
const plain = (text: string): string =>
  plainRecords(text)
    .map((record) => `${record}\n`)
    .join('');

describe('logs on the standard streams are those of the command that started the daemon', { concurrency: 3 }, () => {
  for (const [name, stream] of [
    ['stderr', 'stderr'],
    ['/dev/stderr', 'stderr'],
    ['/dev/stdout', 'stdout'],
  ] as const) {
    test(`error_log ${name}`, async (t) => {
      const daemon = await Daemon.prepare(t);
      daemon.edit('error_log logs/error.log info;', `error_log ${name} info;`);
      const { [stream]: text, ...others } = await output(daemon);
      assert.match(plain(text), LIFE);
      assert.deepEqual(Object.values(others), ['']);
    });
  }

  test('of a server too; what goes to a file as well is in each of them once', async (t) => {
    const daemon = await Daemon.prepare(t);
    daemon.edit('protocol imap;', 'protocol imap; error_log stderr info; error_log logs/error.log info;');
    const { stdout, stderr } = await output(daemon);
    assert.equal(stdout, '');
    assert.match(plain(stderr), /^\[info\] \*\d+ client \S+ connected to \S+\n$/);
    assert.equal(daemon.log.text().split(' connected to ').length, 2);
    assert.equal(daemon.log.text().split(' start worker processes\n').length, 2);
  });
});

describe('what is wrong with the configuration', { concurrency: 3 }, () => {
  test('a warning is told once, by the command, and stands in the log once', async (t) => {
    const daemon = await Daemon.prepare(t);
    daemon.edit('events {}', 'events { debug_connection 10.0.0.1/8; worker_connections 90000000; }');
    const { code, stderr } = await daemon.command('-e', '$DIR/start.log');
    const bits = '[warn] low address bits of 10.0.0.1/8 are meaningless in $DIR/conf/nginx.conf:2';
    const [, limit] = /exceed open file resource limit: (\d+)/.exec(stderr) ?? [];
    const files = `[warn] 90000000 worker_connections exceed open file resource limit: ${limit}`;
    assert.deepEqual([code, stderr], [0, `nginx: ${bits}\nnginx: ${files}\n`]);
    assert.deepEqual(plainRecords(daemon.folder.read('start.log')), [bits]);
    const records = daemon.log.text().split('\n').slice(0, -1);
    assert.deepEqual(
      records.filter((line) => !/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[/.test(line)),
      [],
    );
    assert.equal(plainRecords(daemon.log.text()).filter((record) => record === files).length, 1);
  });

  test('a log before the configuration that cannot be opened is an alert of the command only', async (t) => {
    const daemon = await Daemon.prepare(t);
    const { code, stderr } = await daemon.command('-e', '$DIR/no/start.log');
    const failed = 'open() "$DIR/no/start.log" failed (2: No such file or directory)';
    assert.deepEqual([code, stderr], [0, `nginx: [alert] could not open error log file: ${failed}\n`]);
    assert.doesNotMatch(daemon.log.text(), /could not open/);
  });

  test('a pid file that cannot be written ends the start before there are workers', async (t) => {
    const daemon = await Daemon.prepare(t);
    daemon.edit('# here', 'pid no/nginx.pid;');
    const failed = '[emerg] open() "$DIR/no/nginx.pid" failed (2: No such file or directory)';
    for (const mode of ['', 'daemon off;', 'master_process off;']) {
      writeFileSync(daemon.log.path, '');
      assert.deepEqual(await daemon.command('-g', mode), { code: 1, stdout: '', stderr: `nginx: ${failed}\n` }, mode);
      assert.deepEqual(plainRecords(daemon.folder.read('logs/error.log')), [failed], mode);
      assert.equal(existsSync(daemon.path('imap.sock')), false, mode);
    }
  });
});

test('without a master it goes to the background as well', async (t) => {
  const daemon = await Daemon.prepare(t, 'master_process off;');
  assert.deepEqual(await daemon.command(), { code: 0, stdout: '', stderr: '' });
  const { pid } = daemon;
  assert.match(titleOf(pid), /^nginx: /);
  assert.deepEqual(daemon.processes, [pid]);
  assert.equal(await daemon.capability(), 'ONE');
  assert.deepEqual(await daemon.command('-s', 'quit'), { code: 0, stdout: '', stderr: '' });
  await gone(pid);
  assert.equal(existsSync(daemon.path('logs/nginx.pid')), false);
});
