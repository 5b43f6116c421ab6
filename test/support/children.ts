// Child processes of the tests: output collected, exit awaited, and none outlives the process that started it.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { Changes, inTime } from './in-time.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the child's standard input, which is closed after it. Without it standard input is empty. */
  readonly input?: string | Buffer;
  /** Standard input stays open, for `type`. */
  readonly types?: boolean;
  /** Keep at most this much of each output stream, in bytes (default 16 MiB). */
  readonly keep?: number;
  /** Start the child in a session of its own, so that a signal to its group reaches its children too. */
  readonly ownGroup?: boolean;
}

const KEEP = 16 * 1024 * 1024;

/** A running program. `exited` resolves when it is gone and its output is complete. */
export class Child {
  readonly name: string;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #group: boolean;
  readonly #chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
  #exit: Exit | undefined;
  readonly #activity = new Changes();

  constructor(command: string, args: readonly string[], options: ChildOptions = {}) {
    this.name = command;
    this.#group = options.ownGroup === true;
    const spawnOptions: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'], detached: this.#group };
    if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
    if (options.env !== undefined) spawnOptions.env = options.env;
    const child = spawn(command, args, spawnOptions);
    this.#process = child;
    this.#collect(child.stdout, this.#chunks.out, options.keep ?? KEEP);
    this.#collect(child.stderr, this.#chunks.err, options.keep ?? KEEP);
    child.stdin?.on('error', () => undefined); // a child that does not read its input is no failure of the test
    if (options.types !== true) child.stdin?.end(options.input);
    const killer = (): void => this.#killLeftOver();
    process.setMaxListeners(0);
    process.on('exit', killer);
    this.exited = new Promise<Exit>((resolve, reject) => {
      child.once('error', (error) => {
        process.off('exit', killer);
        reject(error);
      });
      child.once('close', (code, signal) => {
        process.off('exit', killer);
        this.#exit = { code, signal };
        this.#activity.tell();
        resolve(this.#exit);
      });
    });
    this.exited.catch(() => undefined); // who awaits it sees the error; nobody has to
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  get stdout(): string {
    return Buffer.concat(this.#chunks.out).toString('latin1');
  }

  get stderr(): string {
    return Buffer.concat(this.#chunks.err).toString('latin1');
  }

  /** Keys, for one that was started to be typed to. */
  type(keys: string): void {
    this.#process.stdin?.write(keys, 'latin1');
  }

  /** Waits for a condition that holds when the child has said something or has ended. */
  async until(condition: () => boolean): Promise<void> {
    await this.#activity.until(condition, `${this.name}: ${condition}`);
  }

  /** Waits for the child to end by itself. @throws where it does not */
  ends(): Promise<Exit> {
    return inTime(this.exited, `the end of ${this.name}`);
  }

  signal(name: NodeJS.Signals): void {
    if (this.#exit !== undefined) return;
    try {
      if (this.#group && this.pid > 0) process.kill(-this.pid, name);
      else this.#process.kill(name);
    } catch {
      // It went in this very moment.
    }
  }

  /** Asks the child to end by each signal in turn, a deadline between them, and waits until it is gone. */
  async stop(signals: readonly NodeJS.Signals[] = ['SIGTERM'], graceMs = 5000): Promise<Exit> {
    for (const name of signals) {
      this.signal(name);
      const exit = await Promise.race([this.exited, expiry(graceMs)]);
      if (exit !== undefined) return exit;
    }
    return this.kill(graceMs);
  }

  /** Kills the child. @throws where others that have its output keep it open: they are not waited for. */
  async kill(graceMs = 5000): Promise<Exit> {
    this.signal('SIGKILL');
    const exit = await Promise.race([this.exited, expiry(graceMs)]);
    if (exit !== undefined) return exit;
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    throw new Error(
      `${this.name} (${this.pid}) was killed, but its output is still open: ${this.stdout}${this.stderr}`,
    );
  }

  #collect(stream: NodeJS.ReadableStream | null, chunks: Buffer[], keep: number): void {
    let kept = 0;
    stream?.on('data', (chunk: Buffer) => {
      kept += chunk.length;
      if (kept <= keep) chunks.push(chunk);
      this.#activity.tell();
    });
  }

  #killLeftOver(): void {
    process.stderr.write(`child process left behind: ${this.name} (${this.pid})\n`);
    this.signal('SIGKILL');
    process.exitCode = 1;
  }
}

/** Resolves to undefined after `ms`, without keeping the process alive. */
export function expiry(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}

export interface Ran extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; kills it after `timeoutMs` (default 60 s), which shows as the signal SIGKILL. */
export async function run(
  command: string,
  args: readonly string[],
  options: ChildOptions & { timeoutMs?: number } = {},
): Promise<Ran> {
  const child = new Child(command, args, options);
  const exit = (await Promise.race([child.exited, expiry(options.timeoutMs ?? 60_000)])) ?? (await child.kill());
  return { ...exit, stdout: child.stdout, stderr: child.stderr };
}
