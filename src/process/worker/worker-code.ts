// The code of workers, as it was when the master started: what is installed over it later changes nothing for them.
import type { ChildProcess } from 'node:child_process';

/** The code of this program, of which `cli/load.cts` makes something that runs. */
export interface Code {
  readonly file: string;
  readonly text: Buffer;
  /** What V8 has made of it. */
  readonly cache: Buffer | undefined;
  /** Arguments of Node.js for a worker process: it waits for a message, with the code. */
  readonly boot: readonly string[];
}

/** The longest title, so that the argument list has room for it. */
const PADDING = 'x'.repeat('nginx: worker process is shutting down'.length);

/** stdin, stdout, stderr and the IPC channel come first. */
export const FIRST_FD = 4;

export class WorkerCode {
  readonly #code: Code;

  constructor(code: Code) {
    this.#code = code;
  }

  /**
   * Starts a process that runs it.
   * @param fds what it has from FIRST_FD on
   * @throws where the system has no memory for it; other failures come as the event `error`, without `exit`
   */
  start(fds: readonly number[], environment: NodeJS.ProcessEnv): ChildProcess {
    const { boot, file, text, cache } = this.#code;
    const { spawn } = process.getBuiltinModule('node:child_process');
    const child = spawn(process.execPath, [...boot, PADDING], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds],
      serialization: 'advanced',
      env: environment,
    });
    if (child.connected) child.send({ file, text, cache }, () => {});
    return child;
  }
}
