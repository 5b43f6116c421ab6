// The master's hold on one worker process: starts it, speaks to it, hears of its end.
import type { ChildProcess } from 'node:child_process';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type {
  AffinityMessage,
  ChecksMessage,
  ControlMessage,
  CountsMessage,
  HistoryMessage,
  LockOutMessage,
  PeersMessage,
  SessionMessage,
  ToMaster,
  ToWorker,
  WorkerInit,
  WorkerSocket,
} from '../messages.ts';
import type { SpareWorker } from './spare-worker.ts';
import { FIRST_FD, type WorkerCode } from './worker-code.ts';

export interface WorkerEvents {
  ready(worker: WorkerProcess): void;
  /** It wants more connection numbers. */
  numbers(worker: WorkerProcess): void;
  /** So many sessions; `waits`: it accepts no more until its share is larger. */
  load(worker: WorkerProcess, sessions: number, begun: number, waits: boolean): void;
  session(worker: WorkerProcess, message: SessionMessage): void;
  counts(worker: WorkerProcess, message: CountsMessage): void;
  peers(worker: WorkerProcess, message: PeersMessage): void;
  checks(worker: WorkerProcess, message: ChecksMessage): void;
  affinity(worker: WorkerProcess, message: AffinityMessage): void;
  control(worker: WorkerProcess, message: ControlMessage): void;
  lockOut(worker: WorkerProcess, message: LockOutMessage): void;
  history(worker: WorkerProcess, message: HistoryMessage): void;
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
  /** Taken, if it will do. */
  readonly spare: SpareWorker | undefined;
}

export class WorkerProcess {
  /** 0: it could not be started. */
  readonly pid: number;
  readonly #child: ChildProcess | undefined;
  /**
   * For a process that was started without sockets: what waits until it is up. They have to go through a channel that
   * is empty. One that is closed while it waits in there would break it.
   */
  #held: ToWorker[] | undefined;
  isReady = false;
  /** It was told to end. */
  leaving = false;

  constructor({ code, init, sockets, environment, spare }: WorkerStart, events: WorkerEvents) {
    const fds = sockets.map(({ handle }) => handle.fd);
    const taken = spare?.take(environment);
    this.#child = this.#start(() => taken?.child ?? code.start(fds, environment), events);
    this.pid = this.#child?.pid ?? 0;
    this.#child?.on('message', (message: ToMaster) => {
      if (message.kind === 'up') this.#release(sockets);
      else if (message.kind === 'ready') {
        this.isReady = true;
        events.ready(this);
      } else if (message.kind === 'numbers') events.numbers(this);
      else if (message.kind === 'load') events.load(this, message.sessions, message.begun, message.waits);
      else if (message.kind === 'counts' || message.kind === 'find-counts') events.counts(this, message);
      else if (message.kind === 'peers') events.peers(this, message);
      else if (message.kind === 'offer-checks' || message.kind === 'withdraw-checks') events.checks(this, message);
      else if (message.kind === 'affinity' || message.kind === 'join-affinity') events.affinity(this, message);
      else if (message.kind === 'control' || message.kind === 'control-answer') events.control(this, message);
      else if (message.kind === 'begin-try' || message.kind === 'end-try') events.lockOut(this, message);
      else if (message.kind === 'keep-history' || message.kind === 'find-history') events.history(this, message);
      else events.session(this, message);
    });
    this.#child?.once('exit', (exitCode, signal) => events.exited(this, exitCode, signal));
    const mine = sockets.map(({ listening }, i): WorkerSocket => ({ text: listening.text, fd: FIRST_FD + i }));
    if (taken !== undefined) this.#held = [];
    this.tell({ ...init, sockets: taken === undefined ? mine : [] });
    if (taken?.isUp === true) this.#release(sockets);
  }

  tell(message: ToWorker): void {
    if (this.#held !== undefined) this.#held.push(message);
    else if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #release(sockets: readonly BoundSocket[]): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    for (const { listening, handle } of sockets) {
      const message: ToWorker = { kind: 'socket', text: listening.text };
      this.#child?.send(message, handle, {}, () => {});
    }
    for (const message of held) this.tell(message);
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

/** What workers see of the environment: TZ, and what `env` names. @param entries its values */
export function workerEnvironment(entries: readonly string[]): NodeJS.ProcessEnv {
  const out: NodeJS.ProcessEnv = {};
  // Coverage of the tests reaches into workers.
  for (const entry of ['TZ', 'NODE_V8_COVERAGE', ...entries]) {
    const equals = entry.indexOf('=');
    const name = equals < 0 ? entry : entry.slice(0, equals);
    const value = equals < 0 ? process.env[name] : entry.slice(equals + 1);
    if (value !== undefined) out[name] = value;
  }
  return out;
}
