// The Range line of a request (RFC 9110 section 14.2).
import type { ByteString } from '../../conf/directive.ts';
import type { Slice } from '../answer/file-stream.ts';

const UNIT = /^bytes=/i;
const RANGE = / *(?:(\d+) *- *(\d*)|-(\d+)) *(,|$)/y;

/**
 * @param most more ranges than that are not answered one by one
 * @returns the parts that exist; `whole`: the Range counts for nothing; `bad`: none of it can be satisfied
 */
export function parseRanges(text: ByteString, size: number, most: number): readonly Slice[] | 'whole' | 'bad' {
  if (!UNIT.test(text) || text.length <= 'bytes='.length) return 'whole';
  const parts: Slice[] = [];
  let sum = 0;
  RANGE.lastIndex = 'bytes='.length;
  for (let more = true; more; ) {
    const found = RANGE.exec(text);
    if (found === null) return 'bad';
    const part = partOf(found, size);
    if (part === 'bad') return 'bad';
    if (part !== undefined) {
      if (parts.length >= most) return 'whole';
      parts.push(part);
      sum += part.to - part.from;
    }
    more = found[4] === ',';
  }
  if (parts.length === 0) return 'bad';
  return sum > size ? 'whole' : parts;
}

/** @returns undefined: it lies behind the end */
function partOf([, first, last = '', suffix]: RegExpExecArray, size: number): Slice | undefined | 'bad' {
  if (suffix !== undefined) {
    const length = offset(suffix);
    if (length === undefined) return 'bad';
    return length === 0 ? undefined : { from: Math.max(0, size - length), to: size };
  }
  const from = offset(first);
  const end = offset(last);
  if (from === undefined || end === undefined) return 'bad';
  const to = last === '' ? size : end + 1;
  return from >= size || from >= to ? undefined : { from, to: Math.min(to, size) };
}

/** Of off_t. */
const LARGEST = 2n ** 63n - 1n;

function offset(digits = ''): number | undefined {
  return BigInt(digits) > LARGEST ? undefined : Number(digits);
}
