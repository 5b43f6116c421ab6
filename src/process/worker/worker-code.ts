// The code of workers, as it was when the master started: what is installed over it later changes nothing for them.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The first message to a worker process. */
interface Code {
  readonly file: string;
  readonly text: string;
}

/** What a worker process has from its command line: it waits for its code, and runs it as a module of its file. */
const BOOT = `process.once('message', ({ file, text }) => {
  const run = require('node:vm').compileFunction(text, ['require', '__filename'], { filename: file });
  run(require('node:module').createRequire(file), file);
})`;
/** Few objects live long in a worker, so its young generation can be small. */
const V8_FLAGS = ['--max-semi-space-size=1', '--heap-growing-percent=40'];
/** The longest title, so that the argument list has room for it. */
const PADDING = 'x'.repeat('nginx: worker process is shutting down'.length);

/** stdin, stdout, stderr and the IPC channel come first. */
export const FIRST_FD = 4;

export class WorkerCode {
  readonly #code: Code;

  private constructor(code: Code) {
    this.#code = code;
  }

  /** @param file where the build has put it */
  static read(file = fileURLToPath(new URL('./worker.cjs', import.meta.url))): WorkerCode {
    return new WorkerCode({ file, text: readFileSync(file, 'latin1') });
  }

  /**
   * Starts a process that runs it.
   * @param fds what it has from FIRST_FD on
   * @throws where the system has no memory for it; other failures come as the event `error`, without `exit`
   */
  start(fds: readonly number[], environment: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(process.execPath, [...V8_FLAGS, '-e', BOOT, PADDING], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds],
      serialization: 'advanced',
      env: environment,
    });
    if (child.connected) child.send(this.#code, () => {});
    return child;
  }
}
