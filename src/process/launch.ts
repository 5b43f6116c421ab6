// From a configuration that was read to a process that serves it, step by step in nginx's order.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { ByteString } from '../conf/directive.ts';
import { coreModule } from '../core/core-module.ts';
import { errnoSuffix } from '../core/errno.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import { eventsModule } from '../core/events-module.ts';
import { Level, type Log } from '../core/log.ts';
import { defaultErrorLog, LogBook } from '../core/log-book.ts';
import { LogFiles } from '../core/log-files.ts';
import { copyToStderr, type StartupLog } from '../core/startup-log.ts';
import { MailRuntime } from '../mail/runtime.ts';
import type { Cycle } from '../module/cycle.ts';
import { serve } from './foreground.ts';
import { probePidFile, writePidFile } from './pid-file.ts';
import type { Signals } from './signals.ts';
import { bindAll, closeAll } from './sockets.ts';

export interface LaunchOptions {
  readonly signals: Signals;
  readonly log: StartupLog;
  /** What stands in for a missing error_log: a path or `stderr`. */
  readonly defaultErrorLog: ByteString;
  readonly defaultPid: ByteString;
  /** Name and version, for the log. */
  readonly banner: string;
}

export class Launch {
  readonly #cycle: Cycle;
  readonly #options: LaunchOptions;
  readonly #files = new LogFiles();
  readonly #book: LogBook;
  readonly #specs: readonly ErrorLogSpec[];
  #log: Log;
  /** For what must not go to syslog. */
  #fileLog: Log | undefined;
  #connections = 0;
  #copies = true;

  constructor(cycle: Cycle, options: LaunchOptions) {
    this.#cycle = cycle;
    this.#options = options;
    this.#book = new LogBook(this.#files, (level, text) => (this.#fileLog ?? this.#options.log).write(level, text));
    const { errorLog } = cycle.store.get(coreModule.conf);
    const onlyRemote = errorLog.every((spec) => spec.kind === 'syslog' || spec.kind === 'memory');
    this.#specs = onlyRemote ? [...errorLog, defaultErrorLog(options.defaultErrorLog)] : errorLog;
    this.#log = this.#book.open(this.#specs);
    this.#fileLog = this.#book.openFiles(this.#specs);
  }

  get #pidFile(): ByteString {
    return this.#cycle.store.get(coreModule.conf).pid ?? this.#options.defaultPid;
  }

  /** `-t`: files and sockets are opened for a moment. @returns false where something fails; why is on stderr */
  async test(): Promise<boolean> {
    const fault = probePidFile(this.#pidFile);
    if (fault !== undefined) {
      this.#options.log.write(Level.emerg, fault);
      return false;
    }
    const mail = this.#prepare();
    if (mail === undefined) return false;
    const sockets = await bindAll(mail.listenings, false, this.#report);
    if (sockets !== undefined) closeAll(sockets);
    mail.terminate();
    this.#book.close();
    this.#files.closeAll();
    return sockets !== undefined;
  }

  /** Serves in the foreground. @returns the exit code */
  async serve(): Promise<number> {
    const mail = this.#prepare();
    if (mail === undefined) return 1;
    const sockets = await bindAll(mail.listenings, true, this.#report);
    if (sockets === undefined) return 1;
    this.#announce();
    const fault = writePidFile(this.#pidFile);
    if (fault !== undefined) {
      this.#report(Level.emerg, fault);
      closeAll(sockets);
      return 1;
    }
    this.#copies = false;
    this.#options.log.close();
    const { workerShutdownTimeout } = this.#cycle.store.get(coreModule.conf);
    await serve({
      signals: this.#options.signals,
      mail,
      sockets,
      log: this.#log,
      files: this.#files,
      book: this.#book,
      pidFile: this.#pidFile,
      shutdownTimeoutMs: workerShutdownTimeout,
    });
    return 0;
  }

  /** Logs first, since everything after them may have something to say. */
  #prepare(): MailRuntime | undefined {
    const { debugConnection } = this.#cycle.store.get(eventsModule.conf);
    const mail = new MailRuntime(this.#cycle.store, {
      log: this.#log,
      debugs: (client) => debugConnection?.(client) ?? false,
      openLog: (specs) => this.#book.open(specs),
      nextConnection: () => ++this.#connections,
    });
    const fault = this.#files.openAll();
    if (fault === undefined) return mail;
    this.#options.log.write(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
    return undefined;
  }

  readonly #report = (level: Level, text: ByteString): void => {
    this.#log.write(level, text);
    if (this.#copies && !this.#files.usesStderr) copyToStderr(level, text);
  };

  #announce(): void {
    const notice = (text: string): void => this.#log.write(Level.notice, text);
    notice('using the "epoll" event method');
    notice(this.#options.banner);
    notice(`built by Node.js ${process.version} `);
    notice(`OS: ${os.type()} ${os.release()}`);
    notice(`getrlimit(RLIMIT_NOFILE): ${openFilesLimit()}`);
    const { noEffect } = this.#cycle;
    if (noEffect.size > 0) {
      const names = [...noEffect].map(([name, why]) => `"${name}" (${why})`);
      notice(`accepted without effect: ${names.join(', ')}`);
    }
  }
}

/** `SOFT:HARD`; Node.js has no call for it. */
function openFilesLimit(): string {
  try {
    const limits = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return limits === null ? 'unknown' : `${limits[1]}:${limits[2]}`;
  } catch {
    return 'unknown';
  }
}
