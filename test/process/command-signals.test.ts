// -s without a process to signal, and the configurations that must not start.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Child } from '../support/children.ts';
import { listen } from '../support/fake-auth.ts';
import { LogFile } from '../support/log-file.ts';
import { CommandFolder, type Outcome, plainRecords } from '../support/mail-spec/command.ts';
import { ownAddress } from '../support/ports.ts';
import { postern } from '../support/target.ts';
import { connect } from '../support/wire.ts';

const conf = (listens: string): string =>
  `events {}\nmail { auth_http 127.0.0.1:9; server { ${listens} protocol imap; } }\n`;
const GOOD = { 'conf/nginx.conf': conf('listen unix:$DIR/imap.sock;') };
const FILE = '$DIR/conf/nginx.conf';
const failure = (stderr: string): Outcome => ({ code: 1, stdout: '', stderr });

describe('-s', { concurrency: 3 }, () => {
  for (const signal of ['stop', 'quit', 'reopen', 'reload']) {
    test(`${signal} without a pid file`, async (t) => {
      const folder = new CommandFolder(t, GOOD);
      const text = 'open() "$DIR/logs/nginx.pid" failed (2: No such file or directory)';
      assert.deepEqual(await folder.run('-p', '$DIR', '-s', signal), failure(`nginx: [error] ${text}\n`));
      assert.deepEqual(plainRecords(folder.read('logs/error.log')), [
        '[notice] signal process started',
        `[error] ${text}`,
      ]);
    });
  }

  for (const [content, shown] of [
    ['', ''],
    ['\r\n', ''],
    ['0\n', '0'],
    ['12x\n', '12x'],
    ['-5', '-5'],
  ] as const) {
    test(`stop with ${JSON.stringify(content)} in the pid file`, async (t) => {
      const folder = new CommandFolder(t, { ...GOOD, 'logs/nginx.pid': content });
      const text = `nginx: [error] invalid PID number "${shown}" in "$DIR/logs/nginx.pid"\n`;
      assert.deepEqual(await folder.run('-p', '$DIR', '-sstop'), failure(text));
    });
  }

  test('stop and quit for a process that is gone', async (t) => {
    const folder = new CommandFolder(t, { ...GOOD, 'logs/nginx.pid': '99999999\n' });
    const text = (n: number): string => `nginx: [alert] kill(99999999, ${n}) failed (3: No such process)\n`;
    assert.deepEqual(await folder.run('-p', '$DIR', '-s', 'stop'), failure(text(15)));
    assert.deepEqual(await folder.run('-p', '$DIR', '-s', 'quit'), failure(text(3)));
  });

  test('stop with a mistake in the configuration', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': 'foo;\n' });
    const text = `nginx: [emerg] unknown directive "foo" in ${FILE}:1\n`;
    assert.deepEqual(await folder.run('-p', '$DIR', '-s', 'stop'), failure(text));
  });

  test('stop with too few connections for the sockets of mail and http together', async (t) => {
    const http = 'http { server { listen unix:$DIR/http.sock; return 204; } }';
    const text = `${conf('listen unix:$DIR/imap.sock;').replace('events {}', 'events { worker_connections 1; }')}${http}`;
    const folder = new CommandFolder(t, { 'conf/nginx.conf': text, 'logs/nginx.pid': '99999999\n' });
    const why = 'nginx: [emerg] 1 worker_connections are not enough for 2 listening sockets\n';
    assert.deepEqual(await folder.run('-p', '$DIR', '-s', 'stop'), failure(why));
  });

  test('stop with -t tests only', async (t) => {
    const folder = new CommandFolder(t, { ...GOOD, 'logs/nginx.pid': '99999999\n' });
    const { code, stderr } = await folder.run('-p', '$DIR', '-ts', 'stop');
    assert.deepEqual([code, stderr.includes('test is successful'), stderr.includes('kill')], [0, true, false]);
  });
});

describe('what does not start', { concurrency: 3 }, () => {
  test('a configuration that includes itself', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': `${conf('listen unix:$DIR/x;')}include nginx.conf;\n` });
    const { code, stdout, stderr } = await folder.run('-p', '$DIR', '-t');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^nginx: \[emerg\] .* in \$DIR\/conf\/nginx\.conf:\d+\nnginx: configuration file \$DIR\/conf\/nginx\.conf test failed\n$/,
    );
  });

  test('two configurations that include each other', async (t) => {
    const folder = new CommandFolder(t, {
      'conf/nginx.conf': 'events {}\ninclude *.inc;\n',
      'conf/a.inc': 'include b.inc;\n',
      'conf/b.inc': 'include a.inc;\n',
    });
    const { code, stderr } = await folder.run('-p', '$DIR', '-t');
    assert.equal(code, 1);
    assert.match(stderr, /^nginx: \[emerg\] .* in \$DIR\/conf\/[ab]\.inc:1\n/);
  });

  test('a log that cannot be opened', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': `error_log no/e.log;\n${conf('listen unix:$DIR/x;')}` });
    const text = 'nginx: [emerg] open() "$DIR/no/e.log" failed (2: No such file or directory)\n';
    assert.deepEqual(await folder.run('-p', '$DIR'), failure(text));
  });

  test('an address of somebody else, for -t too', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': conf('listen 192.0.2.1:143;') });
    const text = 'nginx: [emerg] bind() to 192.0.2.1:143 failed (99: Cannot assign requested address)\n';
    assert.deepEqual(await folder.run('-p', '$DIR'), failure(text));
    const { code, stderr } = await folder.run('-p', '$DIR', '-t');
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `nginx: the configuration file ${FILE} syntax is ok\n${text}nginx: configuration file ${FILE} test failed\n`,
    );
  });

  test('a unix socket in a folder that is not there', async (t) => {
    const folder = new CommandFolder(t, { 'conf/nginx.conf': conf('listen unix:$DIR/no/imap.sock;') });
    const text = 'nginx: [emerg] bind() to unix:$DIR/no/imap.sock failed (2: No such file or directory)\n';
    assert.deepEqual(await folder.run('-p', '$DIR'), failure(text));
  });

  test('addresses in use: five rounds, in the log and on the standard error; -t does not mind', async (t) => {
    const host = ownAddress();
    const taken = createServer();
    const port = await listen(taken, host, 0);
    t.after(() => taken.close());
    const folder = new CommandFolder(t, {
      'conf/nginx.conf': conf(`listen ${host}:${port}; listen unix:$DIR/stale.sock;`),
      'stale.sock': '',
    });
    assert.equal((await folder.run('-p', '$DIR', '-t')).code, 0);

    const binds = [
      `[emerg] bind() to ${host}:${port} failed (98: Address already in use)`,
      '[emerg] bind() to unix:$DIR/stale.sock failed (98: Address already in use)',
    ];
    const last = '[emerg] still could not bind()';
    const rounds = Array.from({ length: 5 }, () => binds).flat();
    const { code, stdout, stderr } = await folder.run(
      '-p',
      '$DIR',
      '-e',
      'e.log',
      '-g',
      'error_log logs/x.log notice;',
    );
    assert.deepEqual([code, stdout], [1, '']);
    assert.deepEqual(
      stderr.split('\n').slice(0, -1),
      [...rounds, last].map((line) => `nginx: ${line}`),
    );
    const tries = rounds.flatMap((line, i) =>
      i % 2 === 0 ? [line] : [line, '[notice] try again to bind() after 500ms'],
    );
    assert.deepEqual(plainRecords(folder.read('logs/x.log')), [...tries, last]);
    assert.equal(folder.read('stale.sock'), '');
    assert.equal(folder.read('logs/nginx.pid'), '');
  });

  test('an address that gets free in time is no reason not to start', async (t) => {
    const host = ownAddress();
    const taken = createServer();
    const port = await listen(taken, host, 0);
    t.after(() => taken.close());
    const folder = new CommandFolder(t, { 'conf/nginx.conf': conf(`listen ${host}:${port};`) });
    const globals = `${postern.globals} error_log logs/x.log notice;`;
    const child = new Child(postern.command, [...postern.args, '-p', folder.dir, '-g', globals]);
    t.after(() => child.stop());
    await new LogFile(join(folder.dir, 'logs/x.log')).wait(/try again to bind\(\) after 500ms\n/);
    taken.close();
    await new LogFile(join(folder.dir, 'logs/nginx.pid')).wait(/^\d+\n/);
    const wire = await connect({ host, port });
    await wire.expectLine('* OK IMAP4 ready\r\n');
    wire.destroy();
    assert.deepEqual(await child.stop(['SIGQUIT']), { code: 0, signal: null });
  });
});
