// config_watch: a change of what the configuration was read from reloads it, once, and a mistake changes nothing.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { LogFile } from '../support/log-file.ts';
import { plainRecords } from '../support/mail-spec/command.ts';
import { gone } from '../support/processes.ts';
import { type MailServer, type ServerOptions, startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';
import { pem, visit } from '../support/tls.ts';
import { temporaryFolder } from '../support/tmp.ts';

const WAIT_MS = 10_000;
const CONFIG = 'mail { auth_http @HOST@:9; server { listen @imap@; protocol imap; include @DIR@/mail.inc; } }';
const ONE = 'imap_capabilities ONE;\n';
const TWO = 'imap_capabilities TWO;\n';

function start(t: TestContext, options: Partial<ServerOptions> & { main?: string } = {}): Promise<MailServer> {
  const globals = `daemon off; ${options.main ?? 'config_watch on;'}`;
  return startServer(t, {
    config: CONFIG,
    files: { 'mail.inc': ONE },
    logLevel: 'notice',
    target: { ...postern, globals },
    ...options,
  });
}

/** Waits until the old workers of the reload with this number are gone. */
async function reloaded(server: MailServer, count: number): Promise<void> {
  await server.waitLog(new RegExp(`(?:worker process \\d+ exited with code 0\\n[^]*){${count}}`), WAIT_MS);
}

/** What a new connection is told. */
async function capability(server: MailServer): Promise<string> {
  const wire = await server.connect('imap');
  await wire.expectLine('* OK IMAP4 ready\r\n');
  await wire.send('a CAPABILITY\r\n');
  const line = await wire.line();
  await wire.send('b LOGOUT\r\n');
  wire.destroy();
  return line.trim();
}

/** Records of what was noticed: the names of files in the folder of the test. */
function noticed(server: MailServer): string[] {
  const pattern = /^\[notice\] config_watch: (.*) changed, reconfiguring$/;
  return plainRecords(server.log.text()).flatMap((record) => {
    const [, names] = pattern.exec(record) ?? [];
    return names === undefined ? [] : [names.replaceAll(`${server.dir}/`, '')];
  });
}

/** As editors and certbot do. */
function replace(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** Whether the process has an inotify instance with something in it. */
function watches(pid: number): boolean {
  const fds = readdirSync(`/proc/${pid}/fd`);
  return fds.some((fd) => /^inotify /m.test(attempt(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))));
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // closed meanwhile
  }
}

type Step = (folder: string) => void;

const SWAPS: readonly (readonly [name: string, prepare: Step, swap: Step])[] = [
  [
    'to another file, as in live/ of certbot',
    (folder) => {
      for (const name of ['live', 'archive']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, 'archive/mail1.inc'), ONE);
      writeFileSync(join(folder, 'archive/mail2.inc'), TWO);
      symlinkSync('../archive/mail1.inc', join(folder, 'live/mail.inc'));
    },
    (folder) => swapLink(join(folder, 'live/mail.inc'), '../archive/mail2.inc'),
  ],
  [
    'by another folder, as in volumes of Kubernetes',
    (folder) => {
      for (const [name, text] of [
        ['live/..1', ONE],
        ['live/..2', TWO],
      ] as const) {
        mkdirSync(join(folder, name), { recursive: true });
        writeFileSync(join(folder, name, 'mail.inc'), text);
      }
      symlinkSync('..1', join(folder, 'live/..data'));
      symlinkSync('..data/mail.inc', join(folder, 'live/mail.inc'));
    },
    (folder) => {
      swapLink(join(folder, 'live/..data'), '..2');
      rmSync(join(folder, 'live/..1'), { recursive: true });
    },
  ],
  [
    'to a folder that takes the place of another',
    (folder) => {
      for (const [name, text] of [
        ['live', ONE],
        ['next', TWO],
      ] as const) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'mail.inc'), text);
      }
    },
    (folder) => {
      renameSync(join(folder, 'live'), join(folder, 'old'));
      renameSync(join(folder, 'next'), join(folder, 'live'));
    },
  ],
];

function swapLink(path: string, target: string): void {
  symlinkSync(target, `${path}_tmp`);
  renameSync(`${path}_tmp`, path);
}

describe('config_watch', { concurrency: 3 }, () => {
  test('a file that is written or replaced reloads', async (t) => {
    const server = await start(t);
    const path = join(server.dir, 'mail.inc');
    assert.equal(await capability(server), '* CAPABILITY ONE AUTH=PLAIN');
    writeFileSync(path, TWO);
    await reloaded(server, 1);
    assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
    replace(path, ONE);
    await reloaded(server, 2);
    assert.equal(await capability(server), '* CAPABILITY ONE AUTH=PLAIN');
    writeFileSync(path, TWO);
    const main = join(server.dir, 'nginx.conf');
    replace(main, `${readFileSync(main, 'latin1')}# changed\n`);
    await reloaded(server, 3);
    const [first, second, both, ...more] = noticed(server);
    assert.deepEqual([first, second, more], ['"mail.inc"', '"mail.inc"', []]);
    assert.deepEqual(both?.split(', ').sort(), ['"mail.inc"', '"nginx.conf"']);
  });

  test('a file that comes or goes where a mask looks', async (t) => {
    const config = 'mail { auth_http @HOST@:9; server { listen @imap@; protocol imap; include @DIR@/*.inc; } }';
    const server = await start(t, { config, files: {} });
    const path = join(server.dir, 'more.inc');
    writeFileSync(join(server.dir, '.hidden.inc'), 'broken');
    writeFileSync(path, TWO);
    await reloaded(server, 1);
    assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
    rmSync(path);
    await reloaded(server, 2);
    assert.equal(await capability(server), '* CAPABILITY IMAP4 IMAP4rev1 UIDPLUS AUTH=PLAIN');
    assert.deepEqual(noticed(server), ['"more.inc"', '"more.inc"']);
  });

  test('a certificate and its key that are replaced count as one change', async (t) => {
    const server = await start(t, {
      config: `mail { auth_http @HOST@:9; ssl_certificate @DIR@/mail.pem; ssl_certificate_key @DIR@/mail.key;
        server { listen @imap@ ssl; protocol imap; } }`,
      files: { 'mail.pem': pem('server-ec.pem'), 'mail.key': pem('server-ec.key') },
    });
    const shown = async (): Promise<string> => {
      const { host, port } = server.at('imap');
      const { socket } = await visit(t, port, { host });
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    assert.equal(await shown(), new X509Certificate(pem('server-ec.pem')).fingerprint256);
    replace(join(server.dir, 'mail.pem'), pem('server-rsa.pem'));
    replace(join(server.dir, 'mail.key'), pem('server-rsa.key'));
    await reloaded(server, 1);
    assert.equal(await shown(), new X509Certificate(pem('server-rsa.pem')).fingerprint256);
    const [names, ...more] = noticed(server);
    assert.deepEqual([names?.split(', ').sort(), more], [['"mail.key"', '"mail.pem"'], []]);
  });

  for (const [name, prepare, swap] of SWAPS) {
    test(`a link that leads elsewhere: ${name}`, async (t) => {
      const config =
        'mail { auth_http @HOST@:9; server { listen @imap@; protocol imap; include @DIR@/live/mail.inc; } }';
      const folder = temporaryFolder(t, 'links');
      prepare(folder);
      const server = await start(t, { config: config.replace('@DIR@', folder), files: {} });
      assert.equal(await capability(server), '* CAPABILITY ONE AUTH=PLAIN');
      swap(folder);
      await reloaded(server, 1);
      assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
      assert.deepEqual(noticed(server), [`"${folder}/live/mail.inc"`]);
      // What the link leads to now is watched as well.
      writeFileSync(join(folder, 'live/mail.inc'), ONE);
      await reloaded(server, 2);
      assert.equal(await capability(server), '* CAPABILITY ONE AUTH=PLAIN');
    });
  }

  test('a mistake is reported once and changes nothing, until it is mended where it is', async (t) => {
    const server = await start(t, { allow: /unknown directive/ });
    const main = join(server.dir, 'nginx.conf');
    const broken = join(server.dir, 'broken.inc');
    const text = readFileSync(main, 'latin1');
    writeFileSync(broken, 'nonsense;\n');
    writeFileSync(main, text.replace('mail.inc', 'broken.inc'));
    await server.waitLog(/\[emerg\].*unknown directive "nonsense" in .*broken\.inc:1\n/, WAIT_MS);
    assert.equal(await capability(server), '* CAPABILITY ONE AUTH=PLAIN');
    utimesSync(broken, 1, 1); // the same mistake with another time
    writeFileSync(broken, TWO); // in a file that the configuration in force does not have
    await reloaded(server, 1);
    assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
    assert.deepEqual(noticed(server), ['"nginx.conf"', '"broken.inc"']);
    const mistakes = plainRecords(server.log.text()).filter((record) => record.startsWith('[emerg]'));
    assert.equal(mistakes.length, 1);
  });

  test('a file that is missing is waited for, and so is its folder', async (t) => {
    const server = await start(t, { allow: /No such file/ });
    const main = join(server.dir, 'nginx.conf');
    const text = readFileSync(main, 'latin1');
    writeFileSync(main, text.replace('mail.inc', 'later/mail.inc'));
    await server.waitLog(
      /\[emerg\] .*open\(\) ".*\/later\/mail\.inc" failed \(2: No such file or directory\)/,
      WAIT_MS,
    );
    const made = join(server.dir, 'made');
    mkdirSync(made);
    writeFileSync(join(made, 'mail.inc'), TWO);
    renameSync(made, join(server.dir, 'later'));
    await reloaded(server, 1);
    assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
    assert.deepEqual(noticed(server), ['"nginx.conf"', '"later/mail.inc"']);
  });

  test('a change beside a new version is seen when that is gone', async (t) => {
    const server = await start(t);
    const pidFile = new LogFile(join(server.dir, 'nginx.pid'));
    process.kill(server.pid, 'SIGUSR2');
    const young = await pidFile.waitUntil((text) => {
      const found = Number(text);
      return found > 0 && found !== server.pid ? found : undefined;
    }, WAIT_MS);
    assert.ok(young !== undefined);
    replace(join(server.dir, 'mail.inc'), TWO);
    await reloaded(server, 1);
    process.kill(young, 'SIGQUIT');
    await gone(young);
    await server.waitLog(new RegExp(`\\] ${server.pid}#\\d+: config_watch: .*\n`), WAIT_MS);
    await reloaded(server, 3);
    assert.equal(await capability(server), '* CAPABILITY TWO AUTH=PLAIN');
  });

  test('it can be switched on and off by a reload, and watches nothing where it is off', async (t) => {
    const server = await start(t, { main: '', config: `config_watch off; ${CONFIG}` });
    const main = join(server.dir, 'nginx.conf');
    const text = readFileSync(main, 'latin1');
    const reload = async (count: number): Promise<void> => {
      server.signal('SIGHUP');
      await reloaded(server, count);
    };
    assert.equal(watches(server.pid), false);
    writeFileSync(main, text.replace('config_watch off', 'config_watch on'));
    await reload(1);
    writeFileSync(join(server.dir, 'mail.inc'), TWO);
    await reloaded(server, 2);
    assert.equal(watches(server.pid), true);
    writeFileSync(main, text);
    await reloaded(server, 3);
    writeFileSync(join(server.dir, 'mail.inc'), ONE);
    await reload(4);
    assert.deepEqual(noticed(server), ['"mail.inc"', '"nginx.conf"']);
  });

  test('without a master it says that it needs one', async (t) => {
    const server = await start(t, { main: 'config_watch on; master_process off;' });
    const warnings = plainRecords(server.log.text()).filter((record) => record.startsWith('[warn]'));
    assert.deepEqual(warnings, ['[warn] "config_watch" needs a master process, ignored']);
    assert.equal(watches(server.pid), false);
  });
});
