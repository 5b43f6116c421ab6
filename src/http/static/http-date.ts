// Dates of HTTP (RFC 9110 section 5.6.7), in each of the three forms that a client may use.
import type { ByteString } from '../../conf/directive.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const TODAY = /^\w{3}, (?<day>\d\d) (?<month>\w{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/;
const RFC850 = /^\w+, (?<day>\d\d)-(?<month>\w{3})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/;
const ASCTIME = /^\w{3} (?<month>\w{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/;

/** Two digits below this are of this century. */
const CENTURY = 70;

/** @returns milliseconds since 1970; undefined: it is no date */
export function parseHttpDate(text: ByteString): number | undefined {
  const found = TODAY.exec(text) ?? RFC850.exec(text) ?? ASCTIME.exec(text);
  const { day = '', month = '', year = '', time = '' } = found?.groups ?? {};
  const monthAt = MONTHS.indexOf(month);
  if (monthAt < 0) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const short = Number(year);
  const full = year.length === 4 ? short : short + (short < CENTURY ? 2000 : 1900);
  const ms = Date.UTC(full, monthAt, Number(day), hours, minutes, seconds);
  return new Date(ms).getUTCDate() === Number(day) ? ms : undefined;
}
