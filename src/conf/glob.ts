// File masks of include as glob(3) reads them: `*`, `?` and `[…]` in every part of a path, no hidden files, byte order.
import type { ByteString, Environment, NameTest } from './directive.ts';

const MAGIC = /[*?[]/;

export const isMask = (path: ByteString): boolean => MAGIC.test(path);

/** Paths that match, sorted by bytes. A directory that cannot be read holds nothing. */
export function expandMask(mask: ByteString, env: Pick<Environment, 'listDirectory'>): ByteString[] {
  let found: ByteString[] = [''];
  let searched = false;
  for (const [i, part] of mask.split('/').entries()) {
    const magic = isMask(part);
    // Before the first mask there is one path, which need not be looked at.
    const test = magic || searched ? compileMask(part) : undefined;
    searched ||= magic;
    found = found.flatMap((path) => {
      const base = i === 0 ? '' : `${path}/`;
      return test === undefined ? base + unescaped(part) : namesIn(base, part, test, env).map((n) => base + n);
    });
  }
  return found.sort();
}

/** Names that a part may match: `.` and `..` are in every directory, and an empty part ends a path with a slash. */
function namesIn(
  base: ByteString,
  part: ByteString,
  test: NameTest,
  env: Pick<Environment, 'listDirectory'>,
): readonly ByteString[] {
  const names = env.listDirectory(base === '' ? '.' : base, test);
  if (!isList(names)) return [];
  return part === '' || part === '.' || part === '..' ? [part] : names.filter(test);
}

const isList = <T>(value: readonly T[] | object): value is readonly T[] => Array.isArray(value);

const unescaped = (part: ByteString): ByteString => part.replace(/\\(.)/gs, '$1');

/**
 * A test for names, as fnmatch(3) makes it. Compared with it by random masks, picomatch read parentheses, quotes, `|`
 * and odd brackets in its own way in one case of forty.
 */
export function compileMask(mask: ByteString): NameTest {
  let source = '';
  for (let i = 0; i < mask.length; i++) {
    const c = mask.charAt(i);
    if (c === '*') source += '[^]*?';
    else if (c === '?') source += '[^]';
    else if (c === '[') {
      const bracket = compileBracket(mask, i);
      source += bracket?.source ?? literal(c);
      i = bracket?.end ?? i;
    } else if (c === '\\') {
      i++;
      // A backslash at the end matches nothing.
      source += i < mask.length ? literal(mask.charAt(i)) : '(?!)';
    } else source += literal(c);
  }
  const regex = new RegExp(`^${source}$`);
  const hidden = mask.startsWith('.') || mask.startsWith('\\.');
  return (name) => (hidden || !name.startsWith('.')) && regex.test(name);
}

const literal = (c: string): string => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** The classes of the C locale. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', 'A-Za-z0-9'],
  ['alpha', 'A-Za-z'],
  ['blank', ' \\t'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['digit', '0-9'],
  ['graph', '\\x21-\\x7e'],
  ['lower', 'a-z'],
  ['print', '\\x20-\\x7e'],
  ['punct', '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'],
  ['space', '\\t-\\r '],
  ['upper', 'A-Z'],
  ['xdigit', '0-9A-Fa-f'],
]);

/** @returns undefined where no `]` closes the bracket at `open`: it then stands for itself */
function compileBracket(mask: ByteString, open: number): { source: string; end: number } | undefined {
  let i = open + 1;
  const negated = mask[i] === '!' || mask[i] === '^';
  if (negated) i++;
  let set = '';
  for (let first = true; first || mask[i] !== ']'; first = false) {
    const named = /^\[:([a-z]+):\]/.exec(mask.slice(i));
    if (named !== null) {
      set += CLASSES.get(named[1] ?? '') ?? '';
      i += named[0].length;
      continue;
    }
    const from = bracketByte(mask, i);
    if (from === undefined) return undefined;
    i = from.next;
    let to: { byte: string; next: number } | undefined = from;
    if (mask[i] === '-' && mask[i + 1] !== ']') {
      to = bracketByte(mask, i + 1);
      // glibc's fnmatch lets a range without an end match nothing.
      if (to === undefined) return { source: '(?!)', end: mask.length };
      i = to.next;
    }
    if (from.byte <= to.byte) set += `${literal(from.byte)}-${literal(to.byte)}`;
  }
  if (set === '') return { source: negated ? '[^]' : '(?!)', end: i };
  return { source: `[${negated ? '^' : ''}${set}]`, end: i };
}

/** One byte of a bracket; a backslash takes the next one as it is. */
function bracketByte(mask: ByteString, at: number): { byte: string; next: number } | undefined {
  const i = mask[at] === '\\' ? at + 1 : at;
  const byte = mask[i];
  return byte === undefined ? undefined : { byte, next: i + 1 };
}
