// The options that a pattern switches for the rest of a group: `(?i)`, `(?s-x:...)`.
import type { Scanner } from './scanner.ts';

export interface Options {
  /** Letters in either case. */
  readonly i: boolean;
  /** `^` and `$` at every line. */
  readonly m: boolean;
  /** A dot is also a newline. */
  readonly s: boolean;
  /** White space and comments do not count. */
  readonly x: boolean;
  /** Quantifiers are lazy, and with a `?` greedy. */
  readonly U: boolean;
  /** Parentheses without a name capture nothing. */
  readonly n: boolean;
}

export const OFF: Options = { i: false, m: false, s: false, x: false, U: false, n: false };

const isOption = (char: string): char is keyof Options => char in OFF;

/** Up to a colon or closing parenthesis. @param start of the group */
export function parseOptions(pattern: Scanner, outer: Options, start: number): Options {
  let options = pattern.skip('^') ? { ...OFF, U: outer.U } : outer;
  for (let value = true; ; ) {
    const { next } = pattern;
    if (next === undefined || next === ')' || next === ':') return options;
    if (next === '-' && value) value = false;
    else if (isOption(next)) options = { ...options, [next]: value };
    else if (next !== 'J') pattern.fail('unrecognized character after (? or (?-');
    pattern.take();
    // Captures of the same name, and white space in classes.
    if (next === 'J' || (next === 'x' && pattern.next === 'x')) pattern.refuse(start);
  }
}
