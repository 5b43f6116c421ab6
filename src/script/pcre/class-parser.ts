// A character class of a pattern: `[...]`.
import { ByteSet } from './byte-set.ts';
import { parseEscape } from './escape-parser.ts';
import type { Scanner } from './scanner.ts';

const UPPER = ByteSet.of([0x41, 0x5a]);
const LOWER = ByteSet.of([0x61, 0x7a]);
const ALPHA = ByteSet.of([0x41, 0x5a], [0x61, 0x7a]);

const POSIX: Readonly<Record<string, ByteSet>> = {
  alpha: ALPHA,
  lower: LOWER,
  upper: UPPER,
  alnum: ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]),
  ascii: ByteSet.of([0x00, 0x7f]),
  blank: ByteSet.of([0x09, 0x09], [0x20, 0x20]),
  cntrl: ByteSet.of([0x00, 0x1f], [0x7f, 0x7f]),
  digit: ByteSet.of([0x30, 0x39]),
  graph: ByteSet.of([0x21, 0x7e]),
  print: ByteSet.of([0x20, 0x7e]),
  punct: ByteSet.of([0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]),
  space: ByteSet.of([0x09, 0x0d], [0x20, 0x20]),
  word: ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]),
  xdigit: ByteSet.of([0x30, 0x39], [0x41, 0x46], [0x61, 0x66]),
};

/** A name in a class: `[:alpha:]`, or the kinds that PCRE does not have. */
const NAMED = /\[([:.=])(\^?)([^\\\]]*?)\1\]/y;
const NO_COLLATION = 'POSIX collating elements are not supported';
const BAD_RANGE = 'invalid range in character class';

/** Outside of a class such names mean nothing, and are refused. @throws PatternError */
export function checkNamedClass(pattern: Scanner): void {
  const start = pattern.at;
  const kind = pattern.match(NAMED)?.[1];
  pattern.at = start;
  if (kind === undefined) return;
  pattern.fail(kind === ':' ? 'POSIX named classes are supported only within a class' : NO_COLLATION);
}

/** Behind the opening bracket. */
export function parseClass(pattern: Scanner, ignoreCase: boolean): ByteSet {
  return new ClassParser(pattern, ignoreCase).parse();
}

class ClassParser {
  readonly #in: Scanner;
  readonly #ignoreCase: boolean;
  readonly #set = new ByteSet();

  constructor(pattern: Scanner, ignoreCase: boolean) {
    this.#in = pattern;
    this.#ignoreCase = ignoreCase;
  }

  parse(): ByteSet {
    const isNegated = this.#in.skip('^');
    do {
      const from = this.#member();
      const hyphen = this.#in.at;
      if (!this.#skipHyphen()) {
        if (typeof from === 'number') this.#set.addRange(from, from);
        else this.#set.addAll(from);
        continue;
      }
      if (typeof from !== 'number') this.#in.fail(BAD_RANGE, hyphen);
      const start = this.#in.at;
      const to = this.#member();
      if (typeof to !== 'number') this.#in.fail(BAD_RANGE, this.#in.text[start] === '[' ? start + 1 : this.#in.at);
      if (to < from) this.#in.fail('range out of order in character class', this.#in.at - 1);
      this.#set.addRange(from, to);
    } while (!this.#in.skip(']'));
    const set = this.#ignoreCase ? this.#set.folded() : this.#set;
    return isNegated ? set.inverted() : set;
  }

  #member(): number | ByteSet {
    const pattern: Scanner = this.#in;
    if (pattern.next === '[') {
      const named = this.#named();
      if (named !== undefined) return named;
    }
    if (pattern.next === '\\') {
      const escaped = parseEscape(pattern, undefined);
      if (escaped.kind === 'byte') return escaped.byte;
      if (escaped.kind === 'set') return escaped.set;
    }
    const char = pattern.take();
    if (char === undefined) pattern.fail('missing terminating ] for character class');
    return char.charCodeAt(0);
  }

  /** `[:name:]`. */
  #named(): ByteSet | undefined {
    const start = this.#in.at;
    const found = this.#in.match(NAMED);
    if (found === undefined) return undefined;
    const [, kind, negation = '', name = ''] = found;
    if (kind !== ':') this.#in.fail(NO_COLLATION, start);
    if (name === '<' || name === '>') this.#in.refuse(start);
    const known = POSIX[name];
    if (known === undefined) this.#in.fail('unknown POSIX class name', start + 2 + negation.length);
    const set = this.#ignoreCase && (known === UPPER || known === LOWER) ? ALPHA : known;
    return negation === '' ? set : set.inverted();
  }

  /** A hyphen between two members; elsewhere it is a member itself. */
  #skipHyphen(): boolean {
    return this.#in.match(/-(?=[^\]])/y) !== undefined;
  }
}
