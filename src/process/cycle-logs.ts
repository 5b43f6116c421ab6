// The logs of one configuration: its own error_log, or the default one, and those of its servers.
import type { ByteString } from '../conf/directive.ts';
import { coreModule } from '../core/core-module.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { Level, Log } from '../core/log.ts';
import { defaultErrorLog, type LineTarget, type LineWriter, LogBook } from '../core/log-book.ts';
import { LogFiles, type LogOpenFault } from '../core/log-files.ts';
import { ownDescriptor, STDERR, type STDOUT } from '../core/log-sinks/log-descriptor.ts';
import type { Cycle } from '../module/cycle.ts';

/** Takes a record to where it can be seen. */
export type Report = (level: Level, text: ByteString) => void;

export class CycleLogs {
  /** Of the main context. */
  readonly log: Log;
  /** The same without syslog: for the last words of a process. */
  readonly fileLog: Log;
  readonly files = new LogFiles();
  /** The standard streams that logs of ours or of workers are written to. */
  readonly streams = new Set<typeof STDOUT | typeof STDERR>();
  readonly #book: LogBook;

  /**
   * @param defaultPath what stands in for a missing error_log: a path or `stderr`
   * @param early hears of syslog's troubles before the logs are there
   */
  constructor(cycle: Cycle, defaultPath: ByteString, early: Report) {
    const { errorLog } = cycle.store.get(coreModule.conf);
    const onlyRemote = errorLog.every((spec) => spec.kind === 'syslog' || spec.kind === 'memory');
    const specs = onlyRemote ? [...errorLog, defaultErrorLog(defaultPath)] : errorLog;
    this.#note(specs);
    let report = early;
    this.#book = new LogBook(
      this.files,
      (level, text) => report(level, text),
      (level, text) => this.log.write(level, text),
    );
    this.fileLog = this.#book.openFiles(specs);
    this.log = this.#book.open(specs);
    report = (level, text) => this.fileLog.write(level, text);
  }

  /** Log of a server. Its files are opened by `open`, so it has to be asked for before. */
  openLog(specs: readonly ErrorLogSpec[]): Log {
    return this.#book.open(specs);
  }

  /** The same for lines, as of an access log. */
  openLines(target: LineTarget): LineWriter {
    return this.#book.openLines(target);
  }

  /** Files that others write are opened and kept in order along with our own. */
  include(targets: readonly (ErrorLogSpec | LineTarget)[]): void {
    for (const target of targets) if (target.kind === 'file') this.files.file(target.path);
    this.#note(targets);
  }

  #note(targets: readonly (ErrorLogSpec | LineTarget)[]): void {
    for (const target of targets) {
      const own = target.kind === 'stderr' ? STDERR : target.kind === 'file' ? ownDescriptor(target.path) : undefined;
      if (own !== undefined) this.streams.add(own);
    }
  }

  /** Opens every file; stops at the first that cannot be opened. */
  open(): LogOpenFault | undefined {
    return this.files.openAll();
  }

  close(): void {
    this.#book.close();
    this.files.closeAll();
  }
}
