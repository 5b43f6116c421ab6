// Files: root, alias, index, try_files, conditions, ranges, methods, and error pages.
import { get, gets, type HttpSuite, head, http, post, request, type Site } from '../site.ts';

const roots: Site = {
  name: 'root and alias',
  conf: `
    root @DOCS@;
    location / { }
    location /slash/ { root @DOCS@/; }
    location /sub/ { }
    location /alias/ { alias @DOCS@/sub/; }
    location /bare { alias @DOCS@/sub; }
    location = /exact { alias @DOCS@/a.txt; }
    location = /exact/ { alias @DOCS@/sub/; }
    location ~ ^/re/(.+)$ { alias @DOCS@/$1; }
    location ~ ^/root/(?<dir_fl>[a-z]+) { root @DOCS@/$dir_fl; try_files /$dir_fl.txt =404; }
    location /var/ { root @DOCS@/$arg_d; try_files /$arg_f =404; }
    location /prefix/ { alias @DOCS@/sub; }
    location /rewritten/ { alias @DOCS@/sub/; rewrite ^/rewritten/x(.*)$ /other/$1 break; }
    location /request { root @DOCS@/one; return 200 "$request_filename $document_root"; }
    location /request/alias/ { alias @DOCS@/one/; return 200 "$request_filename $document_root"; }
    location ~ ^/request-re/(.*)$ { alias @DOCS@/$1; return 200 "$request_filename $document_root"; }
    location /quiet/ { log_not_found off; alias @DOCS@/; }
    location /secret/ { alias /proc/self/; }`,
  cases: [
    ...gets(
      '/',
      '/a.txt',
      '/sub',
      '/sub/',
      '/sub/page.html',
      '/sub?x=y',
      '/sub/deeper',
      '/none',
      '/none/',
      '/empty/',
      '/empty',
    ),
    ...gets('/empty.txt', '/big.txt', '/a%20b.txt', '/per%25cent.txt', '/caf%e9.txt', '/ques%3ftion.txt', '/link.txt'),
    ...gets('/broken.txt', '/a.txt/', '/a.txt/x', '/.hidden', '/slash/a.txt', '/alias/', '/alias', '/alias/page.html'),
    ...gets(
      '/alias/none',
      '/alias/deeper',
      '/alias/deeper?x=y',
      '/bare',
      '/bare/page.html',
      '/barex',
      '/exact',
      '/exact/',
    ),
    ...gets(
      '/re/a.txt',
      '/re/sub',
      '/re/sub/',
      '/re/none',
      '/root/one',
      '/root/sub',
      '/var/?d=one&f=one.txt',
      '/var/?d=',
    ),
    ...gets(
      '/prefix/page.html',
      '/prefix/',
      '/rewritten/page.html',
      '/rewritten/xpage.html',
      '/request/a',
      '/request/alias/b',
    ),
    ...gets('/request-re/c', '/quiet/none', '/sub//', '/sub/./page.html', '/sub/../a.txt', '/SUB/', '/noextension'),
    ...gets(`/${'x'.repeat(300)}`, '/a.txt%00', '/sub%2fpage.html', '/%2e%2e/a.txt'),
    ...['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'MKCOL', 'LOCK'].flatMap((method) => [
      http(`${method} of a file`, request(method, '/a.txt')),
      http(`${method} of a folder`, request(method, '/sub/')),
    ]),
    http('POST of nothing', post('/none', 'abc')),
    http('POST of a folder without slash', post('/sub', 'abc')),
    ...['/a.txt', '/sub/', '/sub', '/none', '/empty.txt', '/empty/'].map((target) =>
      http(`HEAD ${target}`, head(target)),
    ),
    http('a file in HTTP/1.0', 'GET /a.txt HTTP/1.0\r\n\r\n'),
    http('a file in HTTP/1.0 that stays', 'GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'),
    http('files one after the other', get('/a.txt') + get('/big.txt') + get('/none') + head('/a.txt') + get('/sub/')),
  ],
};

const indexes: Site = {
  name: 'index',
  conf: `
    root @DOCS@;
    location / { index none.html index.html; }
    location /sub/ { index start.txt index.html; }
    location /one/ { index nothing /sub/start.txt; }
    location /two/ { index nothing; }
    location /empty/ { index $arg_i; }
    location /alias/ { alias @DOCS@/sub/; index page.html; }
    location /abs/ { alias @DOCS@/two/; index /abs/two.txt; }
    location /both/ { alias @DOCS@/one/; index index.html index.html; }
    location ~ /start.txt$ { add_header X-Index regex; }
    location = /sub/deeper/ { index file.txt; }`,
  cases: [
    ...gets(
      '/',
      '/?x=y',
      '/sub/',
      '/one/',
      '/two/',
      '/empty/',
      '/empty/?i=nothing/.keep',
      '/empty/?i=/a.txt',
      '/alias/',
    ),
    ...gets('/abs/', '/both/', '/sub/deeper/', '/sub/deeper', '/none/', '/sub/none/'),
    http('HEAD', head('/sub/')),
    http('POST', post('/', 'x')),
  ],
};

const tries: Site = {
  name: 'try_files',
  conf: `
    root @DOCS@;
    location / { try_files $uri $uri/ /404.html; }
    location /code/ { try_files $uri =404; }
    location /code2/ { try_files /none =418; }
    location /code4/ { try_files /none =301; }
    location /named/ { try_files /none @fallback; }
    location /args/ { try_files /none /args2?q=$uri&$args; }
    location /args2 { return 200 "$uri $args $request_uri"; }
    location /alias/ { alias @DOCS@/sub/; try_files $uri /alias/page.html =404; }
    location /alias2/ { alias @DOCS@/sub/; try_files $uri $uri/ =404; }
    location ~ ^/re/(.*)$ { try_files /sub/$1 /one/$1 =404; }
    location ~ ^/realias/(.*)$ { alias @DOCS@/sub; try_files /$1 =404; }
    location /dir/ { try_files /sub/ =404; }
    location /dirfile/ { try_files /sub =404; }
    location /filedir/ { try_files /a.txt/ =404; }
    location /empty/ { try_files "" =404; }
    location /many/ { try_files /1 /2 /3 /sub/page.html =404; }
    location /proxied/ { try_files $uri @backend; }
    location @fallback { return 200 "fallback $uri $args"; }
    location @backend { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /type { try_files /style.css =404; }
    location /rewritten/ { rewrite ^/rewritten/(.*)$ /sub/$1 break; try_files $uri =404; }`,
  cases: [
    ...gets('/', '/a.txt', '/sub', '/sub/', '/none', '/empty', '/empty/nothing', '/code/a', '/code2/', '/code4/'),
    ...gets(
      '/named/x?y',
      '/args/x?y=z',
      '/alias/page.html',
      '/alias/none',
      '/alias/',
      '/alias2/deeper',
      '/alias2/deeper/',
    ),
    ...gets(
      '/re/page.html',
      '/re/one.txt',
      '/re/none',
      '/realias/page.html',
      '/realias/none',
      '/dir/',
      '/dirfile/',
      '/filedir/',
    ),
    ...gets(
      '/many/',
      '/proxied/x?y=%20',
      '/proxied/a%20b',
      '/type',
      '/rewritten/page.html',
      '/rewritten/none',
      '/empty/',
    ),
    http('HEAD', head('/none')),
    http('POST', post('/a.txt', 'x')),
    http('POST to a named location', post('/named/', 'x')),
  ],
};

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

const errors: Site = {
  name: 'error_page',
  conf: `
    root @DOCS@;
    error_page 404 /404.html;
    error_page 500 502 503 504 /50x.html;
    error_page 418 /tea;
    location / { }
    location = /404.html { }
    location = /50x.html { internal; }
    location /own { error_page 403 /a.txt; return 403; }
    location /own404 { error_page 403 /a.txt; return 404; }
    location /200 { error_page 404 =200 /page.html; return 404; }
    location /201 { error_page 404 =201 /page.html; return 404; }
    location /bare { error_page 404 = /missing; return 404; }
    location /barefile { error_page 404 = /page.html; return 404; }
    location /missing { return 410 gone; }
    location /uri { error_page 404 /shown?from=$uri&x; return 404; }
    location /shown { return 200 "$uri $args $request_uri $request_method"; }
    location /named { error_page 404 @named; return 404; }
    location /named2 { error_page 404 = @named; return 404; }
    location /named3 { error_page 404 =202 @named; return 404; }
    location @named { return 200 "named $uri"; }
    location /named4 { error_page 404 @code; return 404; }
    location @code { return 503; }
    location /url { error_page 404 http://x.test/gone; return 404; }
    location /url301 { error_page 404 =301 http://x.test/gone?$uri; return 404; }
    location /url307 { error_page 404 =307 https://x.test/gone; return 404; }
    location /url200 { error_page 404 =200 http://x.test/gone; return 404; }
    location /var { error_page 404 $arg_to; return 404; }
    location /chain { error_page 404 /chain2; return 404; }
    location /chain2 { error_page 403 /a.txt; return 403; }
    location /recursive { recursive_error_pages on; error_page 404 /recursive2; return 404; }
    location /recursive2 { recursive_error_pages on; error_page 403 /a.txt; return 403; }
    location /self { error_page 404 /self/x; return 404; }
    location /tea { return 200 "tea $status"; }
    location /418 { return 418; }
    location /lost { error_page 404 /nowhere; return 404; }
    location /301 { error_page 301 /shown; return 301 /x; }
    location /302 { error_page 302 =200 /shown; return 302 /x; }
    location /400 { error_page 400 /shown; return 400; }
    location /413 { client_max_body_size 1; error_page 413 /shown; }
    location /413b { client_max_body_size 1; error_page 413 = @named; }
    location /405 { error_page 405 =200 $uri; }
    location /several { error_page 403 404 =200 /shown; error_page 404 /never; return 404; }
    location /folder/ { alias @DOCS@/empty/; error_page 403 = @named; }
    location /499x { error_page 599 /shown; return 599; }
    location /text { error_page 404 /shown; return 404 "own text"; }
    location /off { error_page 404 /404.html; location /off/x { error_page 403 /a.txt; } }`,
  cases: [
    ...gets(
      '/none',
      '/404.html',
      '/50x.html',
      '/own',
      '/own404',
      '/200',
      '/201',
      '/bare',
      '/barefile',
      '/missing',
      '/uri?y=z',
    ),
    ...gets(
      '/named',
      '/named2',
      '/named3',
      '/named4',
      '/url',
      '/url301',
      '/url307',
      '/url200',
      '/var?to=/a.txt',
      '/var?to=@named',
    ),
    ...gets('/var?to=http://y.test/', '/var', '/chain', '/recursive', '/self', '/418', '/lost', '/301', '/302', '/400'),
    ...gets('/several', '/folder/', '/499x', '/text', '/off/none', '/off/x/none', '/var?to=/none', '/var?to=@none'),
    ...['/none', '/named', '/uri', '/url', '/own404', '/418'].flatMap((target) => [
      http(`HEAD ${target}`, head(target)),
      http(`POST ${target}`, post(target, 'abc')),
    ]),
    http('413', post('/413', 'abc')),
    http('413 of a named location', post('/413b', 'abc')),
    http('405', post('/405', 'abc')),
    http('404 of a PUT', request('PUT', '/none')),
    http('a broken request', 'GET / HTTP/1.1\r\n\r\n'),
    http('a broken request with an error page of 400', 'GET /400 HTTP/1.1\r\n\r\n'),
  ],
};

const broken: Site = {
  name: 'error_page 400',
  conf: `
    root @DOCS@; error_page 400 414 494 /shown; large_client_header_buffers 2 1k; client_header_buffer_size 1k;
    location /shown { return 200 "shown $uri $status"; }
    location / { }`,
  cases: [
    http('no Host', 'GET / HTTP/1.1\r\n\r\n'),
    http('a bad path', get('/%zz')),
    http('a long line', get(`/${'x'.repeat(2000)}`)),
    http('a long header', get('/', `X: ${'x'.repeat(2000)}`)),
    http('two Hosts', get('/', 'Host: a', 'Host: b')),
    http('HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a.test\r\n\r\n'),
  ],
};

export const files: HttpSuite = { name: 'files', sites: [roots, indexes, tries, conditions, ranges, errors, broken] };
