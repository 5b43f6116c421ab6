// A mail proxy under test: nginx.conf written with free ports, started, watched, stopped, its log checked.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Child, type Exit } from './children.ts';
import type { Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { freePort, ownAddress } from './ports.ts';
import { defaultTarget, type Target } from './target.ts';
import { temporaryFolder } from './tmp.ts';
import { type ConnectOptions, connect, type Wire } from './wire.ts';

export interface ServerOptions {
  /**
   * The configuration without `events`. `@NAME@` becomes the ADDRESS:PORT of a free port, the same for each use of the
   * name; `@DIR@` becomes the folder of the configuration, `@HOST@` the address alone.
   */
  readonly config: string;
  readonly target?: Target;
  /** Listen on this address instead of the process's own. */
  readonly host?: string;
  /** Level of the main error log (default info). */
  readonly logLevel?: string;
  /** Records at alert, crit or emerg that are no failure. */
  readonly allow?: RegExp;
  /** Files put next to the configuration, by name. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly env?: NodeJS.ProcessEnv;
  /** How it is to end: exit code or signal (default 0). */
  readonly end?: number | NodeJS.Signals;
}

/** How long a start or a graceful end may take, in milliseconds, where many processes start at the same time. */
const START_MS = 60_000;
const QUIT_MS = 30_000;
const ATTEMPTS = 5;

export class MailServer {
  readonly dir: string;
  readonly target: Target;
  readonly log: LogFile;
  readonly #child: Child;
  readonly #host: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #allow: RegExp | undefined;
  readonly #end: number | NodeJS.Signals;
  #stopped = false;

  constructor(dir: string, child: Child, ports: ReadonlyMap<string, number>, host: string, options: ServerOptions) {
    this.dir = dir;
    this.target = options.target ?? defaultTarget();
    this.log = new LogFile(join(dir, 'error.log'));
    this.#child = child;
    this.#host = host;
    this.#ports = ports;
    this.#allow = options.allow;
    this.#end = options.end ?? 0;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stderr(): string {
    return this.#child.stderr;
  }

  get exited(): Promise<Exit> {
    return this.#child.ends();
  }

  /** Where the placeholder `@NAME@` listens. */
  at(name: string): { readonly host: string; readonly port: number } {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`the configuration has no @${name}@`);
    return { host: this.#host.replace(/^\[|\]$/g, ''), port };
  }

  connect(name: string, options: ConnectOptions = {}): Promise<Wire> {
    return connect({ ...this.at(name), ...options });
  }

  waitLog(pattern: RegExp, ms?: number): Promise<RegExpExecArray> {
    return this.log.wait(pattern, ms);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  /** QUIT, after a deadline TERM; then the exit status and the log are checked. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const exit = await this.#child.stop(['SIGQUIT', 'SIGTERM'], QUIT_MS);
    this.#check(exit);
  }

  #check(exit: Exit): void {
    const text = this.log.text();
    const bad = `${text}${this.stderr}`
      .split('\n')
      .filter((line) => /\[(?:alert|crit|emerg)\]|unhandled|uncaught|^\s+at .+:\d+:\d+\)?$/i.test(line))
      .filter((line) => this.#allow === undefined || !this.#allow.test(line));
    assert.deepEqual(bad, [], `${this.target.name} logged what it must not`);
    assert.equal(
      exit.signal ?? exit.code,
      this.#end,
      `${this.target.name} ended by ${exit.signal ?? exit.code}: ${this.stderr}`,
    );
  }
}

/** Starts a server and waits for its pid file; it is stopped and checked at the end of the scope. */
export async function startServer(scope: Scope, options: ServerOptions): Promise<MailServer> {
  const target = options.target ?? defaultTarget();
  const reason = target.missing();
  if (reason !== undefined) throw new Error(reason);
  const host = options.host ?? ownAddress();
  const dir = temporaryFolder(scope, target.name);
  for (const [name, content] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(options.config, host);
    writeConfiguration(dir, options.config, ports, host);
    const child = launch(target, dir, options);
    const server = new MailServer(dir, child, ports, host, options);
    const ready = await isReady(child, join(dir, 'nginx.pid'));
    if (ready) {
      scope.after(() => server.stop());
      return server;
    }
    await child.stop(['SIGTERM']);
    const taken = /Address already in use/.test(child.stderr);
    if (!taken || attempt === ATTEMPTS)
      throw new Error(`${target.name} did not start: ${child.stderr}${server.log.text()}`);
  }
}

function launch(target: Target, dir: string, options: ServerOptions): Child {
  const globals = `${target.globals} pid nginx.pid; error_log error.log ${options.logLevel ?? 'info'};`;
  const args = [...target.args, '-p', `${dir}/`, '-c', 'nginx.conf', '-e', 'error.log', '-g', globals];
  return new Child(target.command, args, options.env === undefined ? {} : { env: { ...process.env, ...options.env } });
}

async function choosePorts(config: string, host: string): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  const bindable = host.replace(/^\[|\]$/g, '');
  for (const [, name = ''] of config.matchAll(/@([\w-]+)@/g)) {
    if (name === 'DIR' || name === 'HOST' || ports.has(name)) continue;
    ports.set(name, await freePort(bindable));
  }
  return ports;
}

function writeConfiguration(dir: string, config: string, ports: ReadonlyMap<string, number>, host: string): void {
  const place = (_: string, name: string): string => {
    if (name === 'DIR') return dir;
    return name === 'HOST' ? host : `${host}:${ports.get(name)}`;
  };
  const text = config.replace(/@([\w-]+)@/g, place);
  const events = /^\s*events\b/m.test(text) ? '' : 'events { worker_connections 4096; }\n';
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'error.log'), '');
  writeFileSync(join(dir, 'nginx.conf'), `${events}${text}\n`, 'latin1');
}

/** Waits for the pid file, which is written once every port is bound; false when the program ended first. */
async function isReady(child: Child, pidFile: string): Promise<boolean> {
  const file = new LogFile(pidFile);
  const written = file.waitUntil((text) => (/^\d+\n/.test(text) ? true : undefined), START_MS);
  const gone = child.exited.then(() => false);
  return (await Promise.race([written, gone])) === true;
}
