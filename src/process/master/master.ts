// The master process: owns the sockets and the pid file, keeps a crew of workers at work, and answers signals.
import { at, type ByteString, ConfError } from '../../conf/directive.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { Collection } from '../../core/reclaim.ts';
import type { Report } from '../cycle-logs.ts';
import { NumberDealer } from '../numbers.ts';
import { removePidFile, writePidFile } from '../pid-file.ts';
import { reopenLogs } from '../reopen.ts';
import { signalRecord } from '../signal-names.ts';
import type { ProcessSignal, Signals } from '../signals.ts';
import type { WorkerCode } from '../worker/worker-code.ts';
import { Crew } from './crew.ts';
import type { Generation } from './generation.ts';
import type { ListenerTable } from './listener-table.ts';
import { SessionZoneKeeper } from './session-zones.ts';
import { Upgrade } from './upgrade.ts';

export interface MasterOptions {
  readonly code: WorkerCode;
  readonly signals: Signals;
  readonly listeners: ListenerTable;
  /** Reads the configuration anew. @throws ConfError */
  readonly read: (report: Report) => Generation;
  /** The older version that started this one and still runs. */
  readonly beside: number | undefined;
}

/** Rounds of telling workers to stop; after the last one they are killed. */
const STOP_ROUNDS_MS = [50, 100, 200, 400, 800, 1600];
/** nginx gives new workers this long before it lets the old ones go. */
const SETTLE_MS = 100;

export class Master {
  readonly #options: MasterOptions;
  readonly #numbers = new NumberDealer();
  readonly #sessions = new SessionZoneKeeper();
  /** What was read holds much memory outside of V8's heap, by which V8 does not see that it is time to collect. */
  readonly #garbage = new Collection();
  /** The one at work, and those that finish their sessions. */
  readonly #crews = new Set<Crew>();
  #generation: Generation;
  #crew: Crew | undefined;
  #ending = false;
  #reloading = false;
  #reloadAgain = false;
  readonly #upgrade: Upgrade;
  #done: () => void = () => {};

  constructor(generation: Generation, options: MasterOptions) {
    this.#generation = generation;
    this.#options = options;
    this.#upgrade = new Upgrade({
      report: this.#log,
      sockets: () => options.listeners.sockets,
      beside: options.beside,
      onAlone: () => {
        if (this.#ending || this.#crew !== undefined) return;
        this.#crew = this.#hire(this.#generation);
        void this.#crew.start(false);
      },
    });
  }

  /**
   * Serves until it is told to end; resolves with the exit code when the last worker is gone and everything closed.
   * @param onServing called when connections are accepted and the pid file is there
   */
  async run(onServing: () => void): Promise<number> {
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    const alive = setInterval(() => {}, 2 ** 30);
    this.#options.signals.serve((signal) => this.#receive(signal));
    this.#crew = this.#hire(this.#generation);
    await this.#crew.start(false);
    // Not before: who sees the pid file may connect.
    const fault = this.#ending ? undefined : writePidFile(this.#generation.pidFile);
    if (fault === undefined) onServing();
    else {
      this.#log(Level.emerg, fault);
      this.#stop();
    }
    await done;
    clearInterval(alive);
    this.#close();
    return fault === undefined ? 0 : 1;
  }

  /** Into the log in force. */
  get report(): Report {
    return this.#log;
  }

  /** As HUP, but not for a master that is being replaced, or whose workers were sent away. @param why for the log */
  requestReload(why: ByteString): void {
    if (this.#ending || this.#upgrade.active || this.#crew === undefined) return;
    this.#log(Level.notice, why);
    void this.#reload();
  }

  readonly #log = (level: Level, text: ByteString): void => this.#generation.logs.log.write(level, text);

  #hire(generation: Generation): Crew {
    const crew = new Crew(generation, {
      code: this.#options.code,
      sockets: this.#options.listeners.of(generation.listenings),
      numbers: this.#numbers,
      sessions: this.#sessions,
      report: this.#log,
      onEmpty: (gone) => this.#gone(gone),
    });
    this.#crews.add(crew);
    return crew;
  }

  #gone(crew: Crew): void {
    this.#crews.delete(crew);
    this.#sessions.retain([this.#generation, ...[...this.#crews].map(({ generation }) => generation)]);
    if (crew !== this.#crew && crew.generation !== this.#generation) {
      crew.generation.logs.close();
      this.#garbage.soon();
    }
    if (this.#ending && this.#crews.size === 0) this.#done();
  }

  #receive(signal: ProcessSignal): void {
    const say = (action: string): void => this.#log(Level.notice, signalRecord(signal, action));
    switch (signal) {
      case 'SIGTERM':
      case 'SIGINT':
        say(', exiting');
        this.#stop();
        return;
      case 'SIGQUIT':
        say(', shutting down');
        this.#quit();
        return;
      case 'SIGHUP':
        say(', reconfiguring');
        void this.#reload();
        return;
      case 'SIGUSR1':
        say(', reopening logs');
        reopenLogs(this.#generation.logs, this.#generation.user);
        for (const crew of this.#crews) crew.reopen();
        return;
      case 'SIGUSR2':
        say(this.#upgrade.refused ? ', ignoring' : ', changing binary');
        if (this.#upgrade.refused) this.#upgrade.refuse();
        else this.#upgrade.start(this.#generation);
        return;
      case 'SIGWINCH':
        if (!this.#generation.conf.daemon) {
          say('');
          return;
        }
        say(', stop accepting connections');
        this.#dismiss();
        return;
      default:
        signal satisfies never;
    }
  }

  #dismiss(): void {
    for (const crew of this.#crews) crew.quit();
    this.#crew = undefined;
  }

  #quit(): void {
    this.#ending = true;
    this.#options.listeners.closeAll(this.#ownsSockets);
    for (const crew of this.#crews) crew.quit();
    if (this.#crews.size === 0) this.#done();
  }

  #stop(): void {
    this.#ending = true;
    this.#options.listeners.closeAll(this.#ownsSockets);
    for (const crew of this.#crews) crew.stop();
    if (this.#crews.size === 0) {
      this.#done();
      return;
    }
    let round = 0;
    const again = (): void => {
      if (this.#crews.size === 0) return;
      const last = round === STOP_ROUNDS_MS.length;
      for (const crew of this.#crews) {
        if (last) crew.kill();
        else crew.stop();
      }
      if (!last) setTimeout(again, STOP_ROUNDS_MS[round++]);
    };
    again();
  }

  /** Several requests that come while one is at work are answered by one more. */
  async #reload(): Promise<void> {
    if (this.#ending) return;
    if (this.#reloading) {
      this.#reloadAgain = true;
      return;
    }
    this.#reloading = true;
    do {
      this.#reloadAgain = false;
      await this.#reconfigure();
    } while (this.#reloadAgain && !this.#ending);
    this.#reloading = false;
  }

  async #reconfigure(): Promise<void> {
    if (this.#upgrade.active && this.#crew === undefined) {
      // Beside a new binary the old configuration comes back, as it was.
      this.#crew = this.#hire(this.#generation);
      await this.#crew.start(false);
      return;
    }
    this.#log(Level.notice, 'reconfiguring');
    const next = this.#readNext();
    if (next === undefined) return;
    const { listeners } = this.#options;
    const added = await listeners.bind(next.listenings, true, this.#log);
    if (added === undefined || !this.#movePidFile(next)) {
      if (added !== undefined) listeners.release(added);
      next.logs.close();
      return;
    }
    next.logs.log.write(Level.notice, 'using the "epoll" event method');
    if (next.warning !== undefined) next.logs.log.write(Level.warn, next.warning);
    const crew = this.#hire(next);
    if (!(await crew.start(true)) || this.#ending) {
      if (!this.#ending) {
        this.#log(Level.emerg, 'the new worker processes did not come up, the old configuration stays');
      }
      crew.stop();
      listeners.release(added);
      return;
    }
    const old = this.#crew;
    this.#generation = next;
    this.#crew = crew;
    listeners.retain(next.listenings, this.#log);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    old?.quit();
  }

  /** undefined: the configuration cannot be used; why is in the log in force. */
  #readNext(): Generation | undefined {
    try {
      const next = this.#options.read(this.#log);
      const fault = next.logs.open();
      if (fault === undefined) return next;
      next.logs.close();
      this.#log(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      this.#garbage.soon();
      this.#log(Level[error.level], error.message + (error.position === undefined ? '' : at(error.position)));
    }
    return undefined;
  }

  #movePidFile(next: Generation): boolean {
    const old = this.#generation.pidFile;
    if (next.pidFile === old) return true;
    const fault = writePidFile(next.pidFile);
    if (fault !== undefined) {
      this.#log(Level.emerg, fault);
      return false;
    }
    removePidFile(old);
    return true;
  }

  /** Unix sockets are left to another version where one goes on. */
  get #ownsSockets(): boolean {
    return !this.#upgrade.refused;
  }

  #close(): void {
    const { logs, pidFile } = this.#generation;
    const fault = removePidFile(this.#upgrade.active ? `${pidFile}.oldbin` : pidFile);
    if (fault !== undefined) logs.log.write(Level.alert, fault);
    this.#upgrade.release();
    logs.fileLog.write(Level.notice, 'exit');
    logs.close();
  }
}
