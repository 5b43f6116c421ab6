// The formats of access logs: a line's text and variables, compiled when the configuration is read.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import type { LogLine } from '../../core/log-line.ts';
import type { Subject } from '../subject.ts';
import type { Variable, Variables } from '../variables.ts';
import { type Escape, escapeDefault } from './escape.ts';

/** A variable, and the text that stands before it. */
interface Step<S extends Subject> {
  readonly before: Buffer;
  readonly variable: Variable<S>;
}

export class LogFormat<S extends Subject> {
  readonly #steps: readonly Step<S>[];
  /** What stands behind the last one, with the end of the line. */
  readonly #rest: Buffer;
  readonly #way: Escape;

  constructor(steps: readonly Step<S>[], rest: ByteString, way: Escape) {
    this.#steps = steps;
    this.#rest = Buffer.from(`${rest}\n`, 'latin1');
    this.#way = way;
  }

  /** With its end. */
  write(subject: S, line: LogLine): void {
    const way = this.#way;
    for (const { before, variable } of this.#steps) {
      line.bytes(before);
      const from = line.length;
      if (!variable.write(subject, line)) line.text(way.missing);
      else if (!variable.isSafe) way.amend(line, from);
    }
    line.bytes(this.#rest);
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
    const way = named === undefined ? escapeDefault : this.#escapes.get(named);
    if (way === undefined) return whole(`unknown log format escaping "${named}"`);
    const steps: Step<S>[] = [];
    let rest = '';
    for (const text of named === undefined ? words : words.slice(1)) {
      const behind = addSteps(rest, text, variables, steps);
      if (behind instanceof Fault) return behind;
      rest = behind;
    }
    return new LogFormat(steps, rest, way);
  }
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))|\$\{(\w+)|\$/g;

/** No captures here: `$1` is a variable like any other. @returns what stands behind the last one */
function addSteps<S extends Subject>(
  before: ByteString,
  text: ByteString,
  variables: Variables<S>,
  steps: Step<S>[],
): ByteString | Fault {
  let plain = before;
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [found, braced, bare, open] = match;
    plain += text.slice(at, match.index);
    const name = braced ?? bare;
    if (open !== undefined) return whole(`the closing bracket in "${open}" variable is missing`);
    if (name === undefined) return whole(`invalid parameter "${text.slice(match.index)}"`);
    steps.push({ before: Buffer.from(plain, 'latin1'), variable: variables.reference(name) });
    plain = '';
    at = match.index + found.length;
  }
  return plain + text.slice(at);
}
