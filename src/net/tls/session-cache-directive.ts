// The ssl_session_cache directive: words that add up, and zones that servers share by name.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { parseNumber, parseSize } from '../../conf/values.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { type SharedZones, sharedZonesModule } from '../../core/shared-zones.ts';
import type { SessionCache } from './settings.ts';

export interface HasSessionCache {
  sessionCache: SessionCache | undefined;
}

const BUILTIN_SESSIONS = 20480;
/** A zone needs this much to be of use. */
export const MIN_ZONE = 8 * PAGE_SIZE;

/** @param use mail and http have no zones in common */
export function sessionCacheDirective(contexts: readonly ContextName[], use: string): Directive<HasSessionCache> {
  return {
    name: 'ssl_session_cache',
    contexts,
    arity: args(1, 2),
    doc: {
      syntax: 'ssl_session_cache off | none | [builtin[:size]] [shared:name:size];',
      default: 'none',
      summary: 'Where TLS sessions are kept for resumption without tickets.',
      values: ['off', 'none', 'builtin', 'shared:'],
    },
    set: (cf, values, conf) => {
      for (const word of values) {
        const cache = addWord(word, conf.sessionCache, cf.store.get(sharedZonesModule.raw), use);
        if (cache instanceof Fault) return cache;
        conf.sessionCache = cache;
      }
      return undefined;
    },
  };
}

function addWord(
  word: ByteString,
  before: SessionCache | undefined,
  zones: SharedZones,
  use: string,
): SessionCache | Fault {
  if (word === 'off' || word === 'none') return { kind: word };
  const { builtin, shared } = before?.kind === 'cache' ? before : { builtin: undefined, shared: undefined };
  const invalid = whole(`invalid session cache "${word}"`);
  if (word === 'builtin') return { kind: 'cache', builtin: BUILTIN_SESSIONS, shared };
  if (word.startsWith('builtin:')) {
    const sessions = parseNumber(word.slice('builtin:'.length));
    return sessions === undefined ? invalid : { kind: 'cache', builtin: sessions, shared };
  }
  const zone = parseSharedZone(word);
  if (zone === undefined) return invalid;
  if (zone.bytes < MIN_ZONE) return whole(`session cache "${word}" is too small`);
  return zones.declare(zone.name, zone.bytes, use) ?? { kind: 'cache', builtin, shared: zone };
}

/** `shared:NAME:SIZE`. */
export function parseSharedZone(word: ByteString): { readonly name: ByteString; readonly bytes: number } | undefined {
  const [kind, name, size, ...more] = word.split(':');
  const bytes = size === undefined ? undefined : parseSize(size);
  if (kind !== 'shared' || name === undefined || name === '' || bytes === undefined || more.length > 0)
    return undefined;
  return { name, bytes };
}
