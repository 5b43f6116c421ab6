// The master's hold on one worker process: starts it, speaks to it, hears of its end.
import type { ChildProcess } from 'node:child_process';
import type { CoreConf } from '../../core/core-module.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type { CountsMessage, SessionMessage, ToMaster, ToWorker, WorkerInit, WorkerSocket } from '../messages.ts';
import { FIRST_FD, type WorkerCode } from './worker-code.ts';

export interface WorkerEvents {
  ready(worker: WorkerProcess): void;
  /** It wants more connection numbers. */
  numbers(worker: WorkerProcess): void;
  /** So many sessions; `waits`: it accepts no more until its share is larger. */
  load(worker: WorkerProcess, sessions: number, begun: number, waits: boolean): void;
  session(worker: WorkerProcess, message: SessionMessage): void;
  counts(worker: WorkerProcess, message: CountsMessage): void;
  exited(worker: WorkerProcess, code: number | null, signal: NodeJS.Signals | null): void;
  /** The system could not start it; nothing else comes of it. */
  failed(worker: WorkerProcess, error: unknown): void;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly code: WorkerCode;
  /** Without the sockets, which get their numbers here. */
  readonly init: Omit<WorkerInit, 'sockets'>;
  readonly sockets: readonly BoundSocket[];
  readonly environment: NodeJS.ProcessEnv;
}

export class WorkerProcess {
  /** 0: it could not be started. */
  readonly pid: number;
  readonly #child: ChildProcess | undefined;
  isReady = false;
  /** It was told to end. */
  leaving = false;

  constructor({ code, init, sockets, environment }: WorkerStart, events: WorkerEvents) {
    const fds = sockets.map(({ handle }) => handle.fd);
    this.#child = this.#start(() => code.start(fds, environment), events);
    this.pid = this.#child?.pid ?? 0;
    this.#child?.on('message', (message: ToMaster) => {
      if (message.kind === 'ready') {
        this.isReady = true;
        events.ready(this);
      } else if (message.kind === 'numbers') events.numbers(this);
      else if (message.kind === 'load') events.load(this, message.sessions, message.begun, message.waits);
      else if (message.kind === 'counts' || message.kind === 'find-counts') events.counts(this, message);
      else events.session(this, message);
    });
    this.#child?.once('exit', (exitCode, signal) => events.exited(this, exitCode, signal));
    const mine = sockets.map(({ listening }, i): WorkerSocket => ({ text: listening.text, fd: FIRST_FD + i }));
    this.tell({ ...init, sockets: mine });
  }

  tell(message: ToWorker): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #start(start: () => ChildProcess, events: WorkerEvents): ChildProcess | undefined {
    try {
      const child = start();
      child.on('error', (error) => {
        // Of a process that runs it says nothing that does not come with its exit.
        if (child.pid === undefined) events.failed(this, error);
      });
      return child;
    } catch (error) {
      process.nextTick(() => events.failed(this, error));
      return undefined;
    }
  }

  /** The master no longer waits for it. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
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
