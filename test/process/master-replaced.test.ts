// Files that are replaced under a running master: it goes on with the version that it is, until it is told to change.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { Master, masterTarget } from '../support/master.ts';
import { gone, until } from '../support/processes.ts';
import { ROOT, type Target } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

const GREETING = '* OK IMAP4 ready';
const NEWER = '* OK IMAP4 newer';

/** A package of its own, that can be replaced. */
class Installation {
  readonly target: Target;
  readonly #dir: string;

  constructor(scope: Scope) {
    this.#dir = join(temporaryFolder(scope, 'package'), 'postern');
    this.install(GREETING);
    this.target = { ...masterTarget(), args: [join(this.#dir, 'bin', 'postern.cjs')] };
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true });
  }

  /** As npm does: what was there goes as a whole. */
  install(greeting: string): void {
    const dir = `${this.#dir}.new`;
    mkdirSync(join(dir, 'dist'), { recursive: true });
    for (const name of ['package.json', 'bin', 'dist/command', 'dist/src/cli']) {
      cpSync(join(ROOT, name), join(dir, name), { recursive: true });
    }
    const path = join(dir, 'dist', 'command', 'postern.js');
    // What V8 has made of it is of another text then, of the same length.
    writeFileSync(path, readFileSync(path, 'latin1').replaceAll(GREETING, greeting), 'latin1');
    renameSync(dir, this.#dir);
  }
}

async function greeting(master: Master): Promise<string> {
  const wire = await master.server.connect('imap');
  const line = await wire.line();
  wire.destroy();
  return line.trimEnd();
}

/** Kills the worker, and waits for the one in its place. */
async function replaceWorker(master: Master): Promise<void> {
  const { worker } = master;
  process.kill(worker, 'SIGKILL');
  await master.server.waitLog(new RegExp(` ${worker} exited on signal 9\n[\\s\\S]*start worker process \\d+\n`));
}

describe('files that are replaced', { concurrency: 2 }, () => {
  test('the old version replaces its workers and reloads, without its files and with newer ones, until USR2', async (t) => {
    const installation = new Installation(t);
    const master = await Master.start(t, {
      target: installation.target,
      blocks: { imap: { protocol: 'imap', conf: 'imap_capabilities GENERATION0; auth_http localhost:9;' } },
      main: 'config_watch off;',
      logLevel: 'notice',
      allow: /exited on signal 9/,
    });
    assert.equal(await greeting(master), GREETING);
    let generation = 0;
    const worksAsBefore = async (): Promise<void> => {
      await replaceWorker(master);
      assert.equal(await greeting(master), GREETING);
      master.edit(`GENERATION${generation}`, `GENERATION${++generation}`);
      await gone(...(await master.reload()));
      assert.equal(await master.capability(), `GENERATION${generation}`);
    };
    installation.remove();
    await worksAsBefore();
    // What it does for the first time it has at hand, too.
    master.edit('config_watch off', 'config_watch on');
    await gone(...(await master.reload()));
    const { worker } = master;
    master.edit(`GENERATION${generation}`, `GENERATION${++generation}`);
    await master.server.waitLog(/config_watch: "\S+" changed, reconfiguring\n/);
    await gone(worker);
    assert.equal(await master.capability(), `GENERATION${generation}`);
    master.edit('config_watch on', 'config_watch off');
    await gone(...(await master.reload()));
    installation.install(NEWER);
    await worksAsBefore();
    // The new version is what is on disk.
    master.signal('SIGUSR2');
    const pidFile = master.logFile('nginx.pid');
    await until(() => /^\d+\n$/.test(pidFile.text()) && Number(pidFile.text()) !== master.pid, 'the new master');
    const old = master.workers.slice(0, 1);
    master.signal('SIGQUIT');
    await gone(...old, master.pid);
    assert.equal(await greeting(master), NEWER);
  });

  test('a worker that cannot be started is an alert, and is tried again', async (t) => {
    const node = join(temporaryFolder(t, 'node'), 'node');
    copyFileSync(process.execPath, node);
    const target = { ...masterTarget(), command: node };
    const allow = /exited on signal 9|fork\(\) failed|did not come up/;
    const master = await Master.start(t, { target, logLevel: 'notice', allow });
    const { worker } = master;
    renameSync(node, `${node}.away`);
    process.kill(worker, 'SIGKILL');
    const failed = /\[alert\] .*: fork\(\) failed while spawning "worker process" \(2: No such file or directory\)\n/;
    await master.server.waitLog(failed);
    master.signal('SIGHUP');
    await master.server.waitLog(/the new worker processes did not come up, the old configuration stays\n/);
    renameSync(`${node}.away`, node);
    await master.server.waitLog(/old configuration stays\n[\s\S]*start worker process \d+\n/);
    assert.equal(await greeting(master), GREETING);
  });
});
