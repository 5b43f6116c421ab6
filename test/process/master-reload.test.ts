// SIGHUP: a good configuration takes the place of the old one without a connection lost; a bad one changes nothing.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { play } from '../support/mail-spec/transcript.ts';
import { logsOut, Master, relays, said, workersIn } from '../support/master.ts';
import { gone, isRunning, until } from '../support/processes.ts';
import { notRoot } from '../support/programs.ts';
import { pem, visit } from '../support/tls.ts';
import { connect } from '../support/wire.ts';

const ONE = { main: 'worker_processes 1;', conf: 'imap_capabilities ONE;', logLevel: 'notice' } as const;
const HUP = '[notice] signal 1 (SIGHUP) received, reconfiguring';
const RECONFIGURING = '[notice] reconfiguring';
const QUITTING = ['[notice] gracefully shutting down', '[notice] exiting', '[notice] exit'];

/** What the master has said since it said so many records. */
const saidSince = (master: Master, count: number): readonly string[] => said(master.text, master.pid).slice(count);

describe('a good configuration', { concurrency: 3 }, () => {
  test('sessions stay with the old worker and the old configuration until they end; new ones have the new', async (t) => {
    const master = await Master.start(t, ONE);
    const { worker: old } = master;
    const before = said(master.text, master.pid).length;
    const { wire, stage } = await master.relayed();
    const early = await master.open();
    master.edit('ONE', 'TWO');
    master.edit('"of the arena"', '"of the new one"');
    await master.reload();
    assert.equal(await master.capability(), 'TWO');
    await relays(wire);
    await play(early, ['C: a CAPABILITY', 'S: * CAPABILITY ONE AUTH=PLAIN', 'S: a OK completed']);
    await play(early, [`C: b LOGIN ${stage.user} secret`, 'S: b OK logged in']);
    assert.equal(stage.requests[1]?.header('X-Proxy-Key'), 'of the arena');
    await logsOut(early);
    assert.ok(isRunning(old));
    await logsOut(wire);
    await master.server.waitLog(new RegExp(` worker process ${old} exited with code 0\n`));
    assert.deepEqual(said(master.text, old), QUITTING);
    assert.deepEqual(saidSince(master, before), [
      HUP,
      RECONFIGURING,
      '[notice] using the "epoll" event method',
      '[notice] start worker processes',
      `[notice] start worker process ${master.worker}`,
      `[notice] worker process ${old} exited with code 0`,
    ]);
  });

  test('old workers of several generations leave one by one, as their sessions end', async (t) => {
    const master = await Master.start(t, ONE);
    const sessions = [];
    for (let i = 0; i < 2; i++) {
      const worker = master.workers.at(-1) ?? 0;
      sessions.push({ worker, wire: (await master.relayed()).wire });
      await master.reload();
    }
    assert.equal(master.workers.length, 3);
    for (const { worker, wire } of sessions.reverse()) {
      await relays(wire);
      assert.ok(isRunning(worker));
      await logsOut(wire);
      await gone(worker);
    }
    assert.equal(master.workers.length, 1);
  });

  test('worker_shutdown_timeout cuts relays of the old worker, and nothing before the login', async (t) => {
    const main = 'worker_shutdown_timeout 100ms;';
    const master = await Master.start(t, { ...ONE, main, logLevel: 'info' });
    const { worker: old } = master;
    const early = await master.open();
    const { wire, backend, stage } = await master.relayed();
    await master.reload();
    await Promise.all([wire.closed(), backend.closed()]);
    await master.server.waitLog(/ shutdown timeout while proxying/);
    const cut = `shutdown timeout while proxying${master.arena.suffix('imap', stage.user, stage.upstream)}\n`;
    assert.ok(master.text.includes(cut), cut);
    await play(early, ['C: a LOGOUT', 'S: * BYE', 'S: a OK completed', '--']);
    early.destroy();
    await gone(old);
  });

  test('another number of workers', async (t) => {
    const master = await Master.start(t, ONE);
    const old = master.workers;
    for (const count of [0, 2]) {
      master.edit(/worker_processes \d/, `worker_processes ${count}`);
      const before = workersIn(master.text).length;
      master.signal('SIGHUP');
      await until(() => workersIn(master.text).length === before + count, `${count} workers`);
      await gone(...workersIn(master.text).slice(0, before));
      await until(() => master.workers.length === count, `${count} workers`);
    }
    assert.equal(await master.capability(), 'ONE');
    assert.deepEqual(old.filter(isRunning), []);
  });

  test('another certificate is shown at once', async (t) => {
    const master = await Master.start(t, {
      ...ONE,
      conf: 'ssl_certificate @DIR@/mail.pem; ssl_certificate_key @DIR@/mail.key;',
      files: { 'mail.pem': pem('server-ec.pem'), 'mail.key': pem('server-ec.key') },
      blocks: { imap: { protocol: 'imap', listen: '@imap@ ssl' } },
    });
    const { host, port } = master.server.at('imap');
    const shown = async (): Promise<string> => {
      const { socket } = await visit(master.scope, port, { host });
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    assert.equal(await shown(), new X509Certificate(pem('server-ec.pem')).fingerprint256);
    writeFileSync(master.path('mail.pem'), pem('server-rsa.pem'));
    writeFileSync(master.path('mail.key'), pem('server-rsa.key'));
    await master.reload();
    assert.equal(await shown(), new X509Certificate(pem('server-rsa.pem')).fingerprint256);
  });

  test('eight SIGHUPs in a row end with the last configuration', async (t) => {
    const master = await Master.start(t, ONE);
    const { wire } = await master.relayed();
    const { worker: first } = master;
    for (let i = 0; i < 8; i++) {
      master.edit(/imap_capabilities \w+/, `imap_capabilities N${i}`);
      master.signal('SIGHUP');
    }
    while ((await master.capability()) !== 'N7');
    await relays(wire);
    await until(() => master.workers.length === 2, 'the end of the workers in between');
    assert.equal(master.workers[0], first);
    await logsOut(wire);
    await gone(first);
    assert.equal(await master.capability(), 'N7');
  });

  for (const name of ['SIGTERM', 'SIGQUIT'] as const) {
    test(`${name} in the middle of a reload ends the old workers and the new`, async (t) => {
      const master = await Master.start(t, ONE);
      const { worker } = master;
      master.signal('SIGHUP');
      await master.server.waitLog(new RegExp(`start worker process ${worker}\n[\\s\\S]*start worker process `));
      master.signal(name);
      assert.deepEqual(await master.server.exited, { code: 0, signal: null });
      assert.deepEqual(master.workers, []);
      assert.equal(existsSync(master.path('nginx.pid')), false);
    });
  }
});

describe('listeners', { concurrency: 3 }, () => {
  test('new ones are opened, those that are not wanted any more are closed, the others are never', async (t) => {
    const master = await Master.start(t, { ...ONE, main: '# @more@' });
    const { host, port } = master.server.at('more');
    const path = master.path('imap.sock');
    const unix = `listen unix:${path};`;
    await assert.rejects(connect({ host, port }), { code: 'ECONNREFUSED' });
    master.edit(unix, `listen ${host}:${port};`);
    await master.reload();
    const wire = await connect({ host, port });
    await wire.expectLine('* OK IMAP4 ready\r\n');
    wire.destroy();
    assert.equal(await master.capability(), 'ONE');
    assert.equal(existsSync(path), false);
    assert.ok(said(master.text, master.pid).includes(`[warn] deleting socket ${path}`));
    master.edit(`listen ${host}:${port};`, unix);
    await master.reload();
    await master.refuses('more');
    (await connect({ path })).destroy();
  });

  test('a connection that nobody has accepted yet is served by the new worker', async (t) => {
    const master = await Master.start(t, ONE);
    const { worker: old } = master;
    process.kill(old, 'SIGSTOP');
    const waiting = await master.server.connect('imap');
    master.scope.after(() => waiting.destroy());
    master.edit('ONE', 'TWO');
    master.signal('SIGHUP');
    await waiting.expectLine('* OK IMAP4 ready\r\n');
    await play(waiting, ['C: a CAPABILITY', 'S: * CAPABILITY TWO AUTH=PLAIN', 'S: a OK completed']);
    process.kill(old, 'SIGCONT');
    await gone(old);
  });
});

interface Mistake {
  readonly words: string;
  readonly from: string;
  readonly to: string;
  readonly record: string;
}

const AT = 'in $DIR/nginx.conf';

/** What is put in the place of `# here` at the top of the file, and the record of it. */
const MISTAKES: readonly Mistake[] = [
  { words: 'a syntax error', from: '# here', to: '}', record: `[emerg] unexpected "}" ${AT}:1` },
  { words: 'an unknown directive', from: '# here', to: 'foo;', record: `[emerg] unknown directive "foo" ${AT}:1` },
  { words: 'no events block', from: 'events', to: '# events', record: '[emerg] no "events" section in configuration' },
  {
    words: 'a certificate that is not there',
    from: 'imap_capabilities ONE;',
    to: 'starttls on; ssl_certificate no.pem; ssl_certificate_key no.pem;',
    record:
      '[emerg] cannot load certificate "$DIR/no.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen($DIR/no.pem, r) error:10000080:BIO routines::no such file)',
  },
  {
    words: 'a log in a folder that is not there',
    from: '# here',
    to: 'error_log no/x.log;',
    record: '[emerg] open() "$DIR/no/x.log" failed (2: No such file or directory)',
  },
  {
    words: 'a log of a server in a folder that is not there',
    from: 'protocol imap;',
    to: 'protocol imap; error_log no/x.log;',
    record: '[emerg] open() "$DIR/no/x.log" failed (2: No such file or directory)',
  },
  {
    words: 'an address of somebody else',
    from: 'protocol imap;',
    to: 'protocol imap; listen 192.0.2.1:143;',
    record: '[emerg] bind() to 192.0.2.1:143 failed (99: Cannot assign requested address)',
  },
];

/** Anybody else is only told that the user stays. */
const OF_ROOT: Mistake = {
  words: 'a user that is not there',
  from: '# here',
  to: 'user no_such_user;',
  record: `[emerg] getpwnam("no_such_user") failed ${AT}:1`,
};

describe('a bad configuration', { concurrency: 3 }, () => {
  test('is reported in the log, and changes nothing', async (t) => {
    const main = '# here\nevents {}\n';
    const master = await Master.start(t, { ...ONE, main, allow: /emerg/, blocks: { imap: { protocol: 'imap' } } });
    const { worker } = master;
    const { wire } = await master.relayed();
    const mistakes = notRoot() === undefined ? [...MISTAKES, OF_ROOT] : MISTAKES;
    for (const { words, from, to, record } of mistakes) {
      const before = said(master.text, master.pid).length;
      master.edit(from, to);
      master.signal('SIGHUP');
      await until(() => saidSince(master, before).length >= 3, words);
      assert.deepEqual(
        saidSince(master, before),
        [HUP, RECONFIGURING, record.replaceAll('$DIR', master.server.dir)],
        words,
      );
      assert.equal(await master.capability(), 'ONE');
      master.edit(to, from);
    }
    await relays(wire);
    assert.deepEqual(workersIn(master.text), [worker]);
    assert.equal(master.server.stderr, '');
    master.edit('ONE', 'TWO');
    await master.reload();
    assert.equal(await master.capability(), 'TWO');
  });

  test('an address in use is tried five times, while the old worker goes on', async (t) => {
    const master = await Master.start(t, { ...ONE, main: 'worker_processes 1; # pid', allow: /emerg/ });
    const { worker } = master;
    const before = said(master.text, master.pid).length;
    const { host, port } = master.server.at('imap');
    // From an address to the wildcard in one step: the old socket is in the way.
    master.edit(`listen ${host}:${port}`, `listen *:${port}`);
    master.signal('SIGHUP');
    await master.server.waitLog(/try again to bind/);
    assert.equal(await master.capability(), 'ONE');
    await master.server.waitLog(/still could not bind/);
    const inUse = `[emerg] bind() to 0.0.0.0:${port} failed (98: Address already in use)`;
    const round = [inUse, '[notice] try again to bind() after 500ms'];
    const rounds = Array.from({ length: 5 }, () => round).flat();
    assert.deepEqual(saidSince(master, before), [HUP, RECONFIGURING, ...rounds, '[emerg] still could not bind()']);
    assert.equal(await master.capability(), 'ONE');
    assert.equal(master.worker, worker);
  });
});
