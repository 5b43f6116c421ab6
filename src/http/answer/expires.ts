// The expires directive: until when an answer may be kept, as Expires and Cache-Control say it.
import { args, type ByteString, type Directive, Fault } from '../../conf/directive.ts';
import { parseSec } from '../../conf/values.ts';
import { compileValue } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpValue } from '../script/script.ts';
import { parseHttpDate } from '../static/http-date.ts';
import type { HttpResponse } from './response.ts';

/** `seconds` from now, from the last change, or from midnight. */
type Timed =
  | { readonly kind: 'epoch' }
  | { readonly kind: 'max' }
  | { readonly kind: 'now' | 'modified' | 'daily'; readonly seconds: number };
type Expiry = { readonly kind: 'off' } | Timed;

/** With variables it is read anew for each answer. */
export type ExpiresConf = Expiry | { readonly kind: 'value'; readonly value: HttpValue; readonly isModified: boolean };

export const NEVER_EXPIRES: ExpiresConf = { kind: 'off' };

const NAMED: ReadonlyMap<ByteString, Expiry> = new Map([
  ['epoch', { kind: 'epoch' }],
  ['max', { kind: 'max' }],
  ['off', { kind: 'off' }],
]);

const DAY_S = 24 * 60 * 60;
/** The last date with a year of four digits. */
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59);
const NOTHING_KEPT = 'no-cache';

interface HasExpires {
  expires: ExpiresConf | undefined;
}

export const expiresDirective: Directive<HasExpires> = {
  name: 'expires',
  contexts: ['http', 'http.server', 'http.location', 'http.location.if'],
  arity: args(1, 2),
  doc: {
    syntax: 'expires [modified] time | epoch | max | off;',
    default: 'off',
    summary:
      'Until when an answer may be kept: a time from now or, with "modified", from the last change of a file; negative for not at all; @time is a time of the day. May have variables.',
    values: ['modified', 'epoch', 'max', 'off'],
  },
  set: (cf, words, conf) => {
    if (conf.expires !== undefined) return new Fault('is duplicate');
    const isModified = words.length === 2 && words[0] === 'modified';
    const [text = ''] = isModified ? words.slice(1) : words;
    if (words.length === 2 && !isModified) return new Fault('invalid value');
    const value = compileValue(text, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    const expiry = value.constant === undefined ? undefined : parseExpiry(text, isModified);
    if (expiry instanceof Fault) return expiry;
    conf.expires = expiry ?? { kind: 'value', value, isModified };
    return undefined;
  },
};

function parseExpiry(text: ByteString, isModified: boolean): Expiry | Fault {
  const named = isModified ? undefined : NAMED.get(text);
  if (named !== undefined) return named;
  const isDaily = text.startsWith('@');
  if (isDaily && isModified) return new Fault('daily time cannot be used with "modified" parameter');
  const isNegative = text.startsWith('-');
  const seconds = parseSec(isDaily || isNegative ? text.slice(1) : text);
  if (seconds === undefined) return new Fault('invalid value');
  if (!isDaily) return { kind: isModified ? 'modified' : 'now', seconds: isNegative ? -seconds : seconds };
  if (seconds > DAY_S) return new Fault('daily time value must be less than 24 hours');
  return { kind: 'daily', seconds };
}

/** Takes the place of what an upstream has said. */
export function setExpires(request: HttpRequest, response: HttpResponse, conf: ExpiresConf): void {
  const expiry = conf.kind === 'value' ? parseExpiry(conf.value.of(request), conf.isModified) : conf;
  if (expiry instanceof Fault || expiry.kind === 'off') return;
  const [date, control] = linesOf(expiry, response);
  put(response, 'Expires', date);
  put(response, 'Cache-Control', control);
}

function linesOf(expiry: Timed, response: HttpResponse): readonly [date: ByteString, control: ByteString] {
  if (expiry.kind === 'epoch') return ['Thu, 01 Jan 1970 00:00:01 GMT', NOTHING_KEPT];
  if (expiry.kind === 'max') return ['Thu, 31 Dec 2037 23:55:55 GMT', `max-age=${10 * 365 * DAY_S}`];
  const nowS = Math.floor(Date.now() / 1000);
  const endS = endOf(expiry.kind, expiry.seconds, nowS, response);
  const date = new Date(Math.min(endS * 1000, MAX_MS)).toUTCString();
  const isPast = endS < nowS || (expiry.kind !== 'modified' && expiry.seconds < 0);
  return [date, isPast ? NOTHING_KEPT : `max-age=${endS - nowS}`];
}

function endOf(kind: 'now' | 'modified' | 'daily', seconds: number, nowS: number, response: HttpResponse): number {
  if (kind === 'now') return nowS + seconds;
  if (kind === 'daily') return nextAt(seconds, nowS);
  return Math.floor((modifiedOf(response) ?? nowS * 1000) / 1000) + seconds;
}

const modifiedOf = (response: HttpResponse): number | undefined =>
  response.lastModifiedMs ?? parseHttpDate(response.field('last-modified') ?? '');

/** Today or tomorrow, in local time. */
function nextAt(seconds: number, nowS: number): number {
  const day = new Date(nowS * 1000);
  const at = (days: number): number =>
    new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, 0, 0, seconds).getTime() / 1000;
  return at(0) > nowS ? at(0) : at(1);
}

/** In the place of the first line of that name, if there is one. */
function put(response: HttpResponse, name: ByteString, value: ByteString): void {
  const lower = name.toLowerCase();
  const first = response.fields.find(([known]) => known.toLowerCase() === lower);
  const kept = response.fields.filter((field) => field === first || field[0].toLowerCase() !== lower);
  response.fields.splice(0, response.fields.length, ...kept);
  if (first === undefined) response.fields.push([name, value]);
  else first[1] = value;
}
