// Makes the logs of a configuration: every error_log level becomes a Log over shared files and syslog sockets.
import type { ErrorLogSpec } from './error-log.ts';
import { Level, Log, type LogTarget, RecordFormat, type Sink } from './log.ts';
import type { LogFiles } from './log-files.ts';
import {
  createSyslogSink,
  type SyslogReport,
  SyslogReports,
  type SyslogSink,
  type SyslogSpec,
} from './log-sinks/syslog-sink.ts';

export class LogBook {
  readonly #files: LogFiles;
  readonly #reports: SyslogReports;
  readonly #warned = new Set<string>();
  readonly #remote: SyslogSink[] = [];
  readonly #records = new RecordFormat();

  /** @param report hears of syslog's troubles; of the same warning only once */
  constructor(files: LogFiles, report: SyslogReport) {
    this.#files = files;
    this.#reports = new SyslogReports((level, text) => {
      if (level === Level.warn && this.#warned.has(text)) return;
      if (level === Level.warn) this.#warned.add(text);
      report(level, text);
    });
  }

  /** Files are opened by LogFiles.openAll. */
  open(specs: readonly ErrorLogSpec[]): Log {
    const targets = specs.map((spec): LogTarget => ({ sink: this.#sink(spec), level: spec.level }));
    return new Log(targets, this.#records);
  }

  /** Files and stderr only: for what must not go to syslog. */
  openFiles(specs: readonly ErrorLogSpec[]): Log {
    return this.open(specs.filter((spec) => spec.kind !== 'syslog'));
  }

  /** Closes the sockets; files are LogFiles' matter. */
  close(): void {
    for (const sink of this.#remote) sink.close();
  }

  #syslog(spec: SyslogSpec): Sink {
    const sink = createSyslogSink(spec, this.#reports);
    this.#remote.push(sink);
    return sink;
  }

  #sink(spec: ErrorLogSpec): Sink {
    switch (spec.kind) {
      case 'file':
        return this.#files.file(spec.path);
      case 'stderr':
        return this.#files.stderr();
      case 'syslog':
        return this.#syslog(spec.syslog);
      case 'memory':
        return NOWHERE;
      default:
        return spec satisfies never;
    }
  }
}

const NOWHERE: Sink = { write: () => {} };

/** What stands in for a main context without error_log: one file, at error. */
export const defaultErrorLog = (path: string): ErrorLogSpec =>
  path === '' || path === 'stderr'
    ? { kind: 'stderr', level: Level.error, debugClasses: undefined }
    : { kind: 'file', path, level: Level.error, debugClasses: undefined };
