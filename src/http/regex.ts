// Regular expressions of the configuration: PCRE's syntax as far as JavaScript has it, over bytes.
import { type ByteString, Fault, whole } from '../conf/directive.ts';
import type { HttpRequest } from './request.ts';
import type { Variable, Variables } from './variables.ts';

export class Regex {
  /** As written. */
  readonly source: ByteString;
  readonly #regexp: RegExp;
  readonly #names: readonly { readonly variable: Variable; readonly name: string }[];

  constructor(source: ByteString, regexp: RegExp, names: readonly { variable: Variable; name: string }[]) {
    this.source = source;
    this.#regexp = regexp;
    this.#names = names;
  }

  /** @returns the whole match and its groups */
  exec(text: ByteString): RegExpExecArray | undefined {
    return this.#regexp.exec(text) ?? undefined;
  }

  /** Matches, and leaves the captures, the named ones too, with the request. */
  match(request: HttpRequest, text: ByteString): boolean {
    const found = this.exec(text);
    if (found === undefined) return false;
    request.captures = found;
    for (const { variable, name } of this.#names) variable.assign(request, found.groups?.[name] ?? '');
    return true;
  }
}

export interface RegexOptions {
  readonly ignoreCase: boolean;
  /** Where named groups become variables. */
  readonly variables: Variables;
}

export function compileRegex(source: ByteString, { ignoreCase, variables }: RegexOptions): Regex | Fault {
  let regexp: RegExp;
  try {
    regexp = new RegExp(source, ignoreCase ? 'is' : 's');
  } catch (error) {
    return whole(`pcre2_compile() failed: ${error instanceof Error ? error.message : ''} in "${source}"`);
  }
  const names: { variable: Variable; name: string }[] = [];
  for (const [, name = ''] of source.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)) {
    const variable = variables.define(name);
    if (variable instanceof Fault) return variable;
    names.push({ variable, name });
  }
  return new Regex(source, regexp, names);
}
