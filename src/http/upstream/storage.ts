// Directives of proxy_… and fastcgi_… that only tune, and have no effect here, and those about caches and copies.
import { type Arity, args, type ContextName, type Directive, Fault, flag, whole } from '../../conf/directive.ts';
import { parseFlag, parseNumber } from '../../conf/values.ts';

export interface HasStorage {
  /** Names of directives that may stand once. */
  once: Set<string> | undefined;
}

const everywhere: readonly ContextName[] = ['http', 'http.server', 'http.location'];
const MAX_LEVELS = 3;
const ANY = Number.POSITIVE_INFINITY;

interface Ignored {
  readonly rest: string;
  readonly arity: Arity;
  readonly syntax: string;
  readonly summary: string;
  readonly why: string;
  readonly contexts?: readonly ContextName[];
  /** It adds to a list. */
  readonly repeats?: true;
}

const NO_CACHE = 'there is no cache';
const NO_FILES = 'nothing is stored in files';

const IGNORED: readonly Ignored[] = [
  {
    rest: 'cache_background_update',
    arity: flag,
    syntax: 'on | off',
    summary: 'Renewal of old answers.',
    why: NO_CACHE,
  },
  {
    rest: 'cache_bypass',
    arity: args(1, ANY),
    syntax: 'string ...',
    summary: 'What is not taken from the cache.',
    why: NO_CACHE,
  },
  { rest: 'cache_key', arity: args(1), syntax: 'string', summary: 'What answers are told apart by.', why: NO_CACHE },
  {
    rest: 'cache_lock',
    arity: flag,
    syntax: 'on | off',
    summary: 'One request at a time for an answer.',
    why: NO_CACHE,
  },
  { rest: 'cache_lock_age', arity: args(1), syntax: 'time', summary: 'When another one may ask.', why: NO_CACHE },
  { rest: 'cache_lock_timeout', arity: args(1), syntax: 'time', summary: 'How long others wait.', why: NO_CACHE },
  {
    rest: 'cache_max_range_offset',
    arity: args(1),
    syntax: 'number',
    summary: 'Up to where ranges are cached.',
    why: NO_CACHE,
  },
  {
    rest: 'cache_methods',
    arity: args(1, ANY),
    syntax: 'GET | HEAD | POST ...',
    summary: 'Methods that are cached.',
    why: NO_CACHE,
  },
  { rest: 'cache_min_uses', arity: args(1), syntax: 'number', summary: 'After how many requests.', why: NO_CACHE },
  {
    rest: 'cache_path',
    arity: args(2, ANY),
    syntax: 'path keys_zone=name:size ...',
    summary: 'A cache.',
    why: NO_CACHE,
    contexts: ['http'],
    repeats: true,
  },
  { rest: 'cache_revalidate', arity: flag, syntax: 'on | off', summary: 'Conditional renewal.', why: NO_CACHE },
  {
    rest: 'cache_use_stale',
    arity: args(1, ANY),
    syntax: 'condition ...',
    summary: 'When old answers do.',
    why: NO_CACHE,
  },
  {
    rest: 'cache_valid',
    arity: args(1, ANY),
    syntax: '[code ...] time',
    summary: 'How long answers are good.',
    why: NO_CACHE,
    repeats: true,
  },
  { rest: 'no_cache', arity: args(1, ANY), syntax: 'string ...', summary: 'What is not cached.', why: NO_CACHE },
  {
    rest: 'store_access',
    arity: args(1, 3),
    syntax: 'users:permissions ...',
    summary: 'Rights of copies.',
    why: NO_FILES,
  },
  {
    rest: 'force_ranges',
    arity: flag,
    syntax: 'on | off',
    summary: 'Ranges whatever the server says.',
    why: 'ranges are left to the server',
  },
  {
    rest: 'limit_rate',
    arity: args(1),
    syntax: 'rate',
    summary: 'Bytes a second from a server.',
    why: 'answers are read as the client takes them',
  },
  {
    rest: 'send_lowat',
    arity: args(1),
    syntax: 'size',
    summary: 'A tuning of FreeBSD.',
    why: 'it exists on FreeBSD only',
  },
];

const PROXY_ONLY: readonly Ignored[] = [
  {
    rest: 'cache_convert_head',
    arity: flag,
    syntax: 'on | off',
    summary: 'HEAD becomes GET for the cache.',
    why: NO_CACHE,
  },
  {
    rest: 'headers_hash_bucket_size',
    arity: args(1),
    syntax: 'size',
    summary: 'A table of names.',
    why: 'there are no such tables',
  },
  {
    rest: 'headers_hash_max_size',
    arity: args(1),
    syntax: 'size',
    summary: 'A table of names.',
    why: 'there are no such tables',
  },
  {
    rest: 'pass_trailers',
    arity: flag,
    syntax: 'on | off',
    summary: 'Lines behind a chunked body.',
    why: 'trailers are not passed on',
  },
];

const FASTCGI_ONLY: readonly Ignored[] = [
  {
    rest: 'catch_stderr',
    arity: args(1),
    syntax: 'string',
    summary: 'What in the error output makes an answer invalid.',
    why: 'it is undocumented',
    repeats: true,
  },
];

function ignoredDirective(prefix: string, item: Ignored): Directive<HasStorage> {
  const name = `${prefix}_${item.rest}`;
  return {
    name,
    contexts: item.contexts ?? everywhere,
    arity: item.arity,
    doc: { syntax: `${name} ${item.syntax};`, summary: item.summary, noEffect: item.why },
    set: (_cf, [text = ''], conf) => {
      if (item.repeats === undefined && !first(conf, name)) return new Fault('is duplicate');
      if (item.arity !== flag || parseFlag(text) !== undefined) return undefined;
      return whole(`invalid value "${text}" in "${name}" directive, it must be "on" or "off"`);
    },
  };
}

function first(conf: HasStorage, name: string): boolean {
  conf.once ??= new Set();
  if (conf.once.has(name)) return false;
  conf.once.add(name);
  return true;
}

/** `proxy_cache zone;` and `proxy_store on;`: only off is to be had. */
function missingDirective(prefix: string, rest: string, syntax: string, summary: string): Directive<HasStorage> {
  const name = `${prefix}_${rest}`;
  return {
    name,
    contexts: everywhere,
    arity: args(1),
    doc: { syntax: `${name} ${syntax};`, default: 'off', summary, values: ['off'] },
    set: (_cf, [text = ''], conf) => {
      if (!first(conf, name)) return new Fault('is duplicate');
      return text === 'off' ? undefined : whole(`"${name}": Postern does not implement it`);
    },
  };
}

function tempPathDirective(prefix: string): Directive<HasStorage> {
  const name = `${prefix}_temp_path`;
  return {
    name,
    contexts: everywhere,
    arity: args(1, 1 + MAX_LEVELS),
    doc: {
      syntax: `${name} path [level1 [level2 [level3]]];`,
      summary: 'A folder for temporary files.',
      noEffect: NO_FILES,
    },
    set: (_cf, [, ...levels], conf) => {
      if (!first(conf, name)) return new Fault('is duplicate');
      const isLevel = (text: string): boolean => ['1', '2', '3'].includes(String(parseNumber(text)));
      return levels.every(isLevel) ? undefined : new Fault('invalid value');
    },
  };
}

export const storageDirectives = (prefix: 'proxy' | 'fastcgi'): Directive<HasStorage>[] => [
  ...[...IGNORED, ...(prefix === 'proxy' ? PROXY_ONLY : FASTCGI_ONLY)].map((item) => ignoredDirective(prefix, item)),
  missingDirective(prefix, 'cache', 'zone | off', 'A cache of answers, which Postern does not have.'),
  missingDirective(prefix, 'store', 'on | off | string', 'Copies of answers in files, which Postern does not make.'),
  tempPathDirective(prefix),
];
