// What a request wants of a server in a group: read from its JSON, with the errors of NGINX Plus.
import { type ByteString, Fault } from '../../conf/directive.ts';
import { parseSec } from '../../conf/values.ts';
import type { ServerChange, ServerPlace } from '../../control/order.ts';
import { parseUrl } from '../../core/address.ts';
import { bytesOf, type JsonBody } from './question.ts';
import { type ApiResult, error } from './route.ts';

type Growing = { -readonly [K in keyof ServerChange]: ServerChange[K] };

const MAX_NUMBER = 2 ** 31 - 1;
const MAX_WEIGHT = 65_535;
/** Characters of a host name. */
const MAX_NAME = 253;

export const formatError = (text: string): ApiResult => error(400, text, 'UpstreamConfFormatError');

/** @param isNew what cannot change later may be said too */
export function changeOf(body: JsonBody, isNew: boolean): ServerChange | ApiResult {
  const change: Growing = {};
  for (const [name, it] of body) {
    if (name === 'server' && isNew) continue;
    if (name === 'backup' && !isNew) return formatError(`unknown parameter "${name}"`);
    const fault = take(change, name, it);
    if (fault !== undefined) return formatError(`${fault} "${name}"`);
  }
  return change;
}

export const isRefusal = (it: ServerChange | ApiResult): it is ApiResult => 'kind' in it;

/** @returns what is wrong with it */
function take(change: Growing, name: string, it: unknown): string | undefined {
  switch (name) {
    case 'weight':
      change.weight = wholeNumber(it, 1, MAX_WEIGHT);
      return change.weight === undefined ? 'invalid' : undefined;
    case 'max_conns':
      change.maxConns = wholeNumber(it, 0, MAX_NUMBER);
      return change.maxConns === undefined ? 'invalid' : undefined;
    case 'max_fails':
      change.maxFails = wholeNumber(it, 0, MAX_NUMBER);
      return change.maxFails === undefined ? 'invalid' : undefined;
    case 'fail_timeout':
      change.failTimeoutMs = time(it);
      return change.failTimeoutMs === undefined ? 'invalid' : undefined;
    case 'slow_start':
      change.slowStartMs = time(it);
      return change.slowStartMs === undefined ? 'invalid' : undefined;
    case 'backup':
    case 'down':
    case 'drain':
      if (typeof it !== 'boolean') return 'invalid';
      change[name] = it;
      return undefined;
    default:
      return 'unknown parameter';
  }
}

const wholeNumber = (it: unknown, least: number, most: number): number | undefined =>
  typeof it === 'number' && Number.isInteger(it) && it >= least && it <= most ? it : undefined;

/** Seconds, or a time as the configuration has it. */
function time(it: unknown): number | undefined {
  const seconds = typeof it === 'string' ? parseSec(bytesOf(it)) : wholeNumber(it, 0, MAX_NUMBER);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Of a name the port may be left out, as in the configuration. */
export function placeOf(text: string): ServerPlace | undefined {
  const bytes = bytesOf(text);
  if (bytes.includes('\0')) return undefined; // the system would end a path there
  let isName = false;
  // Never asked of the system: that would stop everything else meanwhile.
  const resolve = (): readonly string[] => {
    isName = true;
    return ['0.0.0.0'];
  };
  const url = parseUrl(bytes, { defaultPort: 0, resolve });
  if (url instanceof Fault) return undefined;
  if (isName) return isHostName(url.host) ? { kind: 'name', host: url.host, port: url.port } : undefined;
  const [address] = url.addresses;
  return address && { kind: 'address', address };
}

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** RFC 1035, with the underscores that names of services have. */
const isHostName = (host: ByteString): boolean =>
  host.length <= MAX_NAME &&
  host
    .replace(/\.$/, '')
    .split('.')
    .every((label) => LABEL.test(label));
