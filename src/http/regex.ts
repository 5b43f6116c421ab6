// Regular expressions of the configuration: PCRE's syntax, over bytes.
import { type ByteString, Fault, whole } from '../conf/directive.ts';
import { emit } from './pcre/emit.ts';
import { parsePattern } from './pcre/pattern-parser.ts';
import { PatternError } from './pcre/scanner.ts';
import type { HttpRequest } from './request.ts';
import type { Variable, Variables } from './variables.ts';

interface Name {
  readonly variable: Variable;
  /** The number of its capture. */
  readonly capture: number;
}

/** The whole match, then the captures; those that took no part are undefined. */
export type Captures = readonly (ByteString | undefined)[];

export class Regex {
  /** As written. */
  readonly source: ByteString;
  readonly #regexp: RegExp;
  readonly #groups: readonly number[];
  readonly #names: readonly Name[];

  /** @param groups of `regexp`, by the numbers of captures */
  constructor(source: ByteString, regexp: RegExp, groups: readonly number[], names: readonly Name[]) {
    this.source = source;
    this.#regexp = regexp;
    this.#groups = groups;
    this.#names = names;
  }

  exec(text: ByteString): Captures | undefined {
    const found = this.#regexp.exec(text);
    return found === null ? undefined : this.#groups.map((group) => found[group]);
  }

  /** Matches, and leaves the captures, the named ones too, with the request. */
  match(request: HttpRequest, text: ByteString): boolean {
    const found = this.exec(text);
    if (found === undefined) return false;
    request.captures = found;
    for (const { variable, capture } of this.#names) variable.assign(request, found[capture] ?? '');
    return true;
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
  return new Regex(source, translated.regexp, translated.groups, names);
}

interface Translated {
  readonly regexp: RegExp;
  readonly groups: readonly number[];
  readonly names: ReadonlyMap<string, number>;
}

function translate(source: ByteString, ignoreCase: boolean): Translated | Fault {
  try {
    const pattern = parsePattern(source, ignoreCase);
    const { source: translation, flags, groups } = emit(pattern);
    const regexp = new RegExp(translation, flags);
    regexp.exec(''); // makes the engine find out what is too large for it
    return { regexp, groups, names: pattern.names };
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
