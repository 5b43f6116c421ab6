// The words of an access_log directive, checked in nginx's order.
import { type ByteString, type ConfCursor, Fault, whole } from '../../conf/directive.ts';
import { parseMsec, parseNumber, parseSize } from '../../conf/values.ts';
import type { LineTarget } from '../../core/log-book.ts';
import { type BufferSpec, isSameBuffer } from '../../core/log-sinks/buffered-sink.ts';
import { parseSyslogTarget } from '../../core/syslog-target.ts';
import { compileValue } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script.ts';
import { AccessLog } from './access-log.ts';
import type { LogFormats } from './format.ts';
import { NamedFile } from './named-file.ts';

/** What the access logs of one configuration share. */
export interface LogMain {
  readonly formats: LogFormats;
  /** By the path of the file: who gathers lines does so for all that name it. */
  readonly buffers: Map<ByteString, BufferSpec>;
}

interface Parameters {
  /** Bytes; 0: nothing is gathered. */
  size: number;
  flushMs: number | undefined;
  gzipLevel: number | undefined;
  condition: HttpValue | undefined;
}

/** What gzip gathers where nothing is said of it. */
const GZIP_BUFFER = 65_536;

/** @param words the destination, the name of a format, and parameters */
export function parseAccessLog(
  cf: ConfCursor,
  [text = '', format = 'combined', ...words]: readonly ByteString[],
  main: LogMain,
): AccessLog | Fault {
  const destination = parseDestination(cf, text);
  if (destination instanceof Fault) return destination;
  const found = main.formats.find(format, cf.store.get(VARIABLES));
  if (found === undefined) return whole(`unknown log format "${format}"`);
  const parameters = parseParameters(cf, words);
  if (parameters instanceof Fault) return parameters;
  const { size, flushMs, gzipLevel, condition } = parameters;
  if (size === 0) {
    const shown = destination instanceof NamedFile ? cf.prefixPath(text) : text;
    if (flushMs !== undefined) return whole(`no buffer is defined for access_log "${shown}"`);
    return new AccessLog(destination, found, condition);
  }
  if (destination instanceof NamedFile) return whole('buffered logs cannot have variables in name');
  if (destination.kind === 'syslog') return whole('logs to syslog cannot be buffered');
  if (destination.kind === 'stderr') return new AccessLog(destination, found, condition);
  const buffer = { size, flushMs, gzipLevel };
  const known = main.buffers.get(destination.path);
  if (known !== undefined && !isSameBuffer(known, buffer)) {
    return whole(`access_log "${text}" already defined with conflicting parameters`);
  }
  main.buffers.set(destination.path, buffer);
  return new AccessLog(destination, found, condition);
}

/** A file is not yet given its buffer: a later directive may name the first one. */
function parseDestination(cf: ConfCursor, text: ByteString): LineTarget | NamedFile | Fault {
  if (text === '') return { kind: 'stderr' };
  if (text.startsWith('syslog:')) {
    const syslog = parseSyslogTarget(text.slice('syslog:'.length), (name) => cf.env.resolveHost(name));
    return syslog instanceof Fault ? syslog : { kind: 'syslog', syslog };
  }
  const path = cf.prefixPath(text);
  if (!text.includes('$')) return { kind: 'file', path };
  const variables = cf.store.get(VARIABLES);
  const value = compileValue(path, variables);
  return value instanceof Fault ? value : new NamedFile(value, variables.reference('document_root'));
}

function parseParameters(cf: ConfCursor, words: readonly ByteString[]): Parameters | Fault {
  const parameters: Parameters = { size: 0, flushMs: undefined, gzipLevel: undefined, condition: undefined };
  for (const word of words) {
    const fault = setParameter(cf, parameters, word);
    if (fault !== undefined) return fault;
  }
  return parameters;
}

function setParameter(cf: ConfCursor, parameters: Parameters, word: ByteString): Fault | undefined {
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
      const condition = compileValue(value, cf.store.get(VARIABLES));
      if (condition instanceof Fault) return condition;
      parameters.condition = condition;
      return undefined;
    }
    default:
      return whole(`invalid parameter "${word}"`);
  }
}
