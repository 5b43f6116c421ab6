// The directives of the cache for answers of auth servers.
import { args, type ByteString, type ConfCursor, type Directive, Fault, whole } from '../../conf/directive.ts';
import { parseMsec, parseSize } from '../../conf/values.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import { compileValue, type Value } from '../../script/value.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';

export interface CacheZone {
  readonly name: ByteString;
  readonly bytes: number;
  /** What answers depend on besides the question; undefined: the client's address. */
  readonly key: Value<Session> | undefined;
}

export interface AuthCacheRaw {
  zone: CacheZone | 'off' | undefined;
  okMs: number | undefined;
  failMs: number | undefined;
}

export interface AuthCacheConf {
  readonly zone: { readonly name: ByteString; readonly bytes: number };
  readonly key: Value<Session> | undefined;
  /** How long answers are used that let clients in, and those that do not; 0: never. */
  readonly okMs: number;
  readonly failMs: number;
}

const KEY = 'key=';
const USE = 'mail auth_http';
const MIN_ZONE = 8 * PAGE_SIZE;
/** Who corrects a password, or was locked out by mistake, need not wait longer. */
const MAX_FAIL_MS = 30_000;

const both = { contexts: ['mail', 'mail.server'] } as const;

const cache: Directive<AuthCacheRaw> = {
  name: 'auth_http_cache',
  ...both,
  arity: args(1, 2),
  doc: {
    syntax: 'auth_http_cache off | zone=name:size [key=string];',
    default: 'off',
    summary:
      'Where answers of the auth service are kept for the same login. They hold for the same key, which is the address of the client otherwise.',
    values: ['off', 'zone=', 'key='],
  },
  set: (cf, [first = '', second], conf) => {
    if (conf.zone !== undefined) return new Fault('is duplicate');
    if (first === 'off' && second === undefined) {
      conf.zone = 'off';
      return undefined;
    }
    const zone = parseZone(cf, first, second);
    if (zone instanceof Fault) return zone;
    conf.zone = zone;
    return cf.store.get(sharedZonesModule.raw).declare(zone.name, zone.bytes, USE);
  },
};

function parseZone(cf: ConfCursor, first: ByteString, second: ByteString | undefined): CacheZone | Fault {
  const [, name, size] = /^zone=([^:]+):(.+)$/s.exec(first) ?? [];
  if (name === undefined || size === undefined) return whole(`invalid parameter "${first}"`);
  const bytes = parseSize(size);
  if (bytes === undefined) return whole(`invalid zone size "${size}"`);
  if (bytes < MIN_ZONE) return whole(`zone "${name}" is too small`);
  if (second === undefined) return { name, bytes, key: undefined };
  if (!second.startsWith(KEY)) return whole(`invalid parameter "${second}"`);
  const key = compileValue(second.slice(KEY.length), cf.store.get(MAIL_VARIABLES));
  return key instanceof Fault ? key : { name, bytes, key };
}

const valid: Directive<AuthCacheRaw> = {
  name: 'auth_http_cache_valid',
  ...both,
  arity: args(1, 2),
  doc: {
    syntax: 'auth_http_cache_valid [ok | fail] time;',
    summary:
      'How long answers are kept that let clients in, and those that do not: 30 seconds at most. Without it none are.',
    values: ['ok', 'fail'],
  },
  set: (_cf, values, conf) => {
    const [time = '', kind = 'ok'] = [...values].reverse();
    if (kind !== 'ok' && kind !== 'fail') return whole(`invalid parameter "${kind}"`);
    const ms = parseMsec(time);
    if (ms === undefined) return whole(`invalid time value "${time}"`);
    if (kind === 'fail' && ms > MAX_FAIL_MS) return whole('failed logins are kept for 30 seconds at most');
    const key = kind === 'ok' ? 'okMs' : 'failMs';
    if (conf[key] !== undefined) return new Fault('is duplicate');
    conf[key] = ms;
    return undefined;
  },
};

export const cacheDirectives: readonly Directive<AuthCacheRaw>[] = [cache, valid];

/** @returns undefined: there is no cache */
export function authCacheConf(prev: Readonly<AuthCacheRaw>, conf: Readonly<AuthCacheRaw>): AuthCacheConf | undefined {
  const zone = conf.zone ?? prev.zone ?? 'off';
  if (zone === 'off') return undefined;
  const { name, bytes, key } = zone;
  return {
    zone: { name, bytes },
    key,
    okMs: conf.okMs ?? prev.okMs ?? 0,
    failMs: conf.failMs ?? prev.failMs ?? 0,
  };
}
