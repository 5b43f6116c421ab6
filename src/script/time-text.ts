// Times as variables show them.
import type { ByteString } from '../conf/directive.ts';
import { two } from '../core/second-text.ts';

/** With three decimals; a clock that was set back does not make it negative. */
export function seconds(ms: number): ByteString {
  return ms <= 0 ? '0.000' : `${Math.floor(ms / 1000)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const clockOf = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/** `24/Nov/2026:02:28:41 +0000`. */
export function localTime(date: Date): string {
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`;
  return `${day}:${clockOf(date)} ${zoneOf(date, '')}`;
}

/** `2026-11-24T02:28:41+00:00`. */
export function isoTime(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${clockOf(date)}${zoneOf(date, ':')}`;
}

/** Of the local time, east of Greenwich with a plus. */
function zoneOf(date: Date, separator: string): string {
  const west = date.getTimezoneOffset();
  const minutes = Math.abs(west);
  return `${west > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}
