// The workers of one generation: started together, started again when they die, told to end together.
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type { Report } from '../cycle-logs.ts';
import type { ToWorker } from '../messages.ts';
import type { NumberDealer } from '../numbers.ts';
import { signalNumber, signalRecord } from '../signal-names.ts';
import type { SpareWorker } from '../worker/spare-worker.ts';
import type { WorkerCode } from '../worker/worker-code.ts';
import { WorkerProcess, workerEnvironment } from '../worker/worker-process.ts';
import type { Generation } from './generation.ts';
import type { Keepers } from './keepers.ts';
import { applyLimits } from './limits.ts';
import { RespawnDelay } from './respawn-delay.ts';
import { Shares } from './shares.ts';

export interface CrewOptions {
  readonly code: WorkerCode;
  /** For its first worker. */
  readonly spare: SpareWorker | undefined;
  readonly sockets: readonly BoundSocket[];
  readonly isDaemon: boolean;
  readonly numbers: NumberDealer;
  readonly keepers: Keepers;
  /** The log of the configuration in force, which need not be that of the crew. */
  readonly report: Report;
  /** The last worker is gone, and none will follow. */
  readonly onEmpty: (crew: Crew) => void;
}

/** A worker that does not say in this time that it is ready has failed. */
const READY_MS = 10_000;
/** Exit code of a worker that would fail again. */
const FATAL = 2;

export class Crew {
  readonly generation: Generation;
  readonly #options: CrewOptions;
  /** By their slots: each counts on its own for affinity. */
  readonly #workers = new Map<WorkerProcess, number>();
  readonly #shares = new Shares();
  readonly #delay = new RespawnDelay();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #leaving = false;
  #strict = false;
  #started: ((ok: boolean) => void) | undefined;

  constructor(generation: Generation, options: CrewOptions) {
    this.generation = generation;
    this.#options = options;
  }

  get size(): number {
    return this.#workers.size;
  }

  /**
   * Starts them all. Resolves with true when they accept connections.
   * @param strict a worker that does not come up means false, and no other takes its place
   */
  start(strict: boolean): Promise<boolean> {
    this.#strict = strict;
    this.#announce('start worker processes');
    const { workerProcesses } = this.generation.conf;
    if (workerProcesses === 0) {
      this.#options.spare?.dismiss();
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#started?.(false), READY_MS);
      this.#started = (ok) => {
        clearTimeout(timer);
        this.#started = undefined;
        this.#strict = false;
        resolve(ok);
      };
      for (let slot = 0; slot < workerProcesses && this.#started !== undefined; slot++) this.#spawn(slot);
    });
  }

  /** They finish their sessions and go. */
  quit(): void {
    this.#leave({ kind: 'quit' });
  }

  /** They go at once. */
  stop(): void {
    this.#leave({ kind: 'stop' });
  }

  reopen(): void {
    this.#tell({ kind: 'reopen' });
  }

  kill(): void {
    for (const worker of this.#workers.keys()) worker.kill('SIGKILL');
  }

  #leave(message: ToWorker): void {
    this.#leaving = true;
    this.#shares.end();
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    this.#tell(message);
    this.#started?.(false); // who waits for it need not
    if (this.#workers.size === 0) this.#options.onEmpty(this);
  }

  #tell(message: ToWorker): void {
    for (const worker of this.#workers.keys()) worker.tell(message);
  }

  /** Into the log of its own configuration: at a reload that is not in force yet. */
  #announce(text: string): void {
    this.generation.logs.log.write(Level.notice, text);
  }

  #spawn(slot: number): void {
    const { generation } = this;
    const { code, keepers, isDaemon, numbers, report, sockets, spare } = this.#options;
    const { affinity, checks, control, counts, history, lockOut, peers, sessions } = keepers;
    const init = { ...generation.init, isDaemon, slot, ticketKeys: sessions.open(generation.sharedUses) };
    const environment = workerEnvironment(generation.conf.env);
    const worker = new WorkerProcess(
      { code, init, sockets, environment, spare },
      {
        ready: (from) => {
          this.#shares.add(from);
          counts.join(from);
          this.#ready();
        },
        numbers: (asking) => asking.tell({ kind: 'numbers', first: numbers.deal() }),
        load: (from, count, begun, waits) => this.#shares.report(from, count, begun, waits),
        session: (from, message) => sessions.receive(from, message),
        counts: (from, message) => counts.receive(from, message),
        peers: (from, message) => peers.receive(from, message),
        checks: (from, message) => checks.receive(from, message),
        affinity: (from, message) => affinity.receive(from, message),
        control: (from, message) => control.receive(from, message),
        lockOut: (from, message) => lockOut.receive(from, message),
        history: (from, message) => history.receive(from, message),
        exited: (gone, exitCode, signal) => this.#exited(gone, exitCode, signal),
        failed: (gone, error) => this.#failed(gone, error),
      },
    );
    this.#workers.set(worker, slot);
    sessions.join(worker);
    if (worker.pid === 0) return;
    this.#announce(`start worker process ${worker.pid}`);
    control.join(worker, generation);
    worker.tell({ kind: 'numbers', first: numbers.deal() });
    applyLimits(worker.pid, slot, generation.conf, report);
  }

  #ready(): void {
    if ([...this.#workers.keys()].every((worker) => worker.isReady)) this.#started?.(true);
  }

  #exited(worker: WorkerProcess, code: number | null, signal: NodeJS.Signals | null): void {
    const { report } = this.#options;
    const final = signal === null && code === FATAL;
    report(Level.notice, signalRecord('SIGCHLD'));
    if (signal !== null) report(Level.alert, `worker process ${worker.pid} exited on signal ${signalNumber(signal)}`);
    else report(Level.notice, `worker process ${worker.pid} exited with code ${code}`);
    if (final) report(Level.alert, `worker process ${worker.pid} exited with fatal code 2 and cannot be respawned`);
    this.#lost(worker, final);
  }

  #failed(worker: WorkerProcess, error: unknown): void {
    const why = errnoSuffix(systemError(error)?.errno ?? 0);
    this.#options.report(Level.alert, `fork() failed while spawning "worker process"${why}`);
    this.#lost(worker, false);
  }

  /** @param final no other takes its place */
  #lost(worker: WorkerProcess, final: boolean): void {
    const { keepers, onEmpty } = this.#options;
    const { affinity, checks, control, counts, history, lockOut, peers, sessions } = keepers;
    const slot = this.#workers.get(worker) ?? 0;
    this.#workers.delete(worker);
    this.#shares.remove(worker);
    sessions.leave(worker);
    counts.leave(worker);
    peers.leave(worker);
    checks.leave(worker);
    affinity.leave(worker);
    control.leave(worker);
    lockOut.leave(worker);
    history.leave(worker);
    if (this.#strict) {
      this.#started?.(false);
      return;
    }
    if (this.#leaving) {
      if (this.#workers.size === 0) onEmpty(this);
    } else if (!final) this.#respawn(slot);
    else this.#ready(); // nothing more is to be waited for
  }

  /** At once, but not where workers keep dying. */
  #respawn(slot: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#options.keepers.counts.respawns();
      this.#spawn(slot);
    }, this.#delay.next());
    this.#waiting.add(timer);
  }
}
