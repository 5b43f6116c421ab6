// The configuration that a package installs, in a folder of its own: its paths and ports replaced, tested, and served.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Child, type Ran, run } from './children.ts';
import type { Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { freePort, ownAddress } from './ports.ts';
import type { Target } from './target.ts';
import { temporaryFolder } from './tmp.ts';
import { connect } from './wire.ts';

export interface StockFiles {
  /** By name, or a folder to copy. */
  readonly from: Readonly<Record<string, string>> | string;
  /** What stands in the files, and what takes its place; `@DIR@` is the folder. */
  readonly replace: readonly (readonly [RegExp, string])[];
}

/** Ports of the outside become ones of loopback. */
const LISTEN = /^(\s*listen\s+)(\[::\]:)?80\b/gm;

const START_MS = 60_000;
const STOP_MS = 30_000;

export class Stock {
  readonly dir: string;
  readonly host = ownAddress();
  readonly port: number;
  readonly #target: Target;

  private constructor(dir: string, port: number, target: Target) {
    this.dir = dir;
    this.port = port;
    this.#target = target;
  }

  static async make(scope: Scope, target: Target, { from, replace }: StockFiles): Promise<Stock> {
    const dir = temporaryFolder(scope, 'stock');
    chmodSync(dir, 0o755); // workers may be somebody else
    mkdirSync(join(dir, 'log'));
    const port = await freePort(ownAddress());
    const stock = new Stock(dir, port, target);
    if (typeof from === 'string') cpSync(from, dir, { recursive: true, dereference: true });
    else for (const [name, text] of Object.entries(from)) put(join(dir, name), text);
    for (const file of filesIn(dir)) {
      const text = readFileSync(file, 'latin1');
      const mine = replace.reduce((all, [old, now]) => all.replace(old, now), text);
      writeFileSync(file, stock.#placed(mine), 'latin1');
    }
    return stock;
  }

  /** Adds a file, or takes the place of one. */
  write(name: string, text: string): void {
    put(join(this.dir, name), this.#placed(text));
  }

  test(): Promise<Ran> {
    const { command, args } = this.#target;
    return run(command, [...args, '-t', ...this.#paths], { timeoutMs: START_MS });
  }

  /** As the unit of a package does it: master and workers. They end with the scope. */
  async serve(scope: Scope): Promise<void> {
    const { command, args } = this.#target;
    const child = new Child(command, [...args, ...this.#paths, '-g', 'daemon off;']);
    scope.after(async () => {
      const exit = await child.stop(['SIGQUIT', 'SIGTERM'], STOP_MS);
      assert.deepEqual(exit, { code: 0, signal: null }, child.stderr);
    });
    const pid = new LogFile(join(this.dir, 'nginx.pid'));
    const written = pid.waitUntil((text) => (/^\d+\n/.test(text) ? true : undefined), START_MS);
    const isReady = await Promise.race([written, child.exited.then(() => false)]);
    assert.equal(isReady, true, child.stderr);
  }

  /** The whole answer to a GET. */
  async get(target: string, host = this.host): Promise<string> {
    const wire = await connect({ host, port: this.port });
    await wire.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const answer = (await wire.rest()).toString('latin1');
    wire.destroy();
    return answer;
  }

  #placed(text: string): string {
    const here = `${this.host}:${this.port}`;
    return text
      .replace(LISTEN, (_all, listen, six) => `${listen}${six === undefined ? here : `[::1]:${this.port}`}`)
      .replaceAll('@HERE@', here)
      .replaceAll('@DIR@', this.dir);
  }

  get #paths(): readonly string[] {
    return ['-p', `${this.dir}/`, '-c', join(this.dir, 'nginx.conf'), '-e', join(this.dir, 'log/error.log')];
  }
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, 'latin1');
}

const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile());
