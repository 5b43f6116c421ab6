// What a map makes of its source: exact strings and host names first, then regular expressions, then the default.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import { lower } from '../../conf/values.ts';
import { HostNames, type HostPattern, parseHostPattern } from '../host-names.ts';
import type { Regex } from '../regex.ts';
import { compileRegex } from '../regex.ts';
import type { Subject } from '../subject.ts';
import { compileValue, type Value } from '../value.ts';
import type { Variables } from '../variables.ts';

/** The words of one map block, as they come. */
export class MapTable<S extends Subject> {
  readonly #variables: Variables<S>;
  readonly #names = new HostNames<Value<S>>();
  readonly #regexes: { readonly regex: Regex<S>; readonly value: Value<S> }[] = [];
  #default: Value<S> | undefined;
  #hostnames = false;
  #volatile = false;

  constructor(variables: Variables<S>) {
    this.#variables = variables;
  }

  /** Its value is not kept. */
  get isVolatile(): boolean {
    return this.#volatile;
  }

  /** One entry of the block. */
  add([key = '', text, ...more]: readonly ByteString[]): Fault | undefined {
    if (text === undefined && key === 'hostnames') {
      this.#hostnames = true;
      return undefined;
    }
    if (text === undefined && key === 'volatile') {
      this.#volatile = true;
      return undefined;
    }
    if (text === undefined || more.length > 0) return whole('invalid number of the map parameters');
    const value = compileValue(text, this.#variables);
    if (value instanceof Fault) return value;
    return this.#addValue(key, value);
  }

  /** @param source as the subject has it */
  find(subject: S, source: ByteString): ByteString {
    const found = this.#names.find(this.#keyOf(source)) ?? this.#match(subject, source) ?? this.#default;
    return found?.of(subject) ?? '';
  }

  #addValue(key: ByteString, value: Value<S>): Fault | undefined {
    if (key === 'default') {
      if (this.#default !== undefined) return whole('duplicate default map parameter');
      this.#default = value;
      return undefined;
    }
    if (key.startsWith('~')) return this.#addRegex(key, value);
    const text = key.startsWith('\\') ? key.slice(1) : key;
    const name = lower(text);
    const pattern: HostPattern | undefined = this.#hostnames ? parseHostPattern(name) : { kind: 'exact', text: name };
    if (pattern === undefined) return whole(`invalid hostname or wildcard "${text}"`);
    return this.#names.add(pattern, value) ? undefined : whole(`conflicting parameter "${name}"`);
  }

  #addRegex(key: ByteString, value: Value<S>): Fault | undefined {
    const ignoreCase = key.startsWith('~*');
    const regex = compileRegex(key.slice(ignoreCase ? 2 : 1), { ignoreCase, variables: this.#variables });
    if (regex instanceof Fault) return regex;
    this.#regexes.push({ regex, value });
    return undefined;
  }

  #keyOf(source: ByteString): ByteString {
    const key = lower(source);
    return this.#hostnames && key.endsWith('.') ? key.slice(0, -1) : key;
  }

  #match(subject: S, source: ByteString): Value<S> | undefined {
    return this.#regexes.find(({ regex }) => regex.matchOrLog(subject, source))?.value;
  }
}
