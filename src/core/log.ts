// Error log records in nginx's text format (logging.md of the reference: time, level, pid, connection, text, suffix).
import type { ByteString } from '../conf/directive.ts';
import { SecondText, two } from './second-text.ts';

/** nginx's levels; a log takes its own level and everything more severe. */
export const Level = {
  emerg: 1,
  alert: 2,
  crit: 3,
  error: 4,
  warn: 5,
  notice: 6,
  info: 7,
  debug: 8,
} as const;
export type LevelName = keyof typeof Level;
export type Level = (typeof Level)[LevelName];

/** In the order of their numbers, which begin with 1. */
export const LogLevelNames = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'] as const;

/** A record is cut to this many bytes, its newline included. */
export const MAX_RECORD = 2048;

/** What a session adds to its records. Asked only when a record is really written. */
export interface LogContext {
  /** The connection's number, printed as `*N `. */
  readonly connection: number;
  /** ` while ACTION, client: …, server: …`, raw: the log escapes it. */
  logSuffix(): ByteString;
  /** The same by name, for logs that have fields; without it they have the suffix in the text. */
  logFields?(): Readonly<Record<string, ByteString | undefined>>;
  /** What `filter=tag:…` looks for. */
  logTags?(): readonly ByteString[];
}

/** Where records go. `record` ends with its newline; the sink may keep neither it nor a view of it. */
export interface Sink {
  write(record: Buffer, level: Level): void;
}

export interface LogTarget {
  readonly sink: Sink;
  readonly level: Level;
  /** undefined: that of all others. */
  readonly format?: RecordMaker | undefined;
  /** Records with one of these tags; undefined: all. */
  readonly tags?: ReadonlySet<ByteString> | undefined;
}

export interface RecordMaker {
  format(level: Level, text: ByteString, context?: LogContext): Buffer;
}

/** Everything but printable ASCII and the bytes from 0x80 on. */
const CONTROL = /[^ -~\x80-\xff]/g;
const escapeControl = (c: string): string => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Control bytes as `\x` and two upper-case hex digits, so that nobody forges a line. */
export function printable(text: ByteString): ByteString {
  return text.replace(CONTROL, escapeControl);
}

/** What records are written to, whatever becomes of them. */
export type LogWriter = Pick<Log, 'write'>;

/** A set of targets with one threshold. */
export class Log {
  /** The most verbose level that a target takes: check it before building a costly text. */
  readonly level: number;
  readonly #targets: readonly LogTarget[];
  readonly #records: RecordFormat;

  /** @param records logs that share it make the text of the time once a second for all of them */
  constructor(targets: readonly LogTarget[], records = new RecordFormat()) {
    this.#targets = targets;
    this.#records = records;
    this.level = targets.reduce((max, t) => Math.max(max, t.level), 0);
  }

  /** The same targets, which all take everything: for a client that debug_connection names. */
  verbose(): Log {
    return new Log(
      this.#targets.map((target) => ({ ...target, level: Level.debug })),
      this.#records,
    );
  }

  /**
   * Writes one record to every target that takes the level. With a context the text is a session's, which may
   * hold what a peer sent: its control bytes are escaped.
   * @param text one byte per character.
   */
  write(level: Level, text: ByteString, context?: LogContext): void {
    if (level > this.level) return;
    let record: Buffer | undefined;
    for (const { sink, level: limit, format, tags } of this.#targets) {
      if (level > limit || (tags !== undefined && !hasTag(tags, context))) continue;
      if (format === undefined) {
        record ??= this.#records.format(level, text, context);
        sink.write(record, level);
      } else sink.write(format.format(level, text, context), level);
    }
  }
}

const hasTag = (tags: ReadonlySet<ByteString>, context: LogContext | undefined): boolean =>
  context?.logTags?.().some((tag) => tags.has(tag)) === true;

/** Makes records. */
export class RecordFormat implements RecordMaker {
  readonly #time = new SecondText(logTime);

  /** A complete record: `YYYY/MM/DD HH:MM:SS [level] PID#0: *N text suffix\n`. */
  format(level: Level, text: ByteString, context?: LogContext): Buffer {
    const head = `${this.#time.at(Date.now())} [${LogLevelNames[level - 1]}] ${process.pid}#0: `;
    const number = context === undefined || context.connection === 0 ? '' : `*${context.connection} `;
    const body = context === undefined ? text : printable(text + context.logSuffix());
    const line = head + number + body;
    return Buffer.from(`${line.length < MAX_RECORD ? line : line.slice(0, MAX_RECORD - 1)}\n`, 'latin1');
  }
}

/** Local time. */
const logTime = (d: Date): string =>
  `${d.getFullYear()}/${two(d.getMonth() + 1)}/${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
