// A program around the servers: its arguments are NAME=VALUE, it says "ready", takes orders and says what it found.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Scope } from '../support/cleanup.ts';
import { Changes } from '../support/in-time.ts';
import type { Halt } from './halt.ts';

export interface Command {
  readonly path: string;
  readonly args: readonly string[];
}

export type Arguments = Readonly<Record<string, string | number>>;
export type Found = ReadonlyMap<string, number>;

/** What hangs for so long does not end any more. */
const PATIENCE_MS = 180_000;

export class Tool {
  readonly #child: ChildProcess;
  readonly #changes = new Changes();
  readonly #lines: string[] = [];
  #text = '';
  #errors = '';
  #exit: string | undefined;

  private constructor(command: Command, args: Arguments) {
    const words = Object.entries(args).map(([name, value]) => `${name}=${value}`);
    this.#child = spawn(command.path, [...command.args, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin?.on('error', () => undefined); // it has ended, which is noticed otherwise
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString('latin1')).slice(-2000);
    });
    this.#child.once('error', (error) => this.#ended(error.message));
    this.#child.once('close', (code, signal) => this.#ended(`${signal ?? code}`));
  }

  /** Starts it and waits until it is ready. It ends with the scope, or with this process, at the latest. */
  static async start(scope: Scope, halt: Halt, command: Command, args: Arguments): Promise<Tool> {
    halt.check();
    const tool = new Tool(command, args);
    const forget = halt.onHalt(() => tool.kill());
    scope.after(async () => {
      forget();
      tool.kill();
      await tool.#changes.until(() => tool.#exit !== undefined, `the end of ${command.path}`);
    });
    await tool.#said('ready');
    return tool;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next order. */
  order(): void {
    this.#child.stdin?.write('go\n');
  }

  /** What it says up to "end". @throws where it ends before */
  async found(): Promise<Found> {
    await this.#said('end');
    const numbers = this.#lines
      .map((line) => line.split(' '))
      .map(([name = '', value]) => [name, Number(value)] as const);
    return new Map(numbers);
  }

  /** Orders, and waits for what was found. */
  async carryOut(): Promise<Found> {
    this.order();
    return this.found();
  }

  /** Lets it end. @returns sessions that were alive then, of those that it held */
  async finish(): Promise<number> {
    this.#child.stdin?.end();
    await this.#changes.until(() => this.#exit !== undefined, 'the end of a load', PATIENCE_MS);
    const alive = this.#lines.find((line) => line.startsWith('alive '));
    return Number(alive?.slice('alive '.length) ?? 0);
  }

  kill(): void {
    if (this.#exit === undefined) this.#child.kill('SIGKILL');
  }

  async #said(line: string): Promise<void> {
    await this.#changes.until(() => this.#lines.includes(line) || this.#exit !== undefined, line, PATIENCE_MS);
    if (this.#lines.includes(line)) return;
    throw new Error(`${this.#child.spawnfile} ended (${this.#exit}) before it said "${line}": ${this.#errors}`);
  }

  #read(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop() ?? '';
    this.#lines.push(...lines);
    this.#changes.tell();
  }

  #ended(how: string): void {
    this.#exit ??= how;
    this.#changes.tell();
  }
}
