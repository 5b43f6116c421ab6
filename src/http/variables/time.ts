// Variables of the clock, and how long a request has taken.
import type { ByteString } from '../../conf/directive.ts';
import type { VariableSpec } from '../variables.ts';

export const timeVariables: readonly VariableSpec[] = [
  { name: 'msec', get: () => seconds(Date.now()), volatile: true },
  { name: 'time_local', get: () => stamps().local, volatile: true },
  { name: 'time_iso8601', get: () => stamps().iso8601, volatile: true },
  { name: 'request_time', get: ({ startedMs }) => seconds(Date.now() - startedMs), volatile: true },
];

/** With three decimals; a clock that was set back does not make it negative. */
export function seconds(ms: number): ByteString {
  return ms <= 0 ? '0.000' : `${Math.floor(ms / 1000)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
}

interface Stamps {
  readonly second: number;
  readonly local: ByteString;
  readonly iso8601: ByteString;
}

let latest: Stamps = { second: -1, local: '', iso8601: '' };

/** Made once a second. */
function stamps(): Stamps {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== latest.second) latest = stampsOf(new Date(now), second);
  return latest;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function stampsOf(date: Date, second: number): Stamps {
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const month = date.getMonth();
  const day = two(date.getDate());
  const year = date.getFullYear();
  const east = -date.getTimezoneOffset();
  const sign = east < 0 ? '-' : '+';
  const hours = two(Math.floor(Math.abs(east) / 60));
  const minutes = two(Math.abs(east) % 60);
  return {
    second,
    local: `${day}/${MONTHS[month]}/${year}:${clock} ${sign}${hours}${minutes}`,
    iso8601: `${year}-${two(month + 1)}-${day}T${clock}${sign}${hours}:${minutes}`,
  };
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
