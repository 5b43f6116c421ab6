// Directives about passing requests on that Postern takes and does nothing with: caches, copies, and some tuning.
import type { Directive } from '../../conf/directive.ts';
import { accepted, EVERYWHERE, type Group, type HasOnce, HTTP, type Kind, onlyOff, refused } from '../absent/group.ts';

/** Ways to pass a request on that have all of these. */
type Prefix = 'proxy' | 'fastcgi' | 'uwsgi' | 'scgi';
type Names = Readonly<Partial<Record<Kind, string>>>;

const CACHE: Group = { summary: 'A cache of answers', why: 'there is no cache' };
const COPIES: Group = { summary: 'Copies of answers in files', why: 'nothing is stored in files' };
const TUNING: Group = { summary: 'Details of connections to servers', why: 'it tunes how nginx passes requests on' };
const DYNAMIC: Group = { summary: 'Servers that are chosen or asked anew', why: '' };

const CACHE_NAMES: Names = {
  flag: 'cache_background_update cache_lock cache_revalidate',
  time: 'cache_lock_age cache_lock_timeout',
  number: 'cache_max_range_offset cache_min_uses',
  word: 'cache_key',
  words: 'cache_bypass cache_methods cache_use_stale no_cache',
  list: 'cache_valid',
};
const TUNING_NAMES: Names = { flag: 'force_ranges', size: 'limit_rate socket_rcvbuf socket_sndbuf' };
const OF_PROXY: Names = {
  flag: 'pass_trailers',
  number: 'headers_hash_bucket_size headers_hash_max_size',
  size: 'send_lowat',
};
const OF_FASTCGI: Names = { size: 'send_lowat' };

export const storageDirectives = (prefix: Prefix): Directive<HasOnce>[] => [
  ...all(prefix, CACHE, CACHE_NAMES),
  accepted(CACHE, 'list', HTTP, `${prefix}_cache_path`),
  onlyOff(CACHE, EVERYWHERE, `${prefix}_cache`),
  // Without it such a request is one to delete something, and goes to the server.
  refused(CACHE, EVERYWHERE, `${prefix}_cache_purge`),
  onlyOff(COPIES, EVERYWHERE, `${prefix}_store`),
  accepted(COPIES, 'words', EVERYWHERE, `${prefix}_store_access`),
  ...(prefix === 'proxy' || prefix === 'fastcgi'
    ? [accepted(COPIES, 'folder', EVERYWHERE, `${prefix}_temp_path`)]
    : []),
  ...all(prefix, TUNING, TUNING_NAMES),
  ...dynamicDirectives(prefix),
  ...(prefix === 'proxy' ? all(prefix, TUNING, OF_PROXY) : []),
  ...(prefix === 'proxy' ? all(prefix, CACHE, { flag: 'cache_convert_head' }) : []),
  ...(prefix === 'fastcgi' ? all(prefix, TUNING, OF_FASTCGI) : []),
];

export const dynamicDirectives = (prefix: Prefix | 'grpc' | 'memcached' | 'tunnel'): Directive<HasOnce>[] => [
  onlyOff(DYNAMIC, EVERYWHERE, `${prefix}_bind_dynamic`),
  ...(prefix === 'memcached' || prefix === 'tunnel' ? [] : [onlyOff(DYNAMIC, EVERYWHERE, `${prefix}_request_dynamic`)]),
  refused(DYNAMIC, EVERYWHERE, `${prefix}_allow_upstream`),
];

const KINDS: readonly Kind[] = ['flag', 'time', 'size', 'number', 'word', 'words', 'list'];

const all = (prefix: Prefix, group: Group, names: Names): Directive<HasOnce>[] =>
  KINDS.flatMap((kind) =>
    (names[kind]?.split(' ') ?? []).map((rest) => accepted(group, kind, EVERYWHERE, `${prefix}_${rest}`)),
  );
