// Files, as nginx serves them: where they are, index and try_files, conditions and ranges, and what the log says.
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from '../support/cleanup.ts';
import { type Case, get, kept, post, request, staying, testCases } from '../support/http-cases.ts';
import { temporaryFolder } from '../support/tmp.ts';

const MODIFIED = 'Tue, 02 Jan 2024 03:04:05 GMT';
const LATER = 'Tue, 02 Jan 2024 03:04:06 GMT';
const EARLIER = 'Tue, 02 Jan 2024 03:04:04 GMT';

function makeFiles(scope: Cleanup): string {
  const root = temporaryFolder(scope, 'root');
  const time = new Date(MODIFIED);
  mkdirSync(join(root, 'sub'));
  mkdirSync(join(root, 'empty'));
  for (const [name, text] of [
    ['ten', '0123456789'],
    ['t.html', 't'],
    ['a b.HTML', 'ab'],
    ['zero', ''],
    ['sub/idx.htm', 'idx'],
    ['last', 'text'],
  ] as const) {
    writeFileSync(join(root, name), text);
    utimesSync(join(root, name), time, time);
  }
  symlinkSync('ten', join(root, 'link'));
  symlinkSync('loop', join(root, 'loop'));
  return root;
}

const config = (root: string): string => `http { access_log off; root ${root};
  types { text/html html htm; }
  server { listen @WEB@; server_name a.test; add_header U $uri;
    location /sub/ { index no.html idx.htm; }
    location /as/ { alias ${root}/sub/; index idx.htm; }
    location ~ ^/re/(.*)$ { alias ${root}/$1; }
    location /index/ { alias ${root}/sub/; index no /ten; }
    location /untagged/ { alias ${root}/; etag off; }
    location /undated/ { alias ${root}/; if_modified_since off; }
    location /before/ { alias ${root}/; if_modified_since before; }
    location /whole/ { alias ${root}/; max_ranges 0; }
    location /one/ { alias ${root}/; max_ranges 1; }
    location /page/ { alias ${root}/; error_page 416 /ten; }
    location /try/ { try_files $uri $uri.html /t.html; }
    location /try-none/ { try_files /none =404; }
    location /try-name/ { try_files /none @name; }
    location /try-folder/ { try_files /sub/ =404; }
    location /try-args/ { try_files /none /shown?a=b; }
    location /try-alias/ { alias ${root}/; try_files $uri $uri.html =404; }
    location /shown { return 200 "$uri $args"; }
    location @name { return 200 "$uri $args"; }
    location /unlogged/ { log_not_found off; }
  }
}`;

const FIELDS = (uri: string, etag: string): string =>
  `Last-Modified: ${MODIFIED}|Connection: keep-alive|ETag: "65937d25-${etag}"|U: ${uri}`;
const file = (uri: string, body: string, type = 'text/plain'): string =>
  `HTTP/1.1 200 OK|Content-Type: ${type}|Content-Length: ${body.length}|` +
  `${FIELDS(uri, body.length.toString(16))}|Accept-Ranges: bytes||${body}`;
const text = (uri: string, body: string): string =>
  `HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: ${body.length}|Connection: keep-alive|U: ${uri}||${body}`;
const moved = (uri: string, target: string): string =>
  'HTTP/1.1 301 Moved Permanently|Content-Type: text/html|' +
  `Location: http://a.test:PORT${target}|Connection: keep-alive|U: ${uri}||<301 Moved Permanently>`;
const MISSING = staying('404 Not Found');
const TEN = file('/ten', '0123456789');
const NOT_MODIFIED = `HTTP/1.1 304 Not Modified|${FIELDS('/ten', 'a')}||`;
const FAILED = staying('412 Precondition Failed');
const part = (range: string, body: string, uri = '/ten'): string =>
  `HTTP/1.1 206 Partial Content|Content-Type: text/plain|Content-Length: ${body.length}|` +
  `${FIELDS(uri, 'a')}|Content-Range: bytes ${range}/10||${body}`;
const OUTSIDE =
  'HTTP/1.1 416 Requested Range Not Satisfiable|Content-Type: text/html|Connection: keep-alive|U: /ten|' +
  'Content-Range: bytes */10||<416 Requested Range Not Satisfiable>';

const asked = (target: string, answer: string, log?: string): Case => ({
  name: `GET ${target}`,
  sent: get(target),
  got: [answer],
  ...(log === undefined ? {} : { log }),
});

const PLACES: readonly Case[] = [
  asked('/ten', TEN),
  asked('/t.html', file('/t.html', 't', 'text/html')),
  asked('/a%20b.HTML', file('/a b.HTML', 'ab', 'text/html')),
  asked('/zero', file('/zero', '')),
  asked('/link', file('/link', '0123456789')),
  asked('/loop', staying('403 Forbidden'), '/loop" failed (40: Too many levels of symbolic links), client: '),
  asked('/none', MISSING, '/none" failed (2: No such file or directory), client: '),
  asked('/ten/x', MISSING, '/ten/x" failed (20: Not a directory), client: '),
  asked(`/${'a'.repeat(300)}`, MISSING, 'a" failed (36: File name too long), client: '),
  asked('/unlogged/none', MISSING),
  asked('/sub', moved('/sub', '/sub/')),
  asked('/sub?a=b', moved('/sub', '/sub/?a=b')),
  asked('/sub/', file('/sub/idx.htm', 'idx', 'text/html')),
  asked('/empty/', staying('403 Forbidden'), 'directory index of "'),
  asked('/none/', MISSING, '/none/index.html" is not found (2: No such file or directory), client: '),
  asked('/ten/', MISSING, '/ten/index.html" is not found (20: Not a directory), client: '),
  asked('/as/', file('/as/idx.htm', 'idx', 'text/html')),
  asked('/as', MISSING),
  asked('/re/ten', file('/re/ten', '0123456789')),
  asked('/re/sub', moved('/re/sub', '/re/sub/')),
  asked('/index/', TEN),
  asked('/sub/../ten', TEN),
  asked('/try/t', file('/t.html', 't', 'text/html')),
  asked('/try-none/x', MISSING),
  asked('/try-name/x?a=b', text('/try-name/x', '/try-name/x a=b')),
  asked('/try-folder/x', moved('/sub', '/sub/')),
  asked('/try-args/x?c=d', text('/shown', '/shown a=b')),
  asked('/try-alias/ten', file('/try-alias/ten', '0123456789')),
  asked('/try-alias/t', file('/try-alias/t.html', 't', 'text/html')),
  asked('/try-alias/x', MISSING),
];

const METHODS: readonly Case[] = [
  { name: 'HEAD', sent: request('HEAD', '/ten'), isHead: true, got: [TEN.replace(/0123456789$/, '')] },
  kept('POST to a file', post('/ten', 'abc'), staying('405 Not Allowed')),
  kept('POST to what is not there', post('/none', 'abc'), MISSING),
  kept('POST to a folder', post('/sub', 'abc'), moved('/sub', '/sub/')),
  kept('PUT', request('PUT', '/none', 'Content-Length: 0'), staying('405 Not Allowed')),
  kept('DELETE of a folder', request('DELETE', '/sub/'), staying('405 Not Allowed')),
];

const conditional = (answer: string, ...lines: readonly string[]): Case => ({
  name: lines.join(', '),
  sent: get('/ten', ...lines),
  got: [answer],
});

const TAG = '"65937d25-a"';
const CONDITIONS: readonly Case[] = [
  conditional(NOT_MODIFIED, `If-Modified-Since: ${MODIFIED}`),
  conditional(NOT_MODIFIED, 'If-Modified-Since: Tuesday, 02-Jan-24 03:04:05 GMT'),
  conditional(NOT_MODIFIED, 'If-Modified-Since: Tue Jan  2 03:04:05 2024'),
  conditional(TEN, `If-Modified-Since: ${LATER}`),
  conditional(TEN, 'If-Modified-Since: x'),
  conditional(NOT_MODIFIED, `If-None-Match: ${TAG}`),
  conditional(NOT_MODIFIED, `If-None-Match: "x", W/${TAG}`),
  conditional(NOT_MODIFIED, 'If-None-Match: *'),
  conditional(TEN, 'If-None-Match: "x","y"'),
  conditional(TEN, 'If-None-Match: "x"', `If-Modified-Since: ${MODIFIED}`),
  conditional(TEN, `If-Unmodified-Since: ${MODIFIED}`),
  conditional(TEN, `If-Match: "x", ${TAG}`),
  conditional(TEN, 'If-Match: *'),
  conditional(part('0-1', '01'), `If-Match: ${TAG}`, 'Range: bytes=0-1'),
  conditional(NOT_MODIFIED, `If-None-Match: ${TAG}`, 'Range: bytes=0-1'),
  kept(
    'if_modified_since off',
    get('/undated/ten', `If-Modified-Since: ${MODIFIED}`),
    file('/undated/ten', '0123456789'),
  ),
  kept(
    'if_modified_since before',
    get('/before/ten', `If-Modified-Since: ${LATER}`),
    NOT_MODIFIED.replace('U: /ten', 'U: /before/ten'),
  ),
  kept(
    'etag off',
    get('/untagged/ten', `If-None-Match: ${TAG}`),
    file('/untagged/ten', '0123456789').replace('ETag: "65937d25-a"|', ''),
  ),
  // nginx says keep-alive here, and closes.
  ...[`If-Unmodified-Since: ${EARLIER}`, `If-Match: W/${TAG}`, 'If-Match: "x"'].map((line) => ({
    name: line,
    sent: get('/ten', line, 'Connection: close'),
    got: [FAILED.replace('keep-alive', 'close')],
  })),
];

const BAD = ['10-', '3-2', '-', '-0', 'a-b', '1', '0-1,x', ',0-1', '20-30,40-', `0-${'9'.repeat(20)}`];
const IGNORED = ['bytes=', 'items=0-1', 'bytes=0-9,0-9', 'bytes=0-5,3-9'];

const RANGES: readonly Case[] = [
  conditional(part('0-1', '01'), 'Range: bytes=0-1'),
  conditional(part('5-9', '56789'), 'Range: bytes=5-'),
  conditional(part('7-9', '789'), 'Range: bytes=-3'),
  conditional(part('0-9', '0123456789'), 'Range: bytes=-30'),
  conditional(part('5-9', '56789'), 'Range: bytes= 5 - 100 '),
  conditional(part('0-1', '01'), 'Range: BYTES=0-1,20-'),
  ...BAD.map((range) => conditional(OUTSIDE, `Range: bytes=${range}`)),
  ...IGNORED.map((range) => conditional(TEN, `Range: ${range}`)),
  conditional(part('0-1', '01'), 'Range: bytes=0-1', `If-Range: ${TAG}`),
  conditional(part('0-1', '01'), 'Range: bytes=0-1', `If-Range: ${MODIFIED}`),
  conditional(TEN, 'Range: bytes=0-1', 'If-Range: "x"'),
  conditional(TEN, 'Range: bytes=0-1', `If-Range: ${LATER}`),
  kept('a range of nothing', get('/zero', 'Range: bytes=0-'), file('/zero', '')),
  kept(
    'no ranges',
    get('/whole/ten', 'Range: bytes=0-1'),
    file('/whole/ten', '0123456789').replace('|Accept-Ranges: bytes', ''),
  ),
  kept('one range at most', get('/one/ten', 'Range: bytes=0-1,3-4'), file('/one/ten', '0123456789')),
  kept('one range that exists', get('/one/ten', 'Range: bytes=20-,3-4'), part('3-4', '34', '/one/ten')),
  kept(
    'an error page for a range that is outside',
    get('/page/ten', 'Range: bytes=10-'),
    'HTTP/1.1 416 Requested Range Not Satisfiable|Content-Type: text/plain|Content-Length: 10|Connection: keep-alive|' +
      'ETag: "65937d25-a"|U: /page/ten|Content-Range: bytes */10|ETag: "65937d25-a"||0123456789',
  ),
];

testCases(
  (scope) => ({ config: config(makeFiles(scope)) }),
  [...PLACES, ...METHODS, ...CONDITIONS, ...RANGES],
  file('/last', 'text').replace('keep-alive', 'close'),
);
