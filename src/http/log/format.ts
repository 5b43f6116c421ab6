// The formats of access logs: a line's text and variables, compiled when the configuration is read.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpVariable, HttpVariables } from '../script.ts';
import { ESCAPES, type Escape, escapeDefault } from './escape.ts';

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

export class LogFormat {
  readonly #parts: readonly (ByteString | HttpVariable)[];
  readonly #shown: Escape;

  constructor(parts: readonly (ByteString | HttpVariable)[], shown: Escape) {
    this.#parts = parts;
    this.#shown = shown;
  }

  /** Without its end. */
  line(request: HttpRequest): ByteString {
    const shown = this.#shown;
    let line = '';
    for (const part of this.#parts) line += typeof part === 'string' ? part : shown(part.of(request));
    return line;
  }
}

const ESCAPE = 'escape=';

/** By name. */
export class LogFormats {
  readonly #formats = new Map<ByteString, LogFormat>();

  define(name: ByteString, words: readonly ByteString[], variables: HttpVariables): Fault | undefined {
    if (name === 'combined' || this.#formats.has(name)) return whole(`duplicate "log_format" name "${name}"`);
    const format = compileFormat(words, variables);
    if (format instanceof Fault) return format;
    this.#formats.set(name, format);
    return undefined;
  }

  find(name: ByteString, variables: HttpVariables): LogFormat | undefined {
    const known = this.#formats.get(name);
    if (known !== undefined || name !== 'combined') return known;
    const combined = compileFormat([COMBINED], variables);
    if (combined instanceof Fault) return undefined;
    this.#formats.set(name, combined);
    return combined;
  }
}

/** @param words what follows the name of the format; the first may say how values are escaped */
export function compileFormat(words: readonly ByteString[], variables: HttpVariables): LogFormat | Fault {
  const [first = ''] = words;
  const named = first.startsWith(ESCAPE) ? first.slice(ESCAPE.length) : undefined;
  const shown = named === undefined ? escapeDefault : ESCAPES.get(named);
  if (shown === undefined) return whole(`unknown log format escaping "${named}"`);
  const parts: (ByteString | HttpVariable)[] = [];
  for (const text of named === undefined ? words : words.slice(1)) {
    const fault = addParts(text, variables, parts);
    if (fault !== undefined) return fault;
  }
  return new LogFormat(parts, shown);
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))|\$\{(\w+)|\$/g;

/** No captures here: `$1` is a variable like any other. */
function addParts(text: ByteString, variables: HttpVariables, parts: (ByteString | HttpVariable)[]): Fault | undefined {
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [found, braced, plain, open] = match;
    if (match.index > at) parts.push(text.slice(at, match.index));
    const name = braced ?? plain;
    if (open !== undefined) return whole(`the closing bracket in "${open}" variable is missing`);
    if (name === undefined) return whole(`invalid parameter "${text.slice(match.index)}"`);
    parts.push(variables.reference(name));
    at = match.index + found.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  return undefined;
}
