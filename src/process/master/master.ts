// The master process: owns the sockets and the pid file, keeps a crew of workers at work, and answers signals.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { Collection } from '../../core/reclaim.ts';
import type { Report } from '../cycle-logs.ts';
import { NumberDealer } from '../numbers.ts';
import { checkPidFile, PidFile } from '../pid-file.ts';
import { reopenFiles, reopenLogs } from '../reopen.ts';
import { signalRecord } from '../signal-names.ts';
import type { ProcessSignal, Signals } from '../signals.ts';
import type { SpareWorker } from '../worker/spare-worker.ts';
import type { WorkerCode } from '../worker/worker-code.ts';
import { Crew } from './crew.ts';
import type { Generation } from './generation.ts';
import { Keepers } from './keepers.ts';
import type { ListenerTable } from './listener-table.ts';
import { readNext } from './read-next.ts';
import { stopInRounds } from './stop-rounds.ts';
import { oldName, Upgrade } from './upgrade.ts';

export interface MasterOptions {
  readonly code: WorkerCode;
  /** For the first worker. */
  readonly spare: SpareWorker | undefined;
  readonly signals: Signals;
  readonly listeners: ListenerTable;
  /** Reads the configuration anew. @throws ConfError */
  readonly read: (report: Report) => Generation;
  /** The older version that started this one and still runs. */
  readonly beside: number | undefined;
  /** In the background, where WINCH is more than the news of another size of the terminal. */
  readonly isDaemon: boolean;
  /** Called when a new version that ran beside this one is gone. */
  readonly onAlone: () => void;
}

/** nginx gives new workers this long before it lets the old ones go. */
const SETTLE_MS = 100;
const NOT_UP = 'the new worker processes did not come up, the old configuration stays';

export class Master {
  readonly #options: MasterOptions;
  readonly #numbers = new NumberDealer();
  readonly #keepers = new Keepers();
  /** What was read holds much memory outside of V8's heap, by which V8 does not see that it is time to collect. */
  readonly #garbage = new Collection();
  /** The one at work, and those that finish their sessions. */
  readonly #crews = new Set<Crew>();
  #generation: Generation;
  /** On its way into force: its logs are open already. */
  #next: Generation | undefined;
  #crew: Crew | undefined;
  #ending = false;
  #reloading = false;
  #reloadAgain = false;
  /** What has to wait for the end of a reload. */
  #later: (() => void)[] = [];
  readonly #upgrade: Upgrade;
  readonly #pidFile: PidFile;
  #done: () => void = () => {};

  constructor(generation: Generation, options: MasterOptions) {
    this.#generation = generation;
    this.#options = options;
    this.#pidFile = new PidFile(generation.pidFile);
    this.#upgrade = new Upgrade({
      report: this.#log,
      sockets: () => options.listeners.sockets,
      beside: options.beside,
      onAlone: () => {
        if (this.#ending) return;
        if (this.#crew === undefined) this.#hireAgain();
        options.onAlone();
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
    this.#garbage.soon(); // of the start
    this.#crew = this.#hire(this.#generation);
    await this.#crew.start(false);
    // Not before: who sees the pid file may connect.
    const fault = this.#ending ? undefined : this.#pidFile.write();
    if (fault !== undefined) {
      this.#log(Level.emerg, fault);
      this.#stop();
    } else if (!this.#ending) onServing();
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
      spare: this.#options.spare,
      sockets: this.#options.listeners.of(generation.listenings),
      isDaemon: this.#options.isDaemon,
      numbers: this.#numbers,
      keepers: this.#keepers,
      report: this.#log,
      onEmpty: (gone) => this.#gone(gone),
    });
    this.#crews.add(crew);
    return crew;
  }

  /** The configuration in force, as it was read, when its workers had been sent away. */
  #hireAgain(): void {
    this.#crew = this.#hire(this.#generation);
    void this.#crew.start(false);
  }

  #gone(crew: Crew): void {
    this.#crews.delete(crew);
    this.#keepers.sessions.retain([this.#generation, ...[...this.#crews].map(({ generation }) => generation)]);
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
        if (this.#next !== undefined) reopenFiles(this.#next.logs, this.#next.user);
        for (const crew of this.#crews) crew.reopen();
        return;
      case 'SIGUSR2':
        say(this.#upgrade.refused ? ', ignoring' : ', changing binary');
        this.#whenSettled(() => {
          if (this.#upgrade.refused) this.#upgrade.refuse();
          else this.#upgrade.start(this.#generation.conf, this.#pidFile.path);
        });
        return;
      case 'SIGWINCH':
        say(this.#options.isDaemon ? ', stop accepting connections' : '');
        if (this.#options.isDaemon) this.#whenSettled(() => this.#dismiss());
        return;
      case 'SIGALRM':
      case 'SIGIO':
        say('');
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
    if (this.#crews.size === 0) this.#done();
    else stopInRounds(this.#crews);
  }

  /** A reload is not to find another state at its end than at its beginning. */
  #whenSettled(run: () => void): void {
    if (this.#reloading) this.#later.push(run);
    else run();
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
    for (const run of this.#later.splice(0)) if (!this.#ending) run();
  }

  async #reconfigure(): Promise<void> {
    if (this.#upgrade.active) {
      // The way back from an upgrade is the old configuration, and the new version has the pid file and the sockets.
      if (this.#crew === undefined) this.#hireAgain();
      else this.#log(Level.notice, 'the configuration is not read while a new version runs');
      return;
    }
    this.#log(Level.notice, 'reconfiguring');
    const next = readNext(this.#options.read, this.#log);
    if (next === undefined) {
      this.#garbage.soon();
      return;
    }
    this.#next = next;
    if (!(await this.#replace(next))) next.logs.close();
    this.#next = undefined;
  }

  /** @returns false: it did not come into force, and has left no trace but why in the log */
  async #replace(next: Generation): Promise<boolean> {
    const { listeners } = this.#options;
    const fault = next.pidFile === this.#pidFile.path ? undefined : checkPidFile(next.pidFile);
    if (fault !== undefined) {
      this.#log(Level.emerg, fault);
      return false;
    }
    const added = await listeners.bind(next.listenings, true, this.#log, () => this.#ending);
    if (added === undefined) return false;
    next.logs.log.write(Level.notice, 'using the "epoll" event method');
    if (next.transport !== this.#generation.transport) next.logs.log.write(Level.notice, next.transport);
    if (next.warning !== undefined) next.logs.log.write(Level.warn, next.warning);
    const crew = this.#hire(next);
    const isUp = await crew.start(true);
    if (this.#ending) return true; // its workers have been told, as all others
    const failure = isUp ? this.#pidFile.move(next.pidFile) : NOT_UP;
    if (failure !== undefined) {
      this.#log(Level.emerg, failure);
      crew.stop();
      listeners.release(added);
      return true; // its logs are closed when its workers are gone
    }
    const old = this.#crew;
    this.#generation = next;
    this.#crew = crew;
    this.#keepers.counts.reloads();
    listeners.retain(next.listenings, this.#log);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    old?.quit();
    return true;
  }

  /** Unix sockets are left to another version where one goes on. */
  get #ownsSockets(): boolean {
    return !this.#upgrade.refused;
  }

  #close(): void {
    const { logs } = this.#generation;
    const { path } = this.#pidFile;
    const fault = this.#pidFile.remove(this.#upgrade.active ? oldName(path) : path);
    if (fault !== undefined) logs.log.write(Level.alert, fault);
    this.#upgrade.release();
    logs.fileLog.write(Level.notice, 'exit');
    logs.close();
  }
}
