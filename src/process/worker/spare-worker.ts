// A worker process that is started before the configuration is read, so that the one comes up while the other is.
import type { ChildProcess } from 'node:child_process';
import type { WorkerCode } from './worker-code.ts';

export interface Taken {
  readonly child: ChildProcess;
  /** It has said so. */
  readonly isUp: boolean;
}

export class SpareWorker {
  readonly #environment: NodeJS.ProcessEnv;
  #isUp = false;
  #child: ChildProcess | undefined;

  /** @param environment what a worker will see of the environment, as far as one can tell */
  constructor(code: WorkerCode, environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
    try {
      const child = code.start([], environment);
      child.on('error', () => this.dismiss());
      child.once('message', () => {
        this.#isUp = true;
      });
      this.#child = child;
    } catch {
      // there will be another try
    }
  }

  /** @returns the process, which nobody has spoken to; undefined where a worker has to be started */
  take(environment: NodeJS.ProcessEnv): Taken | undefined {
    const child = this.#child;
    const runs = child?.connected === true && child.exitCode === null && child.signalCode === null;
    if (!runs || !isSame(environment, this.#environment)) {
      this.dismiss();
      return undefined;
    }
    this.#child = undefined;
    return { child, isUp: this.#isUp };
  }

  /** Nobody needs it, or nobody any more. */
  dismiss(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

function isSame(a: NodeJS.ProcessEnv, b: NodeJS.ProcessEnv): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
