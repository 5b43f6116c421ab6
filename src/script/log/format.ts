// The formats of access logs: a line's text and variables, compiled when the configuration is read.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import type { Subject } from '../subject.ts';
import type { Variable, Variables } from '../variables.ts';
import { type Escape, escapeDefault } from './escape.ts';

type Part<S extends Subject> = ByteString | Variable<S>;

export class LogFormat<S extends Subject> {
  readonly #parts: readonly Part<S>[];
  readonly #shown: Escape;

  constructor(parts: readonly Part<S>[], shown: Escape) {
    this.#parts = parts;
    this.#shown = shown;
  }

  /** With its end. */
  line(subject: S): ByteString {
    const shown = this.#shown;
    let line = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') line += part;
      else {
        const value = part.of(subject);
        line += part.isSafe && value !== undefined ? value : shown(value);
      }
    }
    return `${line}\n`;
  }
}

const ESCAPE = 'escape=';

/** That everybody has. */
const BUILT_IN = 'combined';

/** By name. */
export class LogFormats<S extends Subject> {
  readonly #formats = new Map<ByteString, LogFormat<S>>();
  readonly #combined: ByteString;
  readonly #escapes: ReadonlyMap<string, Escape>;

  /** @param combined what the format of that name looks like @param escapes by the words of `escape=` */
  constructor(combined: ByteString, escapes: ReadonlyMap<string, Escape>) {
    this.#combined = combined;
    this.#escapes = escapes;
  }

  define(name: ByteString, words: readonly ByteString[], variables: Variables<S>): Fault | undefined {
    if (name === BUILT_IN || this.#formats.has(name)) return whole(`duplicate "log_format" name "${name}"`);
    const format = this.#compile(words, variables);
    if (format instanceof Fault) return format;
    this.#formats.set(name, format);
    return undefined;
  }

  find(name: ByteString, variables: Variables<S>): LogFormat<S> | undefined {
    const known = this.#formats.get(name);
    if (known !== undefined || name !== BUILT_IN) return known;
    const combined = this.#compile([this.#combined], variables);
    if (combined instanceof Fault) return undefined;
    this.#formats.set(name, combined);
    return combined;
  }

  /** @param words what follows the name of the format; the first may say how values are escaped */
  #compile(words: readonly ByteString[], variables: Variables<S>): LogFormat<S> | Fault {
    const [first = ''] = words;
    const named = first.startsWith(ESCAPE) ? first.slice(ESCAPE.length) : undefined;
    const shown = named === undefined ? escapeDefault : this.#escapes.get(named);
    if (shown === undefined) return whole(`unknown log format escaping "${named}"`);
    const parts: Part<S>[] = [];
    for (const text of named === undefined ? words : words.slice(1)) {
      const fault = addParts(text, variables, parts);
      if (fault !== undefined) return fault;
    }
    return new LogFormat(parts, shown);
  }
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))|\$\{(\w+)|\$/g;

/** No captures here: `$1` is a variable like any other. */
function addParts<S extends Subject>(text: ByteString, variables: Variables<S>, parts: Part<S>[]): Fault | undefined {
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
