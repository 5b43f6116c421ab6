// Escapes of a pattern: characters by number, kinds of characters, places, and references to captures.
import { ByteSet } from './byte-set.ts';
import type { Node, Reference } from './node.ts';
import type { Scanner } from './scanner.ts';

export type Escape =
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'reference'; readonly to: Reference }
  | (Node & { readonly kind: 'set' | 'place' | 'alternatives' });

const DIGIT = ByteSet.of([0x30, 0x39]);
const WORD = ByteSet.of([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);
const SPACE = ByteSet.of([0x09, 0x0d], [0x20, 0x20]);
const HORIZONTAL = ByteSet.of([0x09, 0x09], [0x20, 0x20], [0xa0, 0xa0]);
const VERTICAL = ByteSet.of([0x0a, 0x0d], [0x85, 0x85]);
export const NOT_NEWLINE = ByteSet.of([0x0a, 0x0a]).inverted();

const SETS: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: DIGIT.inverted(),
  w: WORD,
  W: WORD.inverted(),
  s: SPACE,
  S: SPACE.inverted(),
  h: HORIZONTAL,
  H: HORIZONTAL.inverted(),
  v: VERTICAL,
  V: VERTICAL.inverted(),
};

const CR: Node = { kind: 'set', set: ByteSet.of([0x0d, 0x0d]) };
const LF: Node = { kind: 'set', set: ByteSet.of([0x0a, 0x0a]) };
const CRLF: Node = { kind: 'sequence', items: [CR, LF] };
const NEWLINE = {
  kind: 'alternatives',
  branches: [
    CRLF,
    {
      kind: 'sequence',
      items: [
        { kind: 'look', sign: '?!', inner: CRLF },
        { kind: 'set', set: VERTICAL },
      ],
    },
  ],
} as const satisfies Node;

/** Before a newline that ends the subject, or at its end. */
export const AT_END = '(?=\\n?$)';
const PLACES: Readonly<Record<string, string>> = {
  b: '\\b',
  B: '\\B',
  A: '^',
  G: '^',
  Z: AT_END,
  z: '$',
};

const CONTROLS: Readonly<Record<string, number>> = { a: 0x07, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 };

const TOO_LARGE = 'character code point value in \\x{} or \\o{} is too large';
const NO_DIGITS = 'digits missing in \\x{} or \\o{} or \\N{U+}';
const NO_OCTAL_BYTE = 'octal value is greater than \\377 in 8-bit non-UTF-8 mode';
export const MISSING_GROUP = 'reference to non-existent subpattern';

/** @param captures how many there have been; undefined inside of a class, which has other escapes */
export function parseEscape(pattern: Scanner, captures: number | undefined): Escape {
  const start = pattern.at;
  pattern.skip('\\');
  const char = pattern.take();
  if (char === undefined) pattern.fail('\\ at end of pattern');
  if (/[^A-Za-z0-9]/.test(char)) return { kind: 'byte', byte: char.charCodeAt(0) };
  const byte = CONTROLS[char];
  if (byte !== undefined) return { kind: 'byte', byte };
  const set = SETS[char];
  if (set !== undefined) return { kind: 'set', set };
  if (/[0-9]/.test(char)) return parseNumber(pattern, captures);
  if (char === 'x') return { kind: 'byte', byte: parseHex(pattern) };
  if (char === 'o') return { kind: 'byte', byte: parseOctal(pattern) };
  if (char === 'c') return { kind: 'byte', byte: parseControl(pattern) };
  if (captures === undefined) return inClass(pattern, char);
  const source = PLACES[char];
  if (source !== undefined) return { kind: 'place', source };
  if (char === 'N') {
    if (pattern.match(/(?=\{)(?!\{\d+(,\d*)?\})/y) !== undefined)
      pattern.fail('\\N{U+dddd} is supported only in Unicode (UTF) mode');
    return { kind: 'set', set: NOT_NEWLINE };
  }
  if (char === 'C') return { kind: 'set', set: ByteSet.of([0, 255]) };
  if (char === 'R') return NEWLINE;
  if (char === 'k' || char === 'g') return { kind: 'reference', to: parseReference(pattern, char, captures) };
  return notTranslated(pattern, char, start);
}

function inClass(pattern: Scanner, char: string): Escape {
  if (char === 'b') return { kind: 'byte', byte: 0x08 };
  if (char === 'N') pattern.fail('\\N is not supported in a class');
  if (/[ABCGKRXZz]/.test(char)) pattern.fail('escape sequence is invalid in character class', pattern.at - 1);
  return notTranslated(pattern, char, pattern.at - 2);
}

function notTranslated(pattern: Scanner, char: string, start: number): never {
  if (/[FLlUu]/.test(char)) pattern.fail('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u');
  if (/[pP]/.test(char)) pattern.match(/\{[^}]*\}|./y);
  if (/[KXpP]/.test(char)) pattern.refuse(start);
  pattern.fail('unrecognized character follows \\', pattern.at - 1);
}

/** A capture, or up to three octal digits. Behind the first digit. */
function parseNumber(pattern: Scanner, captures: number | undefined): Escape {
  pattern.at--;
  const start = pattern.at;
  const digits = pattern.match(/\d+/y)?.[0] ?? '';
  const group = Number(digits);
  const isReference =
    captures !== undefined &&
    group > 0 &&
    digits[0] !== '0' &&
    (group < 10 || /^[89]/.test(digits) || group <= captures);
  if (isReference) return { kind: 'reference', to: { group, at: pattern.at - 1 } };
  pattern.at = start;
  const octal = pattern.match(/[0-7]{1,3}/y)?.[0];
  if (octal === undefined) return { kind: 'byte', byte: (pattern.take() ?? '').charCodeAt(0) };
  const byte = Number.parseInt(octal, 8);
  return byte > 255 ? pattern.fail(NO_OCTAL_BYTE) : { kind: 'byte', byte };
}

/** Up to two digits, or any number of them in braces. */
function parseHex(pattern: Scanner): number {
  if (!pattern.skip('{')) return Number.parseInt(pattern.match(/[0-9a-f]{0,2}/iy)?.[0] || '0', 16);
  return braced(pattern, /[0-9a-f]*/iy, 16, 'non-hex character in \\x{} (closing brace missing?)');
}

function parseOctal(pattern: Scanner): number {
  if (!pattern.skip('{')) pattern.fail('missing opening brace after \\o', pattern.at - 1);
  return braced(pattern, /[0-7]*/y, 8, 'non-octal character in \\o{} (closing brace missing?)');
}

function braced(pattern: Scanner, digit: RegExp, base: number, fault: string): number {
  if (pattern.next === undefined || pattern.next === '}') pattern.fail(NO_DIGITS);
  const start = pattern.at;
  const value = Number.parseInt(pattern.match(digit)?.[0] || '0', base);
  if (value > 255) pattern.fail(TOO_LARGE);
  if (!pattern.skip('}'))
    pattern.fail(fault, pattern.next === undefined ? pattern.at - 1 : Math.max(start, pattern.at));
  return value;
}

function parseControl(pattern: Scanner): number {
  const char = pattern.take();
  if (char === undefined) pattern.fail('\\c at end of pattern');
  if (!/[ -~]/.test(char)) pattern.fail('\\c must be followed by a printable ASCII character', pattern.at - 1);
  return char.toUpperCase().charCodeAt(0) ^ 0x40;
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '<': '>', "'": "'" };

function parseReference(pattern: Scanner, char: 'k' | 'g', captures: number): Reference {
  const start = pattern.at;
  const plain = char === 'g' ? pattern.match(/\{?([-+]?)(\d+)(?!\w)\}?/y) : undefined;
  if (plain !== undefined) {
    const [, sign = '', digits = ''] = plain;
    const group = sign === '-' ? captures + 1 - Number(digits) : Number(digits) + (sign === '+' ? captures : 0);
    if (group <= 0) pattern.fail(MISSING_GROUP, sign === '-' ? start : pattern.at);
    return { group, at: pattern.at - 1 };
  }
  const close = CLOSING[pattern.next ?? ''];
  if (close === undefined) {
    pattern.fail(
      char === 'k'
        ? '\\k is not followed by a braced, angle-bracketed, or quoted name'
        : '\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number',
    );
  }
  if (char === 'g' && pattern.next !== '{') pattern.refuse(start - 2); // a call of the group
  pattern.at++;
  const at = pattern.at;
  return { group: parseName(pattern, close), at };
}

const LONGEST_NAME = 32;

/** The name of a capture, and what ends it. */
export function parseName(pattern: Scanner, close: string): string {
  const start = pattern.at;
  if (/\d/.test(pattern.next ?? '')) pattern.fail('subpattern name must start with a non-digit');
  const name = pattern.match(/\w+/y)?.[0];
  if (name === undefined) pattern.fail('subpattern name expected');
  if (name.length > LONGEST_NAME) {
    pattern.fail(`subpattern name is too long (maximum ${LONGEST_NAME} code units)`, start + name.length);
  }
  if (!pattern.skip(close)) pattern.fail('syntax error in subpattern name (missing terminator?)');
  return name;
}
