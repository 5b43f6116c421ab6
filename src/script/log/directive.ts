// The words of an access_log directive, checked in nginx's order.
import { type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { parseMsec, parseNumber, parseSize } from '../../conf/values.ts';
import type { LineTarget } from '../../core/log-book.ts';
import { type BufferSpec, isSameBuffer } from '../../core/log-sinks/buffered-sink.ts';
import { parseSyslogTarget } from '../../core/syslog-target.ts';
import { compileValue, type Value } from '../value.ts';
import type { Variable, Variables } from '../variables.ts';
import { AccessLog } from './access-log.ts';
import type { LogFormats } from './format.ts';
import { type Logged, NamedFile } from './named-file.ts';

/** What the access logs of one block share. */
export interface LogMain<S extends Logged> {
  readonly formats: LogFormats<S>;
  /** By the path of the file: who gathers lines does so for all that name it. */
  readonly buffers: Map<ByteString, BufferSpec>;
}

/** What is different from block to block. */
export interface LogHome<S extends Logged> extends LogMain<S> {
  readonly variables: Variables<S>;
  /** What the error log says is being done where a line cannot be written. */
  readonly action: string;
  /** Without this folder there is no log of such a name. */
  readonly root?: () => Variable<S>;
}

interface Parameters<S extends Logged> {
  /** Bytes; 0: nothing is gathered. */
  size: number;
  flushMs: number | undefined;
  gzipLevel: number | undefined;
  condition: Value<S> | undefined;
}

/** What gzip gathers where nothing is said of it. */
const GZIP_BUFFER = 65_536;

/** @param words the destination, the name of a format, and parameters */
export function parseAccessLog<S extends Logged>(
  cf: ConfCursor,
  [text = '', format = 'combined', ...words]: readonly ByteString[],
  home: LogHome<S>,
): AccessLog<S> | Fault {
  const destination = parseDestination(cf, text, home);
  if (destination instanceof Fault) return destination;
  const found = home.formats.find(format, home.variables);
  if (found === undefined) return whole(`unknown log format "${format}"`);
  const parameters = parseParameters(home, words);
  if (parameters instanceof Fault) return parameters;
  const { size, flushMs, gzipLevel, condition } = parameters;
  if (size === 0) {
    const shown = destination instanceof NamedFile ? cf.prefixPath(text) : text;
    if (flushMs !== undefined) return whole(`no buffer is defined for access_log "${shown}"`);
    return new AccessLog(destination, found, home.action, condition);
  }
  if (destination instanceof NamedFile) return whole('buffered logs cannot have variables in name');
  if (destination.kind === 'syslog') return whole('logs to syslog cannot be buffered');
  if (destination.kind === 'stderr') return new AccessLog(destination, found, home.action, condition);
  const buffer = { size, flushMs, gzipLevel };
  const known = home.buffers.get(destination.path);
  if (known !== undefined && !isSameBuffer(known, buffer)) {
    return whole(`access_log "${text}" already defined with conflicting parameters`);
  }
  home.buffers.set(destination.path, buffer);
  return new AccessLog(destination, found, home.action, condition);
}

/** A file is not yet given its buffer: a later directive may name the first one. */
function parseDestination<S extends Logged>(
  cf: ConfCursor,
  text: ByteString,
  { variables, action, root }: LogHome<S>,
): LineTarget | NamedFile<S> | Fault {
  if (text === '') return { kind: 'stderr' };
  if (text.startsWith('syslog:')) {
    const syslog = parseSyslogTarget(text.slice('syslog:'.length), (name) => cf.env.resolveHost(name));
    return syslog instanceof Fault ? syslog : { kind: 'syslog', syslog };
  }
  const path = cf.prefixPath(text);
  if (!text.includes('$')) return { kind: 'file', path };
  const value = compileValue(path, variables);
  return value instanceof Fault ? value : new NamedFile(value, action, root?.());
}

function parseParameters<S extends Logged>(home: LogHome<S>, words: readonly ByteString[]): Parameters<S> | Fault {
  const parameters: Parameters<S> = { size: 0, flushMs: undefined, gzipLevel: undefined, condition: undefined };
  for (const word of words) {
    const fault = setParameter(home, parameters, word);
    if (fault !== undefined) return fault;
  }
  return parameters;
}

function setParameter<S extends Logged>(
  { variables }: LogHome<S>,
  parameters: Parameters<S>,
  word: ByteString,
): Fault | undefined {
  const [, key, value = ''] = /^(buffer=|flush=|gzip$|gzip=|if=)(.*)$/s.exec(word) ?? [];
  switch (key) {
    case 'buffer=':
      parameters.size = parseSize(value) ?? 0;
      return parameters.size === 0 ? whole(`invalid buffer size "${value}"`) : undefined;
    case 'flush=':
      parameters.flushMs = parseMsec(value) ?? 0;
      return parameters.flushMs === 0 ? whole(`invalid flush time "${value}"`) : undefined;
    case 'gzip':
    case 'gzip=': {
      const level = key === 'gzip' ? 1 : parseNumber(value);
      if (level === undefined || level < 1 || level > 9) return whole(`invalid compression level "${value}"`);
      parameters.gzipLevel = level;
      if (parameters.size === 0) parameters.size = GZIP_BUFFER;
      return undefined;
    }
    case 'if=': {
      const condition = compileValue(value, variables);
      if (condition instanceof Fault) return condition;
      parameters.condition = condition;
      return undefined;
    }
    default:
      return whole(`invalid parameter "${word}"`);
  }
}
