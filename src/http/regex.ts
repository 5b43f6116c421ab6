// Regular expressions of the configuration: PCRE's syntax, over bytes.
import { type ByteString, Fault, whole } from '../conf/directive.ts';
import { Level } from '../core/log.ts';
import { HttpFault } from './fault.ts';
import { cheapLength } from './pcre/effort.ts';
import { emit } from './pcre/emit.ts';
import { parsePattern } from './pcre/pattern-parser.ts';
import { PatternError } from './pcre/scanner.ts';
import { TimeLimit } from './pcre/time-limit.ts';
import type { HttpRequest } from './request.ts';
import type { Variable, Variables } from './variables.ts';

interface Name {
  readonly variable: Variable;
  /** The number of its capture. */
  readonly capture: number;
}

/** The whole match, then the captures; those that took no part are undefined. */
export type Captures = readonly (ByteString | undefined)[];

/** PCRE2's number for a search that takes too many steps. */
const MATCH_LIMIT = -47;

export class Regex {
  /** As written. */
  readonly source: ByteString;
  readonly #regexp: RegExp;
  readonly #groups: readonly number[];
  readonly #names: readonly Name[];
  /** A longer text may be made to take very long. */
  readonly #cheapLength: number;
  #limit: TimeLimit | undefined;

  constructor(source: ByteString, { regexp, groups, cheap }: Translated, names: readonly Name[]) {
    this.source = source;
    this.#regexp = regexp;
    this.#groups = groups;
    this.#names = names;
    this.#cheapLength = cheap;
  }

  /** @throws HttpFault where the search takes too long */
  exec(text: ByteString): Captures | undefined {
    const found = text.length <= this.#cheapLength ? this.#regexp.exec(text) : this.#limited(text);
    return found === null ? undefined : this.#groups.map((group) => found[group]);
  }

  /** For where a request cannot be ended: a search that takes too long is in the log, and finds nothing. */
  execOrLog(request: HttpRequest, text: ByteString): Captures | undefined {
    try {
      return this.exec(text);
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      request.log.write(error.level, error.message, request);
      return undefined;
    }
  }

  /** Matches, and leaves the captures, the named ones too, with the request. @throws HttpFault as `exec` */
  match(request: HttpRequest, text: ByteString): boolean {
    return this.#keep(request, this.exec(text));
  }

  /** The same by `execOrLog`. */
  matchOrLog(request: HttpRequest, text: ByteString): boolean {
    return this.#keep(request, this.execOrLog(request, text));
  }

  #keep(request: HttpRequest, found: Captures | undefined): boolean {
    if (found === undefined) return false;
    request.captures = found;
    for (const { variable, capture } of this.#names) variable.assign(request, found[capture] ?? '');
    return true;
  }

  #limited(text: ByteString): RegExpExecArray | null {
    this.#limit ??= new TimeLimit(this.#regexp);
    const found = this.#limit.exec(text);
    if (found !== undefined) return found;
    const why = `pcre2_match() failed: ${MATCH_LIMIT} on "${text}" using "${this.source}"`;
    throw new HttpFault(500, false, why, Level.alert);
  }
}

export interface RegexOptions {
  readonly ignoreCase: boolean;
  /** Where named groups become variables. */
  readonly variables: Variables;
}

export function compileRegex(source: ByteString, { ignoreCase, variables }: RegexOptions): Regex | Fault {
  const translated = translate(source, ignoreCase);
  if (translated instanceof Fault) return translated;
  const names: Name[] = [];
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
