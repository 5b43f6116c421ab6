// A new version started beside this one (USR2): it gets the listening sockets, and their numbers in NGINX.
import { type ChildProcess, spawn } from 'node:child_process';
import type { CoreConf } from '../../core/core-module.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import { INHERITED, inheritedValue } from '../start/inherited.ts';
import { workerEnvironment } from '../worker/worker-process.ts';

/** stdin, stdout and stderr come first. */
const FIRST_FD = 3;

export class NewBinary {
  readonly #child: ChildProcess;

  /** @param onExit the new version is gone: nginx's words for how it went */
  constructor(conf: CoreConf, sockets: readonly BoundSocket[], onExit: (how: string) => void) {
    const fds = sockets.map((_, i) => FIRST_FD + i);
    this.#child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: ['ignore', 'inherit', 'inherit', ...sockets.map(({ handle }) => handle.fd)],
      env: { ...workerEnvironment(conf), PATH: process.env.PATH, [INHERITED]: inheritedValue(fds) },
      detached: true,
    });
    this.#child.on('error', () => {});
    this.#child.once('exit', (code, signal) =>
      onExit(
        signal === null
          ? `new binary process ${this.pid} exited with code ${code}`
          : `new binary process ${this.pid} exited on signal ${signal}`,
      ),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** This process ends; the new one stays. */
  release(): void {
    this.#child.removeAllListeners('exit');
    this.#child.unref();
  }
}
