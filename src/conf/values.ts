// Value types of the configuration language: numbers, sizes, offsets, times and words, with nginx's overflow rules.
import type { ByteString } from './directive.ts';

/** nginx keeps numbers in an int64; what does not fit is refused. */
const MAX = 2n ** 63n - 1n;
const DIGITS = /^[0-9]+$/;

/** Decimal digits that fit an int64. Beyond 2^53 the result is the nearest double. */
export function parseNumber(text: ByteString): number | undefined {
  return scaled(text, 1);
}

/** Digits with an optional `k` or `m`, in bytes. */
export function parseSize(text: ByteString): number | undefined {
  return withUnit(text, SIZE_UNITS);
}

/** As a size, plus `g`, in bytes. */
export function parseOffset(text: ByteString): number | undefined {
  return withUnit(text, OFFSET_UNITS);
}

/** A time in milliseconds: units `w d h m s ms`. A number without a unit is seconds. */
export function parseMsec(text: ByteString): number | undefined {
  return parseTime(text, MSEC_UNITS, 1000n);
}

/** A time in seconds: units `y M w d h m s`. */
export function parseSec(text: ByteString): number | undefined {
  return parseTime(text, SEC_UNITS, 1n);
}

/** `on` or `off` in upper or lower case. */
export function parseFlag(text: ByteString): boolean | undefined {
  const word = lower(text);
  return word === 'on' ? true : word === 'off' ? false : undefined;
}

/** The value of a word in upper or lower case. Only own properties count, so that `constructor` is no word. */
export function parseWord<V>(text: ByteString, words: Readonly<Record<string, V>>): V | undefined {
  const word = lower(text);
  for (const [name, value] of Object.entries(words)) if (lower(name) === word) return value;
  return undefined;
}

/** ASCII only: bytes from 0x80 are no letters. */
export function lower(text: ByteString): ByteString {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
]);
const OFFSET_UNITS: ReadonlyMap<string, number> = new Map([...SIZE_UNITS, ['g', 1024 ** 3]]);

function withUnit(text: ByteString, units: ReadonlyMap<string, number>): number | undefined {
  const unit = units.get(text.slice(-1).toLowerCase());
  return unit === undefined ? scaled(text, 1) : scaled(text.slice(0, -1), unit);
}

function scaled(digits: string, unit: number): number | undefined {
  if (!DIGITS.test(digits)) return undefined;
  const fast = Number(digits) * unit;
  if (Number.isSafeInteger(fast)) return fast;
  return BigInt(digits) * BigInt(unit) > MAX ? undefined : fast;
}

interface Unit {
  /** Units must come with falling rank. */
  readonly rank: number;
  /** In the base unit of the type (a millisecond or a second). */
  readonly scale: bigint;
}

const SECOND = 1;
/** A bare number ended by a space: it counts as seconds, and only a final bare number may follow. */
const BARE = -1;

const MSEC_UNITS: ReadonlyMap<string, Unit> = new Map([
  ['w', { rank: 5, scale: 604_800_000n }],
  ['d', { rank: 4, scale: 86_400_000n }],
  ['h', { rank: 3, scale: 3_600_000n }],
  ['m', { rank: 2, scale: 60_000n }],
  ['s', { rank: SECOND, scale: 1000n }],
  ['ms', { rank: 0, scale: 1n }],
]);

const SEC_UNITS: ReadonlyMap<string, Unit> = new Map([
  ['y', { rank: 7, scale: 31_536_000n }],
  ['M', { rank: 6, scale: 2_592_000n }],
  ['w', { rank: 5, scale: 604_800n }],
  ['d', { rank: 4, scale: 86_400n }],
  ['h', { rank: 3, scale: 3600n }],
  ['m', { rank: 2, scale: 60n }],
  ['s', { rank: SECOND, scale: 1n }],
]);

const ITEM = /([0-9]*)(ms|[yMwdhms ])( *)/y;
const REST = /[0-9]*$/y;

/**
 * Items are NUMBER UNIT with falling units and spaces after each; the last number may lack its unit. As in nginx an
 * item may lack its number where another has one (`1m s` is a minute), and a space ends a bare number of seconds.
 */
function parseTime(text: ByteString, units: ReadonlyMap<string, Unit>, second: bigint): number | undefined {
  let total = 0n;
  let rank = Number.POSITIVE_INFINITY;
  let at = 0;
  ITEM.lastIndex = 0;
  for (let m = ITEM.exec(text); m !== null; m = ITEM.exec(text)) {
    const [, digits = '', name = ''] = m;
    at = ITEM.lastIndex;
    if (name === ' ') {
      if (rank < SECOND) return undefined;
      rank = BARE;
      total += BigInt(digits) * second;
    } else {
      const unit = units.get(name);
      if (unit === undefined || unit.rank >= rank) return undefined;
      rank = unit.rank;
      total += BigInt(digits) * unit.scale;
    }
    if (total > MAX) return undefined;
  }
  REST.lastIndex = at;
  const rest = REST.exec(text);
  if (rest === null || !/[0-9]/.test(text)) return undefined;
  total += BigInt(rest[0]) * second;
  return total > MAX ? undefined : Number(total);
}
