// Binary upgrade (USR2): a new version beside this one, with the pid file out of its way, and back when it goes.
import { renameSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import type { CoreConf } from '../../core/core-module.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type { Report } from '../cycle-logs.ts';
import { signalRecord } from '../signal-names.ts';
import { NewBinary } from './new-binary.ts';

export interface UpgradeOptions {
  readonly report: Report;
  readonly sockets: () => readonly BoundSocket[];
  /** The older version that started this one, if one did. */
  readonly beside: number | undefined;
  /** The new version has gone: this one is alone again. */
  readonly onAlone: () => void;
}

const REFUSED =
  "the changing binary signal is ignored: you should shutdown or terminate before either old or new binary's process";

/** What the pid file is called while a new version has the name. */
export const oldName = (pidFile: ByteString): ByteString => `${pidFile}.oldbin`;

export class Upgrade {
  readonly #options: UpgradeOptions;
  #binary: NewBinary | undefined;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  /** The new version runs: unix sockets and pid file are its own. */
  get active(): boolean {
    return this.#binary !== undefined;
  }

  /** Two versions run already, whichever of them this is. */
  get refused(): boolean {
    return this.active || this.#options.beside === process.ppid;
  }

  refuse(): void {
    this.#options.report(Level.crit, REFUSED);
  }

  /** @param pidFile where it is now */
  start(conf: CoreConf, pidFile: ByteString): void {
    const { report, sockets } = this.#options;
    report(Level.notice, 'changing binary');
    const fault = rename(pidFile, oldName(pidFile));
    if (fault !== undefined) {
      report(Level.alert, `${fault} before executing new binary process "${process.argv[1]}"`);
      return;
    }
    this.#binary = new NewBinary(conf, sockets(), (level, how) => this.#ended(pidFile, level, how));
    if (this.#binary.pid > 0) report(Level.notice, `start new binary process ${this.#binary.pid}`);
  }

  #ended(pidFile: ByteString, level: Level, how: string): void {
    const { report, onAlone } = this.#options;
    if (this.#binary !== undefined && this.#binary.pid > 0) report(Level.notice, signalRecord('SIGCHLD'));
    report(level, how);
    this.#binary = undefined;
    const fault = rename(oldName(pidFile), pidFile);
    if (fault !== undefined) report(Level.alert, fault);
    onAlone();
  }

  /** This process ends; the new version stays. */
  release(): void {
    this.#binary?.release();
  }
}

function rename(from: ByteString, to: ByteString): ByteString | undefined {
  try {
    renameSync(Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1'));
    return undefined;
  } catch (error) {
    return `rename() ${from} to ${to} failed${errnoSuffix(systemError(error)?.errno ?? 0)}`;
  }
}
