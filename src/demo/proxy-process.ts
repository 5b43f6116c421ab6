// Postern itself, run by the demo as a child process on a configuration file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Written by Postern once it listens; the name is set in conf/demo.conf. */
const PID_FILE = 'demo.pid';
const READY_MS = 15_000;
const POLL_MS = 20;
/** How long a stop may take before it is enforced. */
const STOP_MS = 5000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ProxyProcess {
  /** Resolves when the process is gone. Rejects where it cannot be started. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #pidFile: string;
  #gone = false;

  /** @param program a module for Node.js. @param prefix its folder, with the final slash. Its log is our stderr. */
  constructor(program: string, prefix: string, conf: string) {
    this.#pidFile = join(prefix, PID_FILE);
    const args = [program, '-p', prefix, '-c', conf, '-e', 'stderr'];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    process.once('exit', () => this.#child.kill('SIGTERM'));
    this.exited = once(this.#child, 'exit').then(([code, signal]) => {
      this.#gone = true;
      return { code, signal };
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits until it listens, which its pid file says; false where it ended or took more than 15 seconds. */
  async ready(): Promise<boolean> {
    for (let waited = 0; waited < READY_MS && !this.#gone; waited += POLL_MS) {
      if ((statSync(this.#pidFile, { throwIfNoEntry: false })?.size ?? 0) > 0) return true;
      await delay(POLL_MS);
    }
    return false;
  }

  /** Asks it to end; `exited` tells when it has. */
  stop(): void {
    if (this.#gone) return;
    this.#child.kill('SIGTERM');
    setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS).unref();
  }
}
