// Conditions and ranges of a client, for files and for what is none.
import { get, type HttpSuite, head, http, post, type Site } from '../site.ts';

const MODIFIED = 'Fri, 01 Mar 2024 12:34:56 GMT';

const LATER = 'Sat, 02 Mar 2024 12:34:56 GMT';

const EARLIER = 'Thu, 29 Feb 2024 12:34:56 GMT';

const ETAG = '"65e1cb70-14"';

/** docs/differences.md: 412 leaves the connection open, as its head says. */
const LEFT_OPEN = {
  changed: {
    why: 'nginx closes the connection that it has promised to keep',
    replace: [
      [/^not as promised: $/, 'stays open'],
      [/(^127.* 412 .* \[-\]) $/, '$1 OK'],
    ],
  },
} as const;

const conditions: Site = {
  name: 'conditions',
  conf: `
    root @DOCS@;
    location / { }
    location /before/ { alias @DOCS@/; if_modified_since before; }
    location /off/ { alias @DOCS@/; if_modified_since off; }
    location /noetag/ { alias @DOCS@/; etag off; }
    location /return { return 200 x; }
    location /errors/ { alias @DOCS@/; error_page 412 404 /page.html; }`,
  cases: [
    ...[MODIFIED, LATER, EARLIER, 'nonsense', '', 'Friday, 01-Mar-24 12:34:56 GMT', 'Fri Mar  1 12:34:56 2024'].flatMap(
      (date) => [
        http(`If-Modified-Since: ${date}`, get('/a.txt', `If-Modified-Since: ${date}`)),
        http(`before, If-Modified-Since: ${date}`, get('/before/a.txt', `If-Modified-Since: ${date}`)),
        http(`off, If-Modified-Since: ${date}`, get('/off/a.txt', `If-Modified-Since: ${date}`)),
        http(`If-Unmodified-Since: ${date}`, get('/a.txt', `If-Unmodified-Since: ${date}`), LEFT_OPEN),
      ],
    ),
    ...[
      ETAG,
      `W/${ETAG}`,
      '*',
      '"other"',
      `"other", ${ETAG}`,
      `"x",W/${ETAG} , "y"`,
      '',
      'unquoted',
      `${ETAG}x`,
    ].flatMap((tag) => [
      http(`If-None-Match: ${tag}`, get('/a.txt', `If-None-Match: ${tag}`)),
      http(`If-Match: ${tag}`, get('/a.txt', `If-Match: ${tag}`), LEFT_OPEN),
      http(`noetag, If-None-Match: ${tag}`, get('/noetag/a.txt', `If-None-Match: ${tag}`)),
    ]),
    http('both match', get('/a.txt', `If-None-Match: ${ETAG}`, `If-Modified-Since: ${MODIFIED}`)),
    http('the tag alone matches', get('/a.txt', `If-None-Match: ${ETAG}`, `If-Modified-Since: ${EARLIER}`)),
    http('the date alone matches', get('/a.txt', 'If-None-Match: "x"', `If-Modified-Since: ${MODIFIED}`)),
    http('unmodified and tag', get('/a.txt', `If-Match: ${ETAG}`, `If-Unmodified-Since: ${EARLIER}`), LEFT_OPEN),
    http('HEAD', head('/a.txt', `If-None-Match: ${ETAG}`)),
    http('POST', post('/a.txt', '', `If-None-Match: ${ETAG}`)),
    http('of what has no date', get('/return', `If-Modified-Since: ${MODIFIED}`, 'If-None-Match: *')),
    http('If-Match of what has no tag', get('/return', 'If-Match: "x"'), LEFT_OPEN),
    http('If-Match of whatever has no tag', get('/return', 'If-Match: *')),
    http('If-None-Match of what has no tag', get('/return', 'If-None-Match: "x"')),
    http('If-Unmodified-Since of what has no date', get('/return', `If-Unmodified-Since: ${LATER}`), LEFT_OPEN),
    http('If-Modified-Since of what has no date', get('/return', `If-Modified-Since: ${LATER}`)),
    http('a missing file', get('/none', `If-Modified-Since: ${MODIFIED}`)),
    http('412 with an error page', get('/errors/a.txt', 'If-Match: "x"'), LEFT_OPEN),
    http('304 of an error page', get('/errors/none', `If-Modified-Since: ${MODIFIED}`)),
    http('304, and another request', get('/a.txt', `If-None-Match: ${ETAG}`) + get('/a.txt')),
  ],
};

const ranges: Site = {
  name: 'ranges',
  conf: `
    root @DOCS@;
    location / { }
    location /none/ { alias @DOCS@/; max_ranges 0; }
    location /one/ { alias @DOCS@/; max_ranges 1; }
    location /notype/ { alias @DOCS@/; types { } default_type ""; }
    location /charset/ { alias @DOCS@/; charset utf-8; }
    location /return { return 200 0123456789; }
    location /error { error_page 404 /a.txt; return 404; }
    location /error200 { error_page 404 =200 /a.txt; return 404; }
    location /416/ { alias @DOCS@/; error_page 416 /page.html; }
    location /added/ { alias @DOCS@/; add_header X-Added 1; }`,
  cases: [
    ...[
      '0-',
      '0-0',
      '1-3',
      '5-',
      '-1',
      '-5',
      '-20',
      '-30',
      '-0',
      '19-19',
      '19-',
      '20-',
      '20-30',
      '0-19',
      '0-20',
      '0-100',
      '3-1',
    ].map((range) => http(`bytes=${range}`, get('/a.txt', `Range: bytes=${range}`))),
    ...[
      '0-1,3-4',
      '0-1, 5-6 ,-2',
      '0-19,0-19',
      '0-0,30-40',
      '30-40,50-60',
      '5-,0-1',
      '-1,-2',
      '0-1,',
      ',0-1',
      '1-2,x',
      '0-9,10-19',
    ].map((range) => http(`several: bytes=${range}`, get('/a.txt', `Range: bytes=${range}`))),
    ...[
      'bytes=',
      'bytes=x',
      'bytes',
      'byte=0-1',
      'BYTES=0-1',
      'bytes = 0-1',
      'bytes=0 - 1',
      'bytes= 0-1',
      'bytes=--1',
      'bytes=1',
      'items=0-1',
      '',
    ].map((range) => http(`odd: ${range}`, get('/a.txt', `Range: ${range}`))),
    ...[
      'bytes=99999999999999999999-',
      'bytes=0-99999999999999999999',
      'bytes=-99999999999999999999',
      'bytes=9223372036854775807-',
      'bytes=0-9223372036854775807',
      'bytes=-9223372036854775807',
    ].map((range) => http(`large: ${range}`, get('/a.txt', `Range: ${range}`))),
    ...[ETAG, '"other"', `W/${ETAG}`, MODIFIED, LATER, EARLIER, 'nonsense'].map((value) =>
      http(`If-Range: ${value}`, get('/a.txt', 'Range: bytes=0-1', `If-Range: ${value}`)),
    ),
    http('max_ranges 0', get('/none/a.txt', 'Range: bytes=0-1')),
    http('max_ranges 1', get('/one/a.txt', 'Range: bytes=0-1')),
    http('more than max_ranges', get('/one/a.txt', 'Range: bytes=0-1,3-4')),
    http('several without type', get('/notype/a.txt', 'Range: bytes=0-1,3-4')),
    http('several with charset', get('/charset/a.txt', 'Range: bytes=0-1,3-4')),
    http('one with charset', get('/charset/a.txt', 'Range: bytes=0-1')),
    http('of a return', get('/return', 'Range: bytes=0-1')),
    http('of an error page', get('/error', 'Range: bytes=0-1')),
    http('of an error page that is 200', get('/error200', 'Range: bytes=0-1')),
    http('416 with an error page', get('/416/a.txt', 'Range: bytes=50-')),
    http('of an empty file', get('/empty.txt', 'Range: bytes=0-')),
    http('of the end of an empty file', get('/empty.txt', 'Range: bytes=-1')),
    http('of a large file', get('/big.txt', 'Range: bytes=40000-40100')),
    http('several of a large file', get('/big.txt', 'Range: bytes=0-9,40000-40009')),
    http('of an index', get('/sub/', 'Range: bytes=0-2')),
    http('with add_header', get('/added/a.txt', 'Range: bytes=0-1')),
    http('HEAD', head('/a.txt', 'Range: bytes=0-1')),
    http('HEAD of several', head('/a.txt', 'Range: bytes=0-1,3-4')),
    http('HEAD of what is not there', head('/a.txt', 'Range: bytes=50-')),
    http('with a condition', get('/a.txt', 'Range: bytes=0-1', `If-None-Match: ${ETAG}`)),
    http('in HTTP/1.0', 'GET /a.txt HTTP/1.0\r\nRange: bytes=0-1\r\n\r\n'),
    http('two lines', get('/a.txt', 'Range: bytes=0-1', 'Range: bytes=5-6')),
    http('and another request', get('/a.txt', 'Range: bytes=0-1') + get('/a.txt', 'Range: bytes=50-') + get('/a.txt')),
  ],
};

export const ranged: HttpSuite = { name: 'conditions', sites: [conditions, ranges] };
