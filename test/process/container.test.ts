// As in a container: in the foreground, with logs on the standard streams, and as the first process of its namespace.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Child } from '../support/children.ts';
import { LogFile } from '../support/log-file.ts';
import { plainRecords } from '../support/mail-spec/command.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { program } from '../support/programs.ts';
import { postern } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { connect } from '../support/wire.ts';

/** Of a session, and of the process. */
interface Streams {
  readonly sessions: string;
  readonly main: string;
}

/** No part of what tests need: a machine may go without. */
const absent = (name: string): string | false => (program(name) === undefined ? `${name} is not installed` : false);

/** What the standard streams can be, and the command before ours that makes them so. */
const KINDS: readonly (readonly [name: string, wrapper: readonly string[]])[] = [
  ['sockets', []],
  ['pipes', ['sh', '-c', '{ "$@" 2>&1 >&3 | cat >&2; } 3>&1 | cat', 'sh']],
  ['terminals', ['script', '-qefc']],
];

class Container {
  readonly child: Child;
  readonly #dir: string;
  readonly #port: number;

  constructor(child: Child, dir: string, port: number) {
    this.child = child;
    this.#dir = dir;
    this.#port = port;
  }

  static async start(t: TestContext, wrapper: readonly string[], conf: (dir: string) => string): Promise<Container> {
    const dir = temporaryFolder(t, 'container');
    const port = await freePort(ownAddress());
    writeFileSync(join(dir, 'nginx.conf'), `${conf(dir).replace('@PORT@', `${ownAddress()}:${port}`)}\n`);
    const own = [postern.command, ...postern.args, '-p', `${dir}/`, '-c', 'nginx.conf', '-e', 'stderr'];
    const [first = '', ...others] = wrapper;
    const words = first === 'script' ? [...others, own.join(' '), '/dev/null'] : [...others, ...own];
    const child = first === '' ? new Child(postern.command, own.slice(1)) : new Child(first, words);
    t.after(async () => {
      await child.stop();
    });
    const container = new Container(child, dir, port);
    await Promise.race([new LogFile(join(dir, 'nginx.pid')).wait(/^\d+\n/, 10_000), child.exited]);
    assert.equal(child.exit, undefined, child.stderr + child.stdout);
    return container;
  }

  get pid(): number {
    return Number(readFileSync(join(this.#dir, 'nginx.pid'), 'latin1'));
  }

  async visit(): Promise<void> {
    const wire = await connect({ host: ownAddress(), port: this.#port });
    await wire.expectLine('* OK IMAP4 ready\r\n');
    wire.destroy();
  }

  /** Resolves when the output holds the text so many times. */
  async said(stream: 'stdout' | 'stderr', text: string, times = 1): Promise<void> {
    await this.child.until(() => this.child[stream].split(text).length > times || this.child.exit !== undefined);
    assert.equal(this.child.exit, undefined, `it ended before it said ${text}`);
  }

  records(): Streams {
    const plain = (output: string): string => plainRecords(output.replaceAll('\r\n', '\n')).join('\n');
    return { sessions: plain(this.child.stdout), main: plain(this.child.stderr) };
  }
}

const toStreams = (main: string, sessions: string): string => `
  daemon off; pid nginx.pid; error_log ${main} info;
  events {}
  mail { auth_http 127.0.0.1:9; error_log ${sessions} info; server { listen @PORT@; protocol imap; } }`;

describe('logs on the standard streams', { concurrency: 2 }, () => {
  for (const [name, wrapper] of KINDS) {
    const [needed = 'sh'] = wrapper;
    test(`that are ${name}`, { skip: absent(needed) }, async (t) => {
      const box = await Container.start(t, wrapper, () => toStreams('/dev/stderr', '/dev/stdout'));
      // A terminal is both streams at once.
      const err = wrapper[0] === 'script' ? 'stdout' : 'stderr';
      await box.visit();
      await box.said('stdout', ' connected to ');
      process.kill(box.pid, 'SIGUSR1');
      await box.said(err, '#0: reopening logs', 2);
      await box.visit();
      await box.said('stdout', ' connected to ', 2);
      process.kill(box.pid, 'SIGQUIT');
      assert.deepEqual(await box.child.exited, { code: 0, signal: null });
      const { sessions, main } = box.records();
      const all = sessions + main;
      assert.equal(all.match(/ client .* connected to /g)?.length, 2);
      assert.doesNotMatch(all, /\[(?:emerg|alert|crit|error)\]/);
      assert.match(err === 'stdout' ? sessions : main, /\[notice\] exit$/);
    });
  }

  test('by links in the place of log files, as images of nginx have them', async (t) => {
    const box = await Container.start(t, [], (dir) => {
      symlinkSync('/dev/stderr', join(dir, 'error.log'));
      symlinkSync('/dev/stdout', join(dir, 'mail.log'));
      return toStreams('error.log', 'mail.log');
    });
    await box.visit();
    await box.said('stdout', ' connected to ');
    process.kill(box.pid, 'SIGTERM');
    assert.deepEqual(await box.child.exited, { code: 0, signal: null });
    assert.match(box.records().main, /\[notice\] exit$/);
  });
});

const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child'];
/** Also root may not, within a container. */
const mayNot = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0 ? false : 'unshare cannot make a namespace';

describe('as the first process', () => {
  test('it replaces its workers, leaves no zombies, and ends by QUIT', { skip: mayNot }, async (t) => {
    const box = await Container.start(t, ['unshare', ...NAMESPACE], () => toStreams('/dev/stderr', '/dev/stdout'));
    assert.equal(box.pid, 1);
    const master = childrenOf(box.child.pid)[0] ?? 0;
    for (let i = 1; i <= 2; i++) {
      const [worker = 0] = childrenOf(master);
      process.kill(worker, 'SIGKILL');
      await box.said('stderr', 'start worker process ', i + 1);
      await box.visit();
      assert.equal(childrenOf(master).length, 1);
    }
    process.kill(master, 'SIGQUIT');
    assert.deepEqual(await box.child.exited, { code: 0, signal: null });
    assert.match(box.records().main, /\[notice\] exit$/);
  });
});

/** Zombies are among them. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}
