// The master's hold on one worker process: starts it, speaks to it, hears of its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CoreConf } from '../../core/core-module.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type { SessionMessage, ToMaster, ToWorker, WorkerInit, WorkerSocket } from '../messages.ts';

/** stdin, stdout, stderr and the IPC channel come first. */
const FIRST_FD = 4;
/** The longest title, so that the argument list has room for it. */
const PADDING = 'x'.repeat('nginx: worker process is shutting down'.length);
/** Few objects live long in a worker, so its young generation can be small. */
const V8_FLAGS = ['--max-semi-space-size=1', '--heap-growing-percent=40'];
const ENTRY = fileURLToPath(new URL('./worker-main.js', import.meta.url));

export interface WorkerEvents {
  ready(worker: WorkerProcess): void;
  /** It wants more connection numbers. */
  numbers(worker: WorkerProcess): void;
  /** So many sessions; `waits`: it accepts no more until its share is larger. */
  load(worker: WorkerProcess, sessions: number, waits: boolean): void;
  session(worker: WorkerProcess, message: SessionMessage): void;
  exited(worker: WorkerProcess, code: number | null, signal: NodeJS.Signals | null): void;
}

export class WorkerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  isReady = false;
  /** It was told to end. */
  leaving = false;

  /** @param init without the sockets, which get their numbers here */
  constructor(
    init: Omit<WorkerInit, 'sockets'>,
    sockets: readonly BoundSocket[],
    environment: NodeJS.ProcessEnv,
    events: WorkerEvents,
  ) {
    const fds = sockets.map(({ handle }) => handle.fd);
    this.#child = spawn(process.execPath, [...V8_FLAGS, ENTRY, PADDING], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds],
      serialization: 'advanced',
      env: environment,
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.on('error', () => {}); // what it means comes with the exit
    this.#child.on('message', (message: ToMaster) => {
      if (message.kind === 'ready') {
        this.isReady = true;
        events.ready(this);
      } else if (message.kind === 'numbers') events.numbers(this);
      else if (message.kind === 'load') events.load(this, message.sessions, message.waits);
      else events.session(this, message);
    });
    this.#child.once('exit', (code, signal) => events.exited(this, code, signal));
    const mine = sockets.map(({ listening }, i): WorkerSocket => ({ text: listening.text, fd: FIRST_FD + i }));
    this.tell({ ...init, sockets: mine });
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** The master does not wait for it any more. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** What workers see of the environment: TZ, and what `env` names. */
export function workerEnvironment(conf: CoreConf): NodeJS.ProcessEnv {
  const out: NodeJS.ProcessEnv = {};
  // Coverage of the tests reaches into workers.
  for (const entry of ['TZ', 'NODE_V8_COVERAGE', ...conf.env]) {
    const equals = entry.indexOf('=');
    const name = equals < 0 ? entry : entry.slice(0, equals);
    const value = equals < 0 ? process.env[name] : entry.slice(equals + 1);
    if (value !== undefined) out[name] = value;
  }
  return out;
}
