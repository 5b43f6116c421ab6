// The header lines of a request (RFC 9110 section 5): which of them count, and their values by name.
import type { ByteString } from '../../conf/directive.ts';

/** Which names a server takes. */
export interface HeaderRules {
  /** Names with an underscore are as good as others. */
  readonly underscoresInHeaders: boolean;
  /** Lines with other names are left out. */
  readonly ignoreInvalidHeaders: boolean;
}

export class RequestHeaders {
  /** Names and values in turn, as sent. */
  readonly lines: readonly ByteString[];
  #values: Map<ByteString, ByteString> | undefined;
  #hasUnderscores = false;

  constructor(lines: readonly ByteString[]) {
    this.lines = lines;
  }

  /** Several of a name are joined as nginx does. @param name lower case */
  get(name: ByteString): ByteString | undefined {
    return this.#all.get(name);
  }

  /** The value of the first line of that name. @param name lower case */
  first(name: ByteString): ByteString | undefined {
    const { lines } = this;
    for (let i = 0; i + 1 < lines.length; i += 2) if (lines[i]?.toLowerCase() === name) return lines[i + 1];
    return undefined;
  }

  /** By the name of its variable. @param name lower case, an underscore in place of each dash */
  ofVariable(name: ByteString): ByteString | undefined {
    const all = this.#all;
    if (!this.#hasUnderscores) return all.get(name.replaceAll('_', '-'));
    const wanted = name.replaceAll('_', '-');
    let value: ByteString | undefined;
    for (const [known, more] of all) {
      if (known.replaceAll('_', '-') === wanted) value = value === undefined ? more : joined(wanted, value, more);
    }
    return value;
  }

  get #all(): Map<ByteString, ByteString> {
    if (this.#values !== undefined) return this.#values;
    const values = new Map<ByteString, ByteString>();
    const { lines } = this;
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const name = (lines[i] ?? '').toLowerCase();
      const value = lines[i + 1] ?? '';
      const before = values.get(name);
      values.set(name, before === undefined ? value : joined(name, before, value));
      if (name.includes('_')) this.#hasUnderscores = true;
    }
    this.#values = values;
    return values;
  }
}

const joined = (name: ByteString, before: ByteString, value: ByteString): ByteString =>
  `${before}${name === 'cookie' ? ';' : ','} ${value}`;

const PLAIN = /^[A-Za-z0-9-]+$/;
const WITH_UNDERSCORES = /^[A-Za-z0-9_-]+$/;

export interface AcceptedLines {
  readonly lines: readonly ByteString[];
  /** As the log shows them. */
  readonly ignored: readonly ByteString[];
}

/**
 * @param raw names and values in turn
 * @param before the rules as long as no Host has chosen a server @param after the rules of that server
 */
export function acceptLines(raw: readonly ByteString[], before: HeaderRules, after: HeaderRules): AcceptedLines {
  const ignored: ByteString[] = [];
  const odd = new Set<number>();
  let rules = before;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (rules.ignoreInvalidHeaders && !(rules.underscoresInHeaders ? WITH_UNDERSCORES : PLAIN).test(name)) {
      ignored.push(`${name}: ${raw[i + 1]}`);
      odd.add(i);
    }
    if (rules === before && name.toLowerCase() === 'host') rules = after;
  }
  return odd.size === 0 ? { lines: raw, ignored } : { lines: raw.filter((_text, i) => !odd.has(i & ~1)), ignored };
}
