// A stage for the commands of the documentation: the paths they name are in a folder of its own, the addresses are the
// test's, and installing means nothing.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ran, run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { ownAddress } from '../support/ports.ts';
import { gone } from '../support/processes.ts';
import { ROOT } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { placeholderFor } from './configurations.ts';

/** What of a machine's folders the stage has a copy of. */
const PATHS = /(?<![\w./-])\/(?=(?:etc\/(?:nginx|fail2ban|logrotate\.d)|var\/log\/nginx|run|srv|usr\/local)(?:\/|\b))/g;
/** Ports that only root may bind move up by this much. */
const UP = 10_000;
const FOLDERS = ['etc/nginx', 'var/log/nginx', 'run', 'srv', 'usr/local/bin', 'usr/local/sbin', 'home'];
const TIMEOUT_MS = 30_000;

export class Stage {
  readonly #root: string;
  readonly #host = ownAddress();
  /** Where commands are run. */
  readonly #folder: string;

  /** @param folder where the commands are run; its own home where it is left out */
  constructor(scope: Scope, folder?: string) {
    this.#root = temporaryFolder(scope, 'docs');
    this.#folder = folder ?? join(this.#root, 'home');
    for (const name of FOLDERS) mkdirSync(join(this.#root, name), { recursive: true });
    this.#program('postern', postern(this.#root));
    this.#program('npx', '[ "$1" = tsc ] || exec "$@"');
    this.#program('npm', npm(scriptNames()));
  }

  /** A text as it has to be on the stage. */
  here(text: string): string {
    return text
      .replace(PATHS, `${this.#root}/`)
      .replaceAll('127.0.0.1', this.#host)
      .replace(/^(\s*listen\s+)(\d+)(?=[ ;])/gm, (_all, head: string, port: string) => `${head}${this.#host}:${port}`)
      .replace(new RegExp(`(?<=${this.#host.replaceAll('.', '\\.')}:)\\d+`, 'g'), (port) =>
        Number(port) < 1024 ? String(Number(port) + UP) : port,
      );
  }

  /** The other way: what came out as the documentation has it. */
  there(text: string): string {
    return text.replaceAll(this.#root, '').replaceAll(this.#host, '127.0.0.1');
  }

  /** Writes a file, absolute or in the folder of the commands, and makes the certificates that it names. */
  write(name: string, text: string): void {
    const content = this.here(text);
    const path = name.startsWith('/') ? join(this.#root, name) : join(this.#folder, name);
    this.#put(path, content);
    for (const [, file = ''] of content.matchAll(/ssl_certificate(?:_key)?\s+(\S+);/g)) {
      const certificate = placeholderFor(file);
      if (certificate !== undefined) this.#put(file.startsWith('/') ? file : join(dirname(path), file), certificate);
    }
  }

  /** Runs a script by sh; it stops at the first command that fails. */
  run(script: string): Promise<Ran> {
    return run('sh', ['-eu', '-c', this.here(script)], {
      cwd: this.#folder,
      env: this.#environment(),
      timeoutMs: TIMEOUT_MS,
      ownGroup: true,
    });
  }

  /** Starts Postern on /etc/nginx/nginx.conf, in the background. It has to end well. */
  async serve(scope: Scope): Promise<void> {
    const { code, stderr } = await this.run('postern');
    if (code !== 0) throw new Error(`postern did not start: ${stderr}`);
    const pidFile = new LogFile(join(this.#root, 'run/nginx.pid'));
    scope.after(async () => {
      const pid = Number(pidFile.text());
      if (pid === 0) return; // a command has stopped it
      process.kill(pid, 'SIGTERM');
      await gone(pid);
      if (pidFile.text() !== '') throw new Error('postern did not end in order');
    });
  }

  #environment(): NodeJS.ProcessEnv {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const own = ['usr/local/bin', 'usr/local/sbin'].map((name) => join(this.#root, name)).join(':');
    return { ...env, PATH: `${own}:${env.PATH}`, HOME: join(this.#root, 'home') };
  }

  #program(name: string, body: string): void {
    const path = join(this.#root, 'usr/local/bin', name);
    this.#put(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  #put(path: string, content: string | Buffer): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** Without -p and -c: on a machine that has /etc/nginx/nginx.conf, and that is the stage. */
const postern = (root: string): string => `case " $* " in
  *" -p "* | *" -c "*) ;;
  *) set -- -c '${root}/etc/nginx/nginx.conf' -e '${root}/var/log/nginx/error.log' "$@" ;;
esac
exec '${process.execPath}' '${join(ROOT, 'bin/postern.cjs')}' "$@"`;

/** Installs nothing, and runs nothing: a script has to be there. */
const npm = (scripts: readonly string[]): string => `[ "$1" != run ] || shift
case "$1" in
  ci | install | ${scripts.join(' | ')}) ;;
  *) exit 1 ;;
esac`;

/** The names of the scripts in package.json. */
function scriptNames(): readonly string[] {
  const { scripts }: { readonly scripts: object } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return Object.keys(scripts);
}
