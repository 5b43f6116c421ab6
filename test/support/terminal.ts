// A program in a real terminal: what it draws, keys for it, other sizes, and whether it leaves the terminal as it was.
import assert from 'node:assert/strict';
import { Child, type Exit, run } from './children.ts';
import type { Scope } from './cleanup.ts';

/** Of util-linux, and of coreutils: every Debian has them. */
export const TERMINAL_PROGRAMS = ['script', 'stty'];

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const CSI = '\x1b\\[';

/** Everything that a program may say to a terminal beside text. */
const CONTROLS = new RegExp(`${CSI}(?:\\?1049[hl]|\\?25[hl]|\\?7[hl]|H|K|J)|[\\r\\n]`, 'g');
const MODES = new RegExp(`${CSI}\\?(\\d+)([hl])`, 'g');

export class Terminal {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** @param command the program and its arguments */
  static async start(scope: Scope, command: readonly string[], { rows, columns }: Size): Promise<Terminal> {
    const program = command.map(quoted).join(' ');
    const steps = [
      `stty rows ${rows} cols ${columns}`,
      'echo "on $(tty) like $(stty -g)"',
      `sh -c ${quoted('echo "pid $$"; exec "$@"')} sh ${program}`,
      'echo "ended $? like $(stty -g)"',
    ];
    const child = new Child('script', ['-qefc', `sh -c ${quoted(steps.join('; '))}`, '/dev/null'], { types: true });
    scope.after(async () => void (await child.stop(['SIGTERM', 'SIGKILL'])));
    const terminal = new Terminal(child);
    await terminal.until(() => terminal.#said(/pid \d+\r\n/) !== undefined);
    return terminal;
  }

  /** All that was said, as text. */
  get text(): string {
    return Buffer.from(this.#child.stdout, 'latin1').toString();
  }

  /** What was drawn last from the first line to the last, once it is whole. */
  get screen(): readonly string[] {
    const frames = this.text.split('\x1b[H').slice(1);
    const last = frames.findLast((frame) => frame.includes('\x1b[J')) ?? '';
    return last
      .slice(0, last.indexOf('\x1b[J'))
      .split(/\r+\n/)
      .map((line) => (line.endsWith('\x1b[K') ? line.slice(0, -3) : line))
      .slice(0, -1);
  }

  /** How often it was drawn. */
  get frames(): number {
    return this.text.split('\x1b[J').length - 1;
  }

  type(keys: string): void {
    this.#child.type(keys);
  }

  async resize({ rows, columns }: Size): Promise<void> {
    const [, path = ''] = this.#said(/on (\S+) like/) ?? [];
    const ran = await run('stty', ['-F', path, 'rows', `${rows}`, 'cols', `${columns}`]);
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(this.#said(/pid (\d+)\r\n/)?.[1]), name);
  }

  until(condition: () => boolean): Promise<void> {
    return this.#child.until(condition);
  }

  /**
   * The program has ended, and left the terminal with the settings that it had, on the screen that it was on, with a
   * cursor. @returns its exit code
   */
  async ended(): Promise<number> {
    const exit: Exit = await this.#child.ends();
    assert.equal(exit.code, 0, this.text);
    const [, before] = this.#said(/on \S+ like (\S+)\r\n/) ?? [];
    const [, code, after] = this.#said(/ended (\d+) like (\S+)\r\n/) ?? [];
    assert.equal(after, before, 'the settings');
    const modes = new Map([...this.text.matchAll(MODES)].map(([, mode, to]) => [mode, to]));
    assert.deepEqual(Object.fromEntries(modes), { 7: 'h', 25: 'h', 1049: 'l' });
    return Number(code);
  }

  /** Characters that are neither text nor known controls. */
  get strange(): readonly string[] {
    return this.text.replace(CONTROLS, '').match(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu) ?? [];
  }

  #said(pattern: RegExp): RegExpExecArray | undefined {
    return pattern.exec(this.text) ?? undefined;
  }
}
