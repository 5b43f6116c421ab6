// The load's process as the test sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Scope } from '../support/cleanup.ts';
import { type Answer, ENOUGH, type Order } from './orders.ts';

const PROGRAM = fileURLToPath(new URL('./load-process.js', import.meta.url));

export class Load {
  readonly #process: ChildProcess;

  constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** One order at a time. Rejects where the process ends first. */
  order(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const gone = (code: number | null): void => reject(new Error(`the load's process ended (${code})`));
      this.#process.once('exit', gone);
      this.#process.once('message', (answer: Answer) => {
        this.#process.off('exit', gone);
        resolve(answer);
      });
      this.#process.send(order);
    });
  }

  /** Ends a log-in without end, which is answered then. */
  enough(): void {
    this.#process.send(ENOUGH);
  }
}

/** It ends with the scope, or when this process does. */
export function startLoad(scope: Scope): Load {
  const child = fork(PROGRAM, { execArgv: [], serialization: 'advanced' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  scope.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return new Load(child);
}
