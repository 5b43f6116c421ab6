// From a configuration that was read to processes that serve it, step by step in nginx's order.
import os from 'node:os';
import type { ByteString } from '../../conf/directive.ts';
import { SoleControl } from '../../control/control.ts';
import type { DiskEnvironment } from '../../core/disk-environment.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { openFilesLimit } from '../../core/open-files.ts';
import { copyToStderr, type StartupLog } from '../../core/startup-log.ts';
import { noEffectNotice } from '../../module/no-effect.ts';
import { SoleStatus } from '../../stats/status.ts';
import type { Report } from '../cycle-logs.ts';
import { type Defaults, Generation, type Reading } from '../master/generation.ts';
import { ListenerTable } from '../master/listener-table.ts';
import { Master } from '../master/master.ts';
import { checkPidFile, PidFile, probePidFile } from '../pid-file.ts';
import { Serving } from '../serving.ts';
import type { Signals } from '../signals.ts';
import { Title } from '../title.ts';
import { ConfigWatch } from '../watch/watch.ts';
import type { SpareWorker } from '../worker/spare-worker.ts';
import type { WorkerCode } from '../worker/worker-code.ts';
import { background, DAEMON, sayServing } from './background.ts';
import { serveInForeground } from './foreground.ts';
import { INHERITED, takeInherited } from './inherited.ts';

export interface LaunchOptions {
  readonly signals: Signals;
  readonly code: WorkerCode;
  /** Started already, for the first worker. */
  readonly spare: SpareWorker | undefined;
  readonly log: StartupLog;
  readonly defaults: Defaults;
  /** Name and version, for the log. */
  readonly banner: string;
  /** What the process is called in lists of processes. */
  readonly command: string;
  /** Of a new reading. @param report takes what reading has to say besides errors */
  readonly environment: (report: Report) => DiskEnvironment;
  /** Reads the configuration anew. @throws ConfError */
  readonly read: (env: DiskEnvironment) => Reading;
}

export class Launch {
  readonly #generation: Generation;
  readonly #options: LaunchOptions;
  readonly #listeners = new ListenerTable();
  #copies = true;

  /** @throws ConfError */
  constructor(reading: Reading, options: LaunchOptions) {
    this.#options = options;
    this.#generation = new Generation(reading, options.defaults, (level, text) => options.log.write(level, text));
  }

  /** `-t`: files and sockets are opened for a moment. @returns false where something fails; why is on stderr */
  async test(): Promise<boolean> {
    const { logs, listenings, pidFile } = this.#generation;
    const fault = probePidFile(pidFile);
    if (fault !== undefined) {
      this.#options.log.write(Level.emerg, fault);
      return false;
    }
    if (!this.#makeFolders() || !this.#openLogs()) return false;
    const bound = await this.#listeners.bind(listenings, false, this.#report);
    this.#warn();
    this.#listeners.closeAll(true);
    logs.close();
    return bound !== undefined;
  }

  /** Serves. @returns the exit code */
  async serve(): Promise<number> {
    const { conf, cycle, listenings, logs, pidFile, warning } = this.#generation;
    const isChild = process.env[DAEMON] !== undefined;
    this.#copies = !isChild;
    const isSuccessor = process.env[INHERITED] !== undefined && !isChild;
    const inherited = takeInherited(process.env, (level, text) => {
      if (!isChild) this.#options.log.write(level, text);
    });
    if (!conf.masterProcess) this.#options.spare?.dismiss();
    // Before the logs are opened: servers may have some of their own.
    let connections = 0;
    const { version, bodyFolder, handleFault } = this.#options.defaults;
    const serving = conf.masterProcess
      ? undefined
      : new Serving(cycle, logs, {
          version,
          bodyFolder,
          handleFault,
          nextConnection: () => ++connections,
          status: new SoleStatus(),
          control: new SoleControl(),
        });
    if (!this.#makeFolders() || !this.#openLogs()) return 1;
    this.#listeners.adopt(inherited, listenings);
    if ((await this.#listeners.bind(listenings, true, this.#report)) === undefined) return 1;
    const fault = checkPidFile(pidFile);
    if (fault !== undefined) return this.#giveUp(fault);
    if (conf.daemon && !isChild && !isSuccessor && inherited.size === 0) {
      if (!logs.files.usesStderr && warning !== undefined) copyToStderr(Level.warn, warning);
      this.#options.spare?.dismiss();
      return await background(this.#listeners.sockets, logs);
    }
    this.#announce();
    if (serving !== undefined) return await this.#serveAlone(serving);
    return await this.#serveAsMaster(isChild || isSuccessor, isSuccessor ? process.ppid : undefined);
  }

  async #serveAsMaster(isDaemon: boolean, beside: number | undefined): Promise<number> {
    this.#settle();
    const master = new Master(this.#generation, {
      code: this.#options.code,
      spare: this.#options.spare,
      signals: this.#options.signals,
      listeners: this.#listeners,
      beside,
      isDaemon,
      onAlone: () => watch.look(),
      read: (report) => this.#readAnew(report, watch),
    });
    const watch = new ConfigWatch({ reload: (why) => master.requestReload(why), report: master.report });
    if (this.#generation.conf.configWatch) watch.follow(this.#generation.env);
    const code = await master.run(() => sayServing());
    watch.close();
    return code;
  }

  /** @throws ConfError */
  #readAnew(report: Report, watch: ConfigWatch): Generation {
    const { environment, read, defaults } = this.#options;
    const env = environment(report);
    let watched = watch.isOpen;
    try {
      const reading = read(env);
      reading.cycle.init();
      const generation = new Generation(reading, defaults, report);
      watched = generation.conf.configWatch;
      return generation;
    } finally {
      // Also after a mistake: it is mended in one of the files that were read this time.
      if (watched) watch.follow(env);
      else watch.close();
    }
  }

  async #serveAlone(serving: Serving): Promise<number> {
    const { conf, pidFile } = this.#generation;
    if (conf.configWatch) this.#report(Level.warn, '"config_watch" needs a master process, ignored');
    serving.accept(new Map(this.#listeners.sockets.map(({ listening, handle }) => [listening.text, handle])));
    // Not before: who sees the pid file may connect.
    const file = new PidFile(pidFile);
    const fault = file.write();
    if (fault !== undefined) return this.#giveUp(fault);
    this.#settle();
    sayServing();
    const { signals } = this.#options;
    await serveInForeground({ signals, pidFile: file, listeners: this.#listeners, serving });
    return 0;
  }

  #giveUp(fault: ByteString): number {
    this.#report(Level.emerg, fault);
    this.#listeners.closeAll(true);
    return 1;
  }

  /** From here on only the configured logs speak. */
  #settle(): void {
    this.#copies = false;
    this.#options.log.close();
    new Title().set(`nginx: master process ${this.#options.command}`);
  }

  #makeFolders(): boolean {
    const fault = this.#generation.makeFolders();
    if (fault !== undefined) this.#options.log.write(Level.emerg, fault);
    return fault === undefined;
  }

  #openLogs(): boolean {
    const fault = this.#generation.logs.open();
    if (fault === undefined) return true;
    this.#options.log.write(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
    return false;
  }

  readonly #report = (level: Level, text: ByteString): void => {
    const { logs } = this.#generation;
    logs.log.write(level, text);
    if (this.#copies && !logs.files.usesStderr) copyToStderr(level, text);
  };

  #warn(): void {
    const { warning } = this.#generation;
    if (warning !== undefined) this.#report(Level.warn, warning);
  }

  #announce(): void {
    const { logs, cycle, transport } = this.#generation;
    const notice = (text: string): void => logs.log.write(Level.notice, text);
    notice('using the "epoll" event method');
    notice(transport);
    this.#warn();
    notice(this.#options.banner);
    notice(`built by Node.js ${process.version} `);
    notice(`OS: ${os.type()} ${os.release()}`);
    const limit = openFilesLimit();
    if (limit !== undefined) notice(`getrlimit(RLIMIT_NOFILE): ${limit.soft}:${limit.hard}`);
    const ignored = noEffectNotice(cycle.noEffect);
    if (ignored !== undefined) notice(ignored);
  }
}
