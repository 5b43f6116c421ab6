// Makes the logs of a configuration: every error_log level becomes a Log over shared files and syslog sockets.
import type { ByteString } from '../conf/directive.ts';
import type { ErrorLogSpec } from './error-log.ts';
import { JsonFormat } from './json-record.ts';
import { Level, Log, type LogTarget, RecordFormat, type Sink } from './log.ts';
import type { LogFiles } from './log-files.ts';
import { LogLine } from './log-line.ts';
import type { BufferSpec } from './log-sinks/buffered-sink.ts';
import type { FileSink } from './log-sinks/file-sink.ts';
import {
  createSyslogSink,
  type SyslogReport,
  SyslogReports,
  type SyslogSink,
  type SyslogSpec,
} from './log-sinks/syslog-sink.ts';
import { FaultTeller, type LineFault } from './log-sinks/write-fault.ts';
import type { SyslogTarget } from './syslog-target.ts';

/** Where lines go that have neither a level nor a form of their own, as those of an access log. */
export type LineTarget =
  /** An absolute path; lines are gathered where there is a buffer. */
  | { readonly kind: 'file'; readonly path: ByteString; readonly buffer?: BufferSpec | undefined }
  | { readonly kind: 'stderr' }
  | { readonly kind: 'syslog'; readonly syslog: SyslogTarget };

/** Where the lines of a log are made. */
export interface LineWriter {
  /** The one at hand. */
  readonly line: LogLine;
  /** It is complete, with its end. @returns what is to be said of what went wrong */
  end(): LineFault | undefined;
}

const LEVELS = Object.values(Level);

export class LogBook {
  readonly #files: LogFiles;
  readonly #reports: SyslogReports;
  readonly #warned = new Set<string>();
  readonly #remote: SyslogSink[] = [];
  readonly #records = new RecordFormat();
  readonly #json = new JsonFormat();
  readonly #trouble: SyslogReport;
  /** By the paths of the files of lines. */
  readonly #tellers = new Map<ByteString, FaultTeller>();

  /**
   * @param report hears of syslog's troubles; of the same warning only once
   * @param trouble hears of those with lines that were gathered
   */
  constructor(files: LogFiles, report: SyslogReport, trouble = report) {
    this.#files = files;
    this.#trouble = trouble;
    this.#reports = new SyslogReports((level, text) => {
      if (level === Level.warn && this.#warned.has(text)) return;
      if (level === Level.warn) this.#warned.add(text);
      report(level, text);
    });
  }

  /** Files are opened by LogFiles.openAll. */
  open(specs: readonly ErrorLogSpec[]): Log {
    const targets = specs.map((spec): LogTarget => {
      const { level, tags } = spec;
      return { sink: this.#sink(spec), level, format: spec.json ? this.#json : undefined, tags };
    });
    return new Log(targets, this.#records);
  }

  /** As `open`, for lines. */
  openLines(target: LineTarget): LineWriter {
    switch (target.kind) {
      case 'file': {
        const { path, buffer } = target;
        const teller = this.#teller(path);
        if (buffer === undefined) return linesTo(path, this.#files.file(path), teller);
        const sink = this.#files.buffered(path, buffer);
        sink.onFault = (fault) => {
          const told = teller.tell(path, fault);
          if (told !== undefined) this.#trouble(told.level, told.text);
        };
        return { line: sink.line, end: () => teller.tell(path, sink.end()) };
      }
      case 'stderr':
        return linesTo('stderr', this.#files.stderr(), this.#teller('stderr'));
      case 'syslog': {
        const sink = this.#syslog(target.syslog);
        const level = LEVELS[target.syslog.severity] ?? Level.info;
        return oneByOne((line) => (sink.write(line, level) ? undefined : NOT_SENT));
      }
      default:
        return target satisfies never;
    }
  }

  /** Files and stderr only: for what must not go to syslog. */
  openFiles(specs: readonly ErrorLogSpec[]): Log {
    return this.open(specs.filter((spec) => spec.kind !== 'syslog'));
  }

  /** Closes the sockets; files are LogFiles' matter. */
  close(): void {
    for (const sink of this.#remote) sink.close();
  }

  /** Logs of the same file share it. */
  #teller(path: ByteString): FaultTeller {
    const teller = this.#tellers.get(path) ?? new FaultTeller();
    this.#tellers.set(path, teller);
    return teller;
  }

  #syslog(spec: SyslogSpec): SyslogSink {
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

/** @param write is given lines that are its own */
function oneByOne(write: (line: Buffer) => LineFault | undefined): LineWriter {
  const line = new LogLine();
  return {
    line,
    end: () => {
      const whole = line.toBuffer();
      line.clear();
      return write(whole);
    },
  };
}

const linesTo = (path: ByteString, sink: FileSink, teller: FaultTeller): LineWriter =>
  oneByOne((line) => teller.tell(path, sink.write(line)));

const NOT_SENT: LineFault = { level: Level.warn, text: 'send() to syslog failed' };

const NOWHERE: Sink = { write: () => {} };

/** What stands in for a main context without error_log: one file, at error. */
export const defaultErrorLog = (path: string): ErrorLogSpec =>
  path === '' || path === 'stderr'
    ? { kind: 'stderr', level: Level.error, debugClasses: undefined }
    : { kind: 'file', path, level: Level.error, debugClasses: undefined };
