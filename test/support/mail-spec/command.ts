// The command run to its end in a folder of its own: what it prints where, and what it leaves behind.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../children.ts';
import type { Scope } from '../cleanup.ts';
import { defaultTarget } from '../target.ts';
import { temporaryFolder } from '../tmp.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A prefix folder with `conf/` and `logs/`. In all texts `$DIR` stands for it. */
export class CommandFolder {
  readonly dir: string;

  constructor(scope: Scope, files: Readonly<Record<string, string>> = {}) {
    this.dir = temporaryFolder(scope, 'command');
    chmodSync(this.dir, 0o755);
    for (const folder of ['conf', 'logs']) mkdirSync(join(this.dir, folder));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const path = join(this.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text.replaceAll('$DIR', this.dir), 'latin1');
  }

  /** The text of a file; undefined where there is none. */
  read(name: string): string | undefined {
    const path = join(this.dir, name);
    return existsSync(path) ? this.#short(readFileSync(path, 'latin1')) : undefined;
  }

  /** Runs the command; the texts of what it printed have `$DIR` for the folder. */
  async run(...args: readonly string[]): Promise<Outcome> {
    const target = defaultTarget();
    const words = args.map((arg) => arg.replaceAll('$DIR', this.dir));
    const { code, stdout, stderr } = await run(target.command, [...target.args, ...words], { timeoutMs: 20_000 });
    return { code, stdout: this.#short(stdout), stderr: this.#short(stderr) };
  }

  #short(text: string): string {
    return text.replaceAll(this.dir, '$DIR');
  }
}

/** The records of a log without their time and pid. */
export function plainRecords(text: string | undefined): readonly string[] {
  const lines = (text ?? '').split('\n').slice(0, -1);
  return lines.map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[[a-z]+\]) \d+#\d+: /, '$1 '));
}
