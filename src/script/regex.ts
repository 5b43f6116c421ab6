// Regular expressions of the configuration: PCRE's syntax, over bytes.
import { type ByteString, Fault, whole } from '../conf/directive.ts';
import { MatchFault } from './match-fault.ts';
import { cheapLength } from './pcre/effort.ts';
import { emit } from './pcre/emit.ts';
import { parsePattern } from './pcre/pattern-parser.ts';
import { PatternError } from './pcre/scanner.ts';
import { TimeLimit } from './pcre/time-limit.ts';
import type { Subject } from './subject.ts';
import type { Variable, Variables } from './variables.ts';

interface Name<S extends Subject> {
  readonly variable: Variable<S>;
  /** The number of its capture. */
  readonly capture: number;
}

export type Captures = Subject['captures'];

/** PCRE2's number for a search that takes too many steps. */
const MATCH_LIMIT = -47;

export class Regex<S extends Subject> {
  /** As written. */
  readonly source: ByteString;
  readonly #regexp: RegExp;
  readonly #groups: readonly number[];
  readonly #names: readonly Name<S>[];
  /** A longer text may be made to take very long. */
  readonly #cheapLength: number;
  #limit: TimeLimit | undefined;

  constructor(source: ByteString, { regexp, groups, cheap }: Translated, names: readonly Name<S>[]) {
    this.source = source;
    this.#regexp = regexp;
    this.#groups = groups;
    this.#names = names;
    this.#cheapLength = cheap;
  }

  /** @throws MatchFault where the search takes too long */
  exec(text: ByteString): Captures | undefined {
    const found = text.length <= this.#cheapLength ? this.#regexp.exec(text) : this.#limited(text);
    return found === null ? undefined : this.#groups.map((group) => found[group]);
  }

  /** For where nothing can be ended: a search that takes too long is in the log, and finds nothing. */
  execOrLog(subject: S, text: ByteString): Captures | undefined {
    try {
      return this.exec(text);
    } catch (error) {
      if (!(error instanceof MatchFault)) throw error;
      subject.log.write(error.level, error.message, subject);
      return undefined;
    }
  }

  /** Matches, and leaves the captures, the named ones too, with the subject. @throws MatchFault as `exec` */
  match(subject: S, text: ByteString): boolean {
    return this.#keep(subject, this.exec(text));
  }

  /** The same by `execOrLog`. */
  matchOrLog(subject: S, text: ByteString): boolean {
    return this.#keep(subject, this.execOrLog(subject, text));
  }

  #keep(subject: S, found: Captures | undefined): boolean {
    if (found === undefined) return false;
    subject.captures = found;
    for (const { variable, capture } of this.#names) variable.assign(subject, found[capture] ?? '');
    return true;
  }

  #limited(text: ByteString): RegExpExecArray | null {
    this.#limit ??= new TimeLimit(this.#regexp);
    const found = this.#limit.exec(text);
    if (found !== undefined) return found;
    throw new MatchFault(`pcre2_match() failed: ${MATCH_LIMIT} on "${text}" using "${this.source}"`);
  }
}

export interface RegexOptions<S extends Subject> {
  readonly ignoreCase: boolean;
  /** Where named groups become variables. */
  readonly variables: Variables<S>;
}

export function compileRegex<S extends Subject>(
  source: ByteString,
  { ignoreCase, variables }: RegexOptions<S>,
): Regex<S> | Fault {
  const translated = translate(source, ignoreCase);
  if (translated instanceof Fault) return translated;
  const names: Name<S>[] = [];
  for (const [name, capture] of translated.names) {
    const variable = variables.define(name);
    if (variable instanceof Fault) return variable;
    names.push({ variable, capture });
  }
  return new Regex(source, translated, names);
}

interface Translated {
  readonly regexp: RegExp;
  /** Of `regexp`, by the numbers of captures. */
  readonly groups: readonly number[];
  readonly names: ReadonlyMap<string, number>;
  readonly cheap: number;
}

function translate(source: ByteString, ignoreCase: boolean): Translated | Fault {
  try {
    const pattern = parsePattern(source, ignoreCase);
    const { source: translation, flags, groups } = emit(pattern);
    const regexp = new RegExp(translation, flags);
    regexp.exec(''); // makes the engine find out what is too large for it
    return { regexp, groups, names: pattern.names, cheap: cheapLength(pattern.node) };
  } catch (error) {
    if (error instanceof PatternError) return fault(source, error);
    if (error instanceof SyntaxError)
      return fault(source, new PatternError('regular expression is too large', source.length));
    throw error;
  }
}

function fault(source: ByteString, { message, offset }: PatternError): Fault {
  if (offset === undefined)
    return whole(`${message} in the regular expression "${source}" is not implemented in Postern`);
  // With quotes in it, the pattern was not read as it stands here.
  const rest = /\\[QE]/.test(source) ? '' : source.slice(offset);
  return whole(`pcre2_compile() failed: ${message} in "${source}"${rest === '' ? '' : ` at "${rest}"`}`);
}
