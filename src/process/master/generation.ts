// One configuration in force: its cycle, its logs, and what its workers need of it.
import { type ByteString, ConfError } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import { type CoreConf, coreModule } from '../../core/core-module.ts';
import type { DiskEnvironment } from '../../core/disk-environment.ts';
import { checkWorkerConnections, eventsModule } from '../../core/events-module.ts';
import { exceededOpenFiles } from '../../core/open-files.ts';
import { httpOf } from '../../http/face.ts';
import { mailAccessLogs, mailErrorLogs, mailListenings } from '../../mail/needs.ts';
import type { Cycle } from '../../module/cycle.ts';
import { explainTransport } from '../../net/choose-transport.ts';
import type { ListeningSpec } from '../../net/listen/listening.ts';
import { tlsModule } from '../../net/tls/module.ts';
import type { SharedUse } from '../../net/tls/session-zones.ts';
import { CycleLogs, type Report } from '../cycle-logs.ts';
import { makeFolders } from '../folders.ts';
import type { WorkerInit } from '../messages.ts';

/** What the command knows: where things are when the configuration does not say, and its version. */
export interface Defaults {
  readonly errorLog: ByteString;
  readonly pid: ByteString;
  /** For bodies of requests. */
  readonly bodyFolder: ByteString;
  readonly user: CoreConf['user'];
  readonly version: string;
  /** What is wrong with the handles of this Node.js, if anything: where they are asked for, that is a mistake. */
  readonly handleFault: string | undefined;
}

/** The sockets that a configuration listens on. */
export const listeningsOf = (store: Store): readonly ListeningSpec[] => [
  ...(httpOf(store)?.listenings(store) ?? []),
  ...mailListenings(store),
];

/** A cycle together with the environment that it was read from. */
export interface Reading {
  readonly cycle: Cycle;
  readonly env: DiskEnvironment;
  readonly globalDirectives: ByteString;
}

export class Generation {
  readonly cycle: Cycle;
  readonly conf: CoreConf;
  readonly logs: CycleLogs;
  readonly listenings: readonly ListeningSpec[];
  readonly #bornMs = Date.now();
  readonly #reading: Reading;
  readonly #defaults: Defaults;

  /** @throws ConfError */
  constructor(reading: Reading, defaults: Defaults, early: Report) {
    this.#reading = reading;
    this.#defaults = defaults;
    this.cycle = reading.cycle;
    this.conf = this.cycle.store.get(coreModule.conf);
    const { handleFault } = defaults;
    if (this.conf.transport === 'handle' && handleFault !== undefined) {
      throw new ConfError(`the "handle" transport does not work with Node.js ${process.version}: ${handleFault}`);
    }
    this.listenings = listeningsOf(this.cycle.store);
    checkWorkerConnections(this.cycle.store.get(eventsModule.conf), this.listenings.length);
    this.logs = new CycleLogs(this.cycle, defaults.errorLog, early);
    // Workers write to them; that they can be opened is seen here, and so is who owns them after a rotation.
    const { store } = this.cycle;
    const http = httpOf(store);
    this.logs.include(http?.errorLogs(store) ?? []);
    this.logs.include(http?.accessLogs(store) ?? []);
    this.logs.include(mailErrorLogs(store));
    this.logs.include(mailAccessLogs(store));
  }

  /** What it was read from. */
  get env(): DiskEnvironment {
    return this.#reading.env;
  }

  get pidFile(): ByteString {
    return this.conf.pid ?? this.#defaults.pid;
  }

  /** Folders for temporary files that workers do not make themselves. @returns what is wrong with one */
  makeFolders(): ByteString | undefined {
    const { bodyFolder } = this.#defaults;
    const folders = httpOf(this.cycle.store)?.bodyFolders(this.cycle.store, bodyFolder) ?? [];
    return makeFolders(folders, bodyFolder, this.user?.uid);
  }

  /** For the log: which transport is used, and why. */
  get transport(): ByteString {
    const [name, why] = explainTransport(this.conf.transport, this.#defaults.handleFault);
    return `using the "${name}" transport: ${why}`;
  }

  /** What is to be said of the limits, if anything. */
  get warning(): ByteString | undefined {
    const { workerConnections } = this.cycle.store.get(eventsModule.conf);
    return exceededOpenFiles(workerConnections, this.conf.rlimitNofile);
  }

  /** Of the workers; undefined: that of the master. */
  get user(): CoreConf['user'] {
    return process.geteuid?.() === 0 ? (this.conf.user ?? this.#defaults.user) : undefined;
  }

  /** What workers share for the resumption of TLS sessions. */
  get sharedUses(): readonly SharedUse[] {
    return this.cycle.store.get(tlsModule.conf).uses;
  }

  get init(): Omit<WorkerInit, 'sockets' | 'ticketKeys' | 'isDaemon' | 'slot'> {
    const { env, globalDirectives } = this.#reading;
    return {
      kind: 'init',
      snapshot: env.snapshot(),
      file: this.cycle.file,
      globalDirectives,
      defaultErrorLog: this.#defaults.errorLog,
      bodyFolder: this.#defaults.bodyFolder,
      version: this.#defaults.version,
      handleFault: this.#defaults.handleFault,
      user: this.user,
      bornMs: this.#bornMs,
    };
  }
}
