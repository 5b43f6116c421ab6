// Error log records as JSON, one object a line, made by pino (error_log … format=json).
import { isUtf8 } from 'node:buffer';
import type { ByteString } from '../conf/directive.ts';
import { type Level, type LogContext, LogLevelNames, MAX_RECORD } from './log.ts';
import { pino } from './log-sinks/load-pino.ts';

type Fields = Record<string, string | number | boolean | readonly string[] | undefined>;
type Write = (name: (typeof LogLevelNames)[number], fields: Fields, message: string) => string;

const HIGH = /[\x80-\xff]/;

/** Bytes that are UTF-8 as what they mean, others as the characters of the same numbers. */
function decoded(text: ByteString): string {
  if (!HIGH.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : text;
}

/** pino writes what is more severe with a higher number. */
const LEVELS = { debug: 10, info: 20, notice: 30, warn: 40, error: 50, crit: 60, alert: 70, emerg: 80 } as const;

function writer(): Write {
  let line = '';
  const { pino: create, stdTimeFunctions } = pino();
  const logger = create(
    {
      base: { pid: process.pid },
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      level: 'debug',
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    {
      write: (text: string) => {
        line = text;
      },
    },
  );
  return (name, fields, message) => {
    logger[name](fields, message);
    return line;
  };
}

export class JsonFormat {
  #write: Write | undefined;

  /** A complete record. One that would be longer than other logs allow has less of its longest text. */
  format(level: Level, text: ByteString, context?: LogContext): Buffer {
    const told = context?.logFields?.();
    // Who has no fields of its own has something to say behind the text even so.
    let message = decoded(context === undefined || told !== undefined ? text : text + context.logSuffix());
    const fields: Fields = {};
    if (context !== undefined && context.connection !== 0) fields.connection = context.connection;
    for (const [name, value] of Object.entries(told ?? {})) if (value !== undefined) fields[name] = decoded(value);
    const tags = context?.logTags?.();
    if (tags !== undefined) fields.tags = tags.map(decoded);
    this.#write ??= writer();
    for (;;) {
      const record = Buffer.from(this.#write(LogLevelNames[level - 1] ?? 'emerg', fields, message));
      if (record.length <= MAX_RECORD) return record;
      message = cut(fields, message);
    }
  }
}

/** Halves the longest text. @returns the message */
function cut(fields: Fields, message: string): string {
  fields.truncated = true;
  let longest: string | undefined;
  let length = message.length;
  for (const [name, value] of Object.entries(fields)) {
    const size = typeof value === 'string' ? value.length : Array.isArray(value) ? value.join('').length : 0;
    if (size <= length) continue;
    longest = name;
    length = size;
  }
  if (longest === undefined) return message.slice(0, length >> 1);
  const value = fields[longest];
  fields[longest] = typeof value === 'string' ? value.slice(0, length >> 1) : undefined;
  return message;
}
