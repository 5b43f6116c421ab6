// Directives of the http block that are accepted and have no effect: they tune how nginx itself works.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../conf/directive.ts';
import type { Meta } from '../conf/slots.ts';
import { parseNumber, parseSec, parseSize } from '../conf/values.ts';
import { type Accepted, aFlag, aNumber, aWord, buffers, folder, nothingAccepted, someWords } from './accepted-slots.ts';
import { defineHttpModule } from './define.ts';

const HTTP: readonly ContextName[] = ['http'];
const SERVERS: readonly ContextName[] = [...HTTP, 'http.server'];
const ALL: readonly ContextName[] = [...SERVERS, 'http.location'];
const WITH_IF: readonly ContextName[] = [...ALL, 'http.location.if'];

const FILES = 'Node.js reads files in its own way';
const MEMORY = 'it tunes the memory of nginx';
const TABLES = 'it tunes the hash tables of nginx';
const PLAIN = 'answers are not compressed';
const PACE = 'answers are sent as fast as the client takes them';

const meta = (
  contexts: readonly ContextName[],
  syntax: string,
  preset: string,
  summary: string,
  noEffect: string,
): Meta => ({ contexts, syntax, ...(preset === '' ? {} : { default: preset }), summary, noEffect });

const sending: readonly Directive<Accepted>[] = [
  aFlag('sendfile', meta(WITH_IF, 'sendfile on | off;', 'off', 'Whether the kernel copies files to sockets.', FILES)),
  aNumber(
    'sendfile_max_chunk',
    'size',
    meta(ALL, 'sendfile_max_chunk size;', '2m', 'How much one call of sendfile may send.', FILES),
  ),
  aFlag('tcp_nopush', meta(ALL, 'tcp_nopush on | off;', 'off', 'Whether head and file go into full packets.', FILES)),
  aFlag(
    'tcp_nodelay',
    meta(ALL, 'tcp_nodelay on | off;', 'on', 'Whether small packets are sent at once.', 'they always are'),
  ),
  someWords(
    'aio',
    args(1),
    meta(ALL, 'aio off | threads[=pool];', 'off', 'Whether files are read in the background.', FILES),
    checkAio,
  ),
  aFlag('aio_write', meta(ALL, 'aio_write on | off;', 'off', 'Whether files are written in the background.', FILES)),
  someWords(
    'directio',
    args(1),
    meta(ALL, 'directio size | off;', 'off', 'From which size on files are read past the page cache.', FILES),
    ([size = '']) => (size === 'off' || parseSize(size) !== undefined ? undefined : new Fault('invalid value')),
  ),
  aNumber(
    'directio_alignment',
    'offset',
    meta(ALL, 'directio_alignment size;', '512', 'Where reads past the page cache begin.', FILES),
  ),
  aNumber('read_ahead', 'size', meta(ALL, 'read_ahead size;', '0', 'How far the kernel reads ahead.', FILES)),
  buffers('output_buffers', meta(ALL, 'output_buffers number size;', '2 32k', 'What files are read into.', FILES)),
  aNumber(
    'postpone_output',
    'size',
    meta(ALL, 'postpone_output size;', '1460', 'How much of an answer is worth a packet.', FILES),
  ),
  aNumber(
    'send_lowat',
    'size',
    meta(
      ALL,
      'send_lowat size;',
      '0',
      'How much room a socket has before it is written to.',
      'Linux has no such option',
    ),
  ),
  someWords(
    'limit_rate',
    args(1),
    meta(WITH_IF, 'limit_rate rate;', '0', 'How many bytes a second an answer may be sent with.', PACE),
    ([rate = '']) => (rate.includes('$') || parseSize(rate) !== undefined ? undefined : new Fault('invalid value')),
  ),
  someWords(
    'limit_rate_after',
    args(1),
    meta(WITH_IF, 'limit_rate_after size;', '0', 'How much of an answer is sent before it is slowed down.', PACE),
    ([size = '']) => (size.includes('$') || parseSize(size) !== undefined ? undefined : new Fault('invalid value')),
  ),
];

function checkAio([text = '']: readonly ByteString[]): Fault | undefined {
  if (text === 'off' || text === 'threads' || text.startsWith('threads=')) return undefined;
  return text === 'on' ? whole('"aio on" is unsupported on this platform') : new Fault('invalid value');
}

const files: readonly Directive<Accepted>[] = [
  someWords(
    'open_file_cache',
    args(1, 2),
    meta(ALL, 'open_file_cache off | max=number [inactive=time];', 'off', 'How many open files are kept.', FILES),
    checkCache,
  ),
  aNumber(
    'open_file_cache_valid',
    'msec',
    meta(ALL, 'open_file_cache_valid time;', '60s', 'How often kept files are looked at.', FILES),
  ),
  aNumber(
    'open_file_cache_min_uses',
    'num',
    meta(ALL, 'open_file_cache_min_uses number;', '1', 'How often a file is used before it is kept.', FILES),
  ),
  aFlag(
    'open_file_cache_errors',
    meta(ALL, 'open_file_cache_errors on | off;', 'off', 'Whether it is kept that a file is not there.', FILES),
  ),
];

function checkCache(words: readonly ByteString[]): Fault | undefined {
  const bad = words.find((word) => {
    const [, key, value = ''] = /^(max|inactive)=(.*)$/s.exec(word) ?? [];
    if (key === 'max') return (parseNumber(value) ?? 0) === 0;
    return key === 'inactive' ? parseSec(value) === undefined : word !== 'off';
  });
  if (bad !== undefined) return whole(`invalid "open_file_cache" parameter "${bad}"`);
  if (words.some((word) => word === 'off' || word.startsWith('max='))) return undefined;
  return whole('"open_file_cache" must have the "max" parameter');
}

const folders: readonly Directive<Accepted>[] = [
  folder(
    'uwsgi_temp_path',
    meta(ALL, 'uwsgi_temp_path path [level ...];', 'uwsgi_temp', 'Where uwsgi answers go.', 'uwsgi is not spoken'),
  ),
  folder(
    'scgi_temp_path',
    meta(ALL, 'scgi_temp_path path [level ...];', 'scgi_temp', 'Where SCGI answers go.', 'SCGI is not spoken'),
  ),
];

const pool = (name: string, preset: string, summary: string): Directive<Accepted> =>
  someWords(name, args(1), meta(SERVERS, `${name} size;`, preset, summary, MEMORY), ([text = '']) => {
    const size = parseSize(text);
    if (size === undefined) return new Fault('invalid value');
    if (size < 112) return whole('the pool size must be no less than 112');
    return size % 16 === 0 ? undefined : whole('the pool size must be a multiple of 16');
  });

const table = (name: string, contexts: readonly ContextName[], preset: string, summary: string): Directive<Accepted> =>
  aNumber(name, 'num', meta(contexts, `${name} number;`, preset, summary, TABLES));

const memory: readonly Directive<Accepted>[] = [
  pool('connection_pool_size', '512', 'The memory that a connection starts with.'),
  pool('request_pool_size', '4k', 'The memory that a request starts with.'),
  aNumber(
    'subrequest_output_buffer_size',
    'size',
    meta(ALL, 'subrequest_output_buffer_size size;', '4k or 8k', 'What answers of subrequests are kept in.', MEMORY),
  ),
  table('server_names_hash_max_size', HTTP, '512', 'The size of the table of server names.'),
  table('server_names_hash_bucket_size', HTTP, '64', 'The size of a bucket of the table of server names.'),
  table('variables_hash_max_size', HTTP, '1024', 'The size of the table of variables.'),
  table('variables_hash_bucket_size', HTTP, '64', 'The size of a bucket of the table of variables.'),
];

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(String);
const PROXIED = 'off expired no-cache no-store private no_last_modified no_etag auth any'.split(' ');
const MANY = Number.POSITIVE_INFINITY;

const compression: readonly Directive<Accepted>[] = [
  aFlag('gzip', meta(WITH_IF, 'gzip on | off;', 'off', 'Whether answers are compressed.', PLAIN)),
  aFlag('gzip_vary', meta(ALL, 'gzip_vary on | off;', 'off', 'Whether caches are told of compression.', PLAIN)),
  someWords(
    'gzip_types',
    args(1, MANY),
    meta(ALL, 'gzip_types mime-type ...;', 'text/html', 'Content types that are compressed.', PLAIN),
  ),
  someWords(
    'gzip_comp_level',
    args(1),
    meta(ALL, 'gzip_comp_level level;', '1', 'How hard compression tries.', PLAIN),
    ([level = '']) => {
      if (parseNumber(level) === undefined) return new Fault('invalid number');
      return LEVELS.includes(level) ? undefined : whole('value must be between 1 and 9');
    },
  ),
  aNumber(
    'gzip_min_length',
    'size',
    meta(ALL, 'gzip_min_length length;', '20', 'The shortest answer that is compressed.', PLAIN),
  ),
  someWords(
    'gzip_proxied',
    args(1, MANY),
    meta(ALL, 'gzip_proxied off | expired | any ...;', 'off', 'Whether proxies get compressed answers.', PLAIN),
    (words) => {
      const odd = words.find((word) => !PROXIED.includes(word.toLowerCase()));
      return odd === undefined ? undefined : whole(`invalid value "${odd}"`);
    },
  ),
  aWord(
    'gzip_http_version',
    ['1.0', '1.1'],
    meta(ALL, 'gzip_http_version 1.0 | 1.1;', '1.1', 'The lowest version of HTTP with compression.', PLAIN),
  ),
  someWords(
    'gzip_disable',
    args(1, MANY),
    meta(ALL, 'gzip_disable regex ...;', '', 'Browsers that get no compressed answers.', PLAIN),
  ),
  buffers(
    'gzip_buffers',
    meta(ALL, 'gzip_buffers number size;', '32 4k or 16 8k', 'The buffers of compression.', PLAIN),
  ),
];

export const acceptedModule = defineHttpModule({
  name: 'accepted',
  loc: {
    create: nothingAccepted,
    directives: [...sending, ...files, ...folders, ...memory, ...compression],
    merge: (_prev: undefined, _raw) => undefined,
  },
});
