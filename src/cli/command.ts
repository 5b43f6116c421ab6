// The command, when its options are read: reads the configuration, then tests, signals or serves.
import { constants } from 'node:os';
import { at, ConfError } from '../conf/directive.ts';
import { defaultUser } from '../core/accounts.ts';
import { coreModule } from '../core/core-module.ts';
import { DiskEnvironment } from '../core/disk-environment.ts';
import { errnoNumber, errnoSuffix, systemError } from '../core/errno.ts';
import { checkWorkerConnections, eventsModule } from '../core/events-module.ts';
import { Level } from '../core/log.ts';
import { NGINX_VERSION } from '../core/nginx-version.ts';
import { packageVersion } from '../core/package-version.ts';
import { StartupLog } from '../core/startup-log.ts';
import { buildCycle, type Cycle } from '../module/cycle.ts';
import { noEffectNotice } from '../module/no-effect.ts';
import { modules } from '../modules.ts';
import { testHandles } from '../net/handle/self-test.ts';
import type { Report } from '../process/cycle-logs.ts';
import { listeningsOf, type Reading } from '../process/master/generation.ts';
import { readPidFile } from '../process/pid-file.ts';
import type { Signals } from '../process/signals.ts';
import { DAEMON } from '../process/start/background.ts';
import { Launch } from '../process/start/launch.ts';
import type { SpareWorker } from '../process/worker/spare-worker.ts';
import type { WorkerCode } from '../process/worker/worker-code.ts';
import type { Options, Signal } from './options.ts';
import type { Paths } from './paths.ts';
import { say } from './say.ts';

const SIGNAL_OF: Readonly<Record<Signal, NodeJS.Signals>> = {
  stop: 'SIGTERM',
  quit: 'SIGQUIT',
  reopen: 'SIGUSR1',
  reload: 'SIGHUP',
};

export interface CommandInput {
  readonly options: Options;
  readonly paths: Paths;
  /** Without node and the script. */
  readonly argv: readonly string[];
  readonly signals: Signals;
  /** Of worker processes. */
  readonly code: WorkerCode;
  /** Started already, if workers are expected. */
  readonly spare: SpareWorker | undefined;
}

export class Command {
  /** The command was started in the background by itself. */
  readonly #isDaemon = process.env[DAEMON] !== undefined;
  readonly #input: CommandInput;
  readonly #options: Options;
  readonly #paths: Paths;
  readonly #log: StartupLog;

  constructor(input: CommandInput) {
    this.#input = input;
    this.#options = input.options;
    this.#paths = input.paths;
    this.#log = new StartupLog(
      this.#isDaemon ? 'stderr' : this.#paths.errorLog,
      this.#options.test ? Level.info : Level.notice,
    );
  }

  async run(): Promise<number> {
    const { test, quiet, dump, signal } = this.#options;
    const { argv, signals, code, spare } = this.#input;
    const { file } = this.#paths;
    try {
      // Who started the daemon has read the same, and has told the user.
      const report: Report = (level, text) => (this.#isDaemon ? undefined : this.#log.write(level, text));
      const reading = this.#read(this.#environment(report));
      const { cycle } = reading;
      const ignored = noEffectNotice(cycle.noEffect);
      if (test && !quiet && ignored !== undefined) say(`nginx: [notice] ${ignored}\n`);
      if (test && !quiet) say(`nginx: the configuration file ${file} syntax is ok\n`);
      cycle.init();
      checkWorkerConnections(cycle.store.get(eventsModule.conf), listeningsOf(cycle.store).length);
      if (signal !== undefined && !test) return this.#signal(cycle, signal);
      const { errorLog, pid, bodyFolder } = this.#paths;
      const { transport } = cycle.store.get(coreModule.conf);
      const version = packageVersion();
      const launch = new Launch(reading, {
        signals,
        code,
        spare,
        log: this.#log,
        defaults: {
          errorLog,
          pid,
          bodyFolder,
          user: defaultUser(reading.env),
          version,
          // A test of the configuration has no use for them, unless it asks for them.
          handleFault: test && transport === 'auto' ? undefined : await testHandles(),
        },
        banner: `nginx/${NGINX_VERSION} (postern/${version})`,
        command: ['postern', ...argv].join(' '),
        environment: (report) => this.#environment(report),
        read: (env) => this.#read(env),
      });
      if (!test) return await launch.serve();
      if (!(await launch.test())) return this.#testFailed();
      if (!quiet) say(`nginx: configuration file ${file} test is successful\n`);
      if (dump) dumpFiles(cycle);
      return 0;
    } catch (error) {
      if (!(error instanceof ConfError)) throw error;
      this.#complain(error);
      return test ? this.#testFailed() : 1;
    }
  }

  /** @param report takes what reading has to say besides errors */
  #environment(report: Report): DiskEnvironment {
    const { prefix, confPrefix } = this.#paths;
    return new DiskEnvironment({ prefix, confPrefix, report: (level, text) => report(Level[level], text) });
  }

  #read(env: DiskEnvironment): Reading {
    const globalDirectives = this.#options.globalDirectives ?? '';
    return { cycle: buildCycle({ modules, env, file: this.#paths.file, globalDirectives }), env, globalDirectives };
  }

  #complain(error: ConfError): void {
    const text = error.message + (error.position === undefined ? '' : at(error.position));
    this.#log.write(Level[error.level], text);
    if (error.hint !== undefined && process.stderr.isTTY) say(`nginx: ${error.hint}\n`);
  }

  #testFailed(): number {
    say(`nginx: configuration file ${this.#paths.file} test failed\n`);
    return 1;
  }

  #signal(cycle: Cycle, name: Signal): number {
    this.#log.write(Level.notice, 'signal process started');
    const found = readPidFile(cycle.store.get(coreModule.conf).pid ?? this.#paths.pid);
    if (!('pid' in found)) {
      this.#log.write(found.level, found.fault);
      return 1;
    }
    const { pid } = found;
    const signal = SIGNAL_OF[name];
    try {
      process.kill(pid, signal);
      return 0;
    } catch (error) {
      const errno = systemError(error)?.errno ?? errnoNumber('ESRCH') ?? 0;
      this.#log.write(Level.alert, `kill(${pid}, ${constants.signals[signal]}) failed${errnoSuffix(errno)}`);
      return 1;
    }
  }
}

/** -T: every file once, in the order of first reading. The only output that goes to stdout. */
function dumpFiles(cycle: Cycle): void {
  for (const [name, data] of cycle.files) {
    process.stdout.write(`# configuration file ${name}:\n`, 'latin1');
    process.stdout.write(data);
    process.stdout.write('\n');
  }
}
