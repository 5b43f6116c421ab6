// Reads a pattern in PCRE2's syntax, and refuses what PCRE2 refuses, in its words.
import type { ByteString } from '../../conf/directive.ts';
import { ByteSet } from './byte-set.ts';
import { checkNamedClass, parseClass } from './class-parser.ts';
import { AT_END, MISSING_GROUP, NOT_NEWLINE, parseEscape, parseName } from './escape-parser.ts';
import type { Node, Pattern, Times } from './node.ts';
import { OFF, type Options, parseOptions } from './options-parser.ts';
import { Scanner } from './scanner.ts';

/** PCRE2's bounds. */
const MAX_DEPTH = 250;
const MAX_TIMES = 65_535;

const UNCLOSED = 'missing closing parenthesis';
const ANY = ByteSet.of([0, 255]);

/** @throws PatternError */
export function parsePattern(text: ByteString, ignoreCase: boolean): Pattern {
  return new PatternParser(unquoted(text)).parse({ ...OFF, i: ignoreCase });
}

/** A quote, or any other escape. */
const QUOTE = /\\Q(.*?)(?:\\E|$)|\\E|\\./gs;

/** With `\Q` … `\E` as escapes of single characters. */
const unquoted = (text: ByteString): ByteString =>
  text.replace(QUOTE, (piece, quoted?: string) => {
    if (quoted !== undefined) return quoted.replace(/[^A-Za-z0-9]/g, '\\$&');
    return piece === '\\E' ? '' : piece;
  });

class PatternParser {
  readonly #in: Scanner;
  readonly #names = new Map<string, number>();
  /** They may lead to captures further on, or nowhere. */
  readonly #references: (Node & { kind: 'reference' })[] = [];
  #captures = 0;
  #options = OFF;
  #depth = 0;

  constructor(text: ByteString) {
    this.#in = new Scanner(text);
  }

  parse(options: Options): Pattern {
    this.#options = options;
    const node = this.#alternatives();
    if (this.#in.next !== undefined) this.#in.fail('unmatched closing parenthesis');
    for (const { to } of this.#references) {
      const isKnown = typeof to.group === 'number' ? to.group <= this.#captures : this.#names.has(to.group);
      if (!isKnown) this.#in.fail(MISSING_GROUP, to.at);
    }
    return { node, captures: this.#captures, names: this.#names };
  }

  /** Up to a closing parenthesis or the end. */
  #alternatives(): Node {
    const branches: Node[] = [];
    let items: Node[] = [];
    let repeatable: Node | undefined;
    for (;;) {
      this.#skipIgnored();
      const start = this.#in.at;
      const { next } = this.#in;
      if (next === undefined || next === ')') break;
      if (this.#in.skip('|')) {
        branches.push({ kind: 'sequence', items });
        items = [];
        repeatable = undefined;
        continue;
      }
      const times = this.#times();
      if (times === undefined) {
        repeatable = this.#item();
        if (repeatable !== undefined) items.push(repeatable);
      } else if (repeatable === undefined || repeatable.kind === 'place') {
        const end = next === '{' ? this.#in.text.indexOf('}', start) : start;
        this.#in.fail('quantifier does not follow a repeatable item', end);
      } else {
        items[items.length - 1] = { kind: 'repeat', inner: repeatable, times };
        repeatable = undefined;
      }
    }
    const last: Node = { kind: 'sequence', items };
    return branches.length === 0 ? last : { kind: 'alternatives', branches: [...branches, last] };
  }

  /** Comments, and with `x` white space. */
  #skipIgnored(): void {
    const pattern: Scanner = this.#in;
    for (;;) {
      if (pattern.skip('(?#')) {
        if (pattern.match(/[^)]*\)/y) === undefined) pattern.fail('missing ) after (?# comment', pattern.text.length);
      } else if (!this.#options.x || pattern.match(/[\t-\r ]+|#[^\n]*\n?/y) === undefined) {
        return;
      }
    }
  }

  #times(): Times | undefined {
    const pattern: Scanner = this.#in;
    const found = pattern.match(/[*+?]|\{(\d+)(,?)(\d*)\}/y);
    if (found === undefined) return undefined;
    const [sign, least, comma, most] = found;
    let min = sign === '+' ? 1 : 0;
    let max = sign === '?' ? 1 : Number.POSITIVE_INFINITY;
    if (least !== undefined) {
      min = Number(least);
      if (comma === '') max = min;
      else if (most !== '') max = Number(most);
      if (min > MAX_TIMES || (max > MAX_TIMES && most !== '')) {
        pattern.fail('number too big in {} quantifier', pattern.at - 1);
      }
      if (max < min) pattern.fail('numbers out of order in {} quantifier', pattern.at - 1);
    }
    this.#skipIgnored();
    const isPossessive = pattern.skip('+');
    const isLazy = !isPossessive && pattern.skip('?') !== this.#options.U;
    return { min, max, isLazy, isPossessive };
  }

  /** @returns undefined: it only switched options */
  #item(): Node | undefined {
    const pattern: Scanner = this.#in;
    const { i, m, s } = this.#options;
    switch (pattern.next) {
      case '\\':
        return this.#escaped();
      case '(':
        return this.#group();
      case '[':
        checkNamedClass(pattern);
        pattern.take();
        return { kind: 'set', set: parseClass(pattern, i) };
      default: {
        const char = pattern.take() ?? '';
        if (char === '.') return { kind: 'set', set: s ? ANY : NOT_NEWLINE };
        if (char === '^') return { kind: 'place', source: m ? '(?:^|(?<=\\n)(?=[^]))' : '^' };
        if (char === '$') return { kind: 'place', source: m ? '(?=\\n|$)' : AT_END };
        return this.#literal(char.charCodeAt(0));
      }
    }
  }

  #literal(byte: number): Node {
    const set = ByteSet.of([byte, byte]);
    return { kind: 'set', set: this.#options.i ? set.folded() : set };
  }

  #escaped(): Node {
    const escaped = parseEscape(this.#in, this.#captures);
    if (escaped.kind === 'byte') return this.#literal(escaped.byte);
    return escaped.kind === 'reference' ? this.#reference(escaped.to) : escaped;
  }

  #reference(to: { group: number | string; at: number }): Node {
    const node = { kind: 'reference', to, ignoreCase: this.#options.i } as const;
    this.#references.push(node);
    return node;
  }

  #group(): Node | undefined {
    const pattern: Scanner = this.#in;
    const start = pattern.at;
    pattern.take();
    if (pattern.match(/\*[A-Za-z:]/y) !== undefined) this.#refuseGroup(start);
    if (!pattern.skip('?')) return this.#options.n ? this.#inner() : this.#capture();
    if (pattern.skip(':')) return this.#inner();
    if (pattern.skip('>')) return { kind: 'atomic', inner: this.#inner() };
    const [, sign] = pattern.match(/(<?[=!])/y) ?? [];
    if (sign === '=' || sign === '!' || sign === '<=' || sign === '<!') {
      return { kind: 'look', sign: `?${sign}`, inner: this.#inner() };
    }
    if (pattern.skip('P=')) {
      const at = pattern.at;
      return this.#reference({ group: parseName(pattern, ')'), at });
    }
    const [opening] = pattern.match(/P?<|'/y) ?? [];
    if (opening !== undefined) return this.#capture(this.#newName(opening === "'" ? "'" : '>'));
    if (pattern.match(/[|R&C(+\d]|P>|-\d/y) !== undefined) this.#refuseGroup(start);
    if (pattern.skip('P')) pattern.fail(pattern.next === undefined ? UNCLOSED : 'unrecognized character after (?P');
    const options = parseOptions(pattern, this.#options, start);
    if (pattern.skip(':')) return this.#inner(options);
    if (!pattern.skip(')')) pattern.fail(UNCLOSED);
    this.#options = options;
    return undefined;
  }

  #refuseGroup(start: number): never {
    const end = this.#in.text.indexOf(')', start);
    this.#in.at = end < 0 ? this.#in.text.length : end + 1;
    this.#in.refuse(start);
  }

  #newName(close: string): string {
    const name = parseName(this.#in, close);
    if (this.#names.has(name)) {
      this.#in.fail('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
    }
    return name;
  }

  #capture(name?: string): Node {
    const number = ++this.#captures;
    if (name !== undefined) this.#names.set(name, number);
    return { kind: 'capture', number, inner: this.#inner() };
  }

  /** What stands in a group, and its closing parenthesis. */
  #inner(options = this.#options): Node {
    const outer = this.#options;
    if (++this.#depth > MAX_DEPTH) this.#in.fail('parentheses are too deeply nested');
    this.#options = options;
    const node = this.#alternatives();
    if (!this.#in.skip(')')) this.#in.fail(UNCLOSED);
    this.#options = outer;
    this.#depth--;
    return node;
  }
}
