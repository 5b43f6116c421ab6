// What the byte-level parsers of the three protocols share: byte names and the end of a refused line.

import type { LineBuffer } from '../../net/line-buffer.ts';

export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
const DASH = 0x2d;
const DOT = 0x2e;
const UNDERSCORE = 0x5f;
/** Longest IMAP tag in bytes. */
export const MAX_TAG = 32;

export const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
/** A space or the line's end. */
export const endsWord = (byte: number): boolean => byte === SP || byte === CR || byte === LF;
export const isTagByte = (byte: number): boolean =>
  isLetter(byte) || isDigit(byte) || byte === DASH || byte === DOT || byte === UNDERSCORE;

/**
 * Discards what is left of a line that cannot be parsed. Moves `b.pos` behind its LF and returns true, or to
 * the end of what was read and returns false: the LF is still to come.
 */
export const skipLine = (b: LineBuffer, from: number): boolean => {
  const lf = b.data.indexOf(LF, from);
  // The buffer keeps bytes of earlier lines past `last`.
  const found = lf !== -1 && lf < b.last;
  b.pos = found ? lf + 1 : b.last;
  return found;
};
