// A new version started beside this one (USR2): it gets the listening sockets, and their numbers in NGINX.
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { CoreConf } from '../../core/core-module.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import { signalNumber } from '../signal-names.ts';
import { INHERITED, inheritedValue } from '../start/inherited.ts';
import { workerEnvironment } from '../worker/worker-process.ts';

/** stdin, stdout and stderr come first. */
const FIRST_FD = 3;

/** nginx's words for how it went. */
export type BinaryEnded = (level: Level, how: string) => void;

export class NewBinary {
  readonly #child: ChildProcess | undefined;

  /** @param onEnd it is gone, or could not be started; never called from within the constructor */
  constructor(conf: CoreConf, sockets: readonly BoundSocket[], onEnd: BinaryEnded) {
    const failed = (file: string, error: unknown): void => {
      const why = errnoSuffix(systemError(error)?.errno ?? 0);
      onEnd(Level.alert, `execve() failed while executing new binary process "${file}"${why}`);
    };
    const [, script = ''] = process.argv;
    try {
      accessSync(script, constants.R_OK); // Node.js itself would only leave a trace of its stack
      this.#child = start(conf, sockets);
    } catch (error) {
      setImmediate(() => failed(script, error));
      return;
    }
    const child = this.#child;
    child.on('error', (error) => {
      if (child.pid === undefined) failed(process.execPath, error);
    });
    child.once('exit', (code, signal) => {
      if (signal === null) onEnd(Level.notice, `new binary process ${this.pid} exited with code ${code}`);
      else onEnd(Level.alert, `new binary process ${this.pid} exited on signal ${signalNumber(signal)}`);
    });
  }

  /** 0: there is none. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** This process ends; the new one stays. */
  release(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.unref();
  }
}

function start(conf: CoreConf, sockets: readonly BoundSocket[]): ChildProcess {
  const fds = sockets.map((_, i) => FIRST_FD + i);
  const { spawn } = process.getBuiltinModule('node:child_process');
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['ignore', 'inherit', 'inherit', ...sockets.map(({ handle }) => handle.fd)],
    env: { ...workerEnvironment(conf.env), PATH: process.env.PATH, [INHERITED]: inheritedValue(fds) },
    detached: true,
  });
}
