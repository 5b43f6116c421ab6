// The ssl_session_cache directive: words that add up, and zones that servers share by name.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { Key } from '../../conf/store.ts';
import { parseNumber, parseSize } from '../../conf/values.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import type { SessionZones } from '../../net/tls/session-zones.ts';
import type { SessionCache } from '../../net/tls/settings.ts';

/** Sizes of the zones of a configuration by name. */
export const ZONE_SIZES = new Key<Map<ByteString, number>>('mail ssl session zone sizes');

/** The zones themselves. */
export const SESSION_ZONES = new Key<SessionZones>('mail ssl session zones');

interface HasSessionCache {
  sessionCache: SessionCache | undefined;
}

const BUILTIN_SESSIONS = 20480;
/** A zone needs this much to be of use. */
const MIN_ZONE = 8 * PAGE_SIZE;

export function sessionCacheDirective(contexts: readonly ContextName[]): Directive<HasSessionCache> {
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
        const cache = addWord(word, conf.sessionCache, cf.store.get(ZONE_SIZES));
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
  zones: Map<ByteString, number>,
): SessionCache | Fault {
  if (word === 'off' || word === 'none') return { kind: word };
  const { builtin, shared } = before?.kind === 'cache' ? before : { builtin: undefined, shared: undefined };
  const invalid = whole(`invalid session cache "${word}"`);
  if (word === 'builtin') return { kind: 'cache', builtin: BUILTIN_SESSIONS, shared };
  if (word.startsWith('builtin:')) {
    const sessions = parseNumber(word.slice('builtin:'.length));
    return sessions === undefined ? invalid : { kind: 'cache', builtin: sessions, shared };
  }
  const [kind, name, size, ...more] = word.split(':');
  const bytes = size === undefined ? undefined : parseSize(size);
  if (kind !== 'shared' || name === undefined || name === '' || bytes === undefined || more.length > 0) return invalid;
  if (bytes < MIN_ZONE) return whole(`session cache "${word}" is too small`);
  const declared = zones.get(name);
  if (declared !== undefined && declared !== bytes) {
    return whole(`the size ${bytes} of shared memory zone "${name}" conflicts with already declared size ${declared}`);
  }
  zones.set(name, bytes);
  return { kind: 'cache', builtin, shared: { name, bytes } };
}
