// Lines of the head: add_header and its inheritance, charset, server_tokens, types, what stays of a connection.
import { get, gets, type HttpSuite, head, http, type Site } from '../site.ts';

const added: Site = {
  name: 'add_header',
  conf: `
    add_header X-Server server;
    add_header X-Always always always;
    location /inherits { return 200 x; }
    location /own { add_header X-Own own; return 200 x; }
    location /own/deeper { return 200 x; }
    location /empty { add_header X-Empty ""; return 200 x; }
    location /unset { add_header X-Unset $http_none; add_header X-Set "[$http_none]"; return 200 x; }
    location /twice { add_header X-Twice 1; add_header X-Twice 2; add_header x-twice 3; return 200 x; }
    location /code { add_header X-Own own; add_header X-Own-Always own always; if ($arg_c = 201) { return 201 x; } if ($arg_c = 204) { return 204; } if ($arg_c = 301) { return 301 /x; } if ($arg_c = 302) { return 302 /x; } if ($arg_c = 303) { return 303 /x; } if ($arg_c = 307) { return 307 /x; } if ($arg_c = 308) { return 308 /x; } if ($arg_c = 404) { return 404; } if ($arg_c = 500) { return 500; } if ($arg_c = 299) { return 299 x; } if ($arg_c = 202) { return 202 x; } return 400; }
    location /if { add_header X-Outer 1; if ($arg_x) { add_header X-Inner 2; } return 200 x; }
    location /if-none { add_header X-Outer 1; if ($arg_x) { set $n_hd 1; } return 200 x; }
    location /builtin { add_header Content-Type text/odd; add_header Content-Length 5; add_header Server me; add_header Connection x; add_header Date now; add_header Location /there; return 200 x; }
    location /modified { add_header Last-Modified "Thu, 01 Jan 1970 00:00:01 GMT"; alias @DOCS@/a.txt; }
    location /unmodified { add_header Last-Modified ""; alias @DOCS@/a.txt; }
    location /etag { add_header ETag '"mine"'; alias @DOCS@/a.txt; }
    location /cache { add_header Cache-Control no-cache; add_header Cache-Control "max-age=3"; return 200 x; }
    location /lines { add_header X-Lines "a b	c"; add_header X-High "\u00e9"; return 200 x; }
    location /error { add_header X-From error; error_page 404 /page; return 404; }
    location /page { add_header X-From page; return 200 page; }
    location /named { add_header X-From named; error_page 404 = @named; return 404; }
    location @named { add_header X-From @named; return 200 page; }`,
  cases: [
    ...gets(
      '/inherits',
      '/own',
      '/own/deeper',
      '/empty',
      '/unset',
      '/twice',
      '/if',
      '/if?x=1',
      '/if-none?x=1',
      '/cache',
    ),
    ...gets(
      ...['201', '204', '301', '302', '303', '307', '308', '404', '500', '299', '202', ''].map((c) => `/code?c=${c}`),
    ),
    ...gets('/builtin', '/modified', '/unmodified', '/etag', '/lines', '/error', '/named', '/nothing'),
    http('304 and modified', get('/modified', 'If-Modified-Since: Fri, 01 Mar 2024 12:34:56 GMT')),
    http('304', get('/etag', 'If-Modified-Since: Fri, 01 Mar 2024 12:34:56 GMT')),
    http('206', get('/etag', 'Range: bytes=0-1')),
    http('a HEAD', head('/own')),
    http('400', 'GET / HTTP/1.1\r\n\r\n'),
  ],
};

const inherited: Site = {
  name: 'http level',
  ownLogs: true,
  http: `
    add_header X-Http http; error_page 404 /missing.html; default_type text/x-http; charset utf-8; charset_types text/x-http;
    log_format http_hd '$status $uri $sent_http_content_type'; access_log @ACCESS@ http_hd; error_log @ERROR@ info; server_tokens off;
    root @DOCS@/sub; index start.txt; types { text/x-page html; }`,
  conf: `
    server { listen @LISTEN@; server_name a.test; location / { } location /own { add_header X-Own 1; default_type text/own; return 200 x; } location /tokens { server_tokens on; return 404; } }
    server { listen @LISTEN@; server_name b.test; add_header X-Srv srv; error_page 404 =200 /page.html; access_log off; server_tokens on; types { text/css css; } default_type ""; location /x { types { } return 200 x; } }`,
  cases: [
    ...gets('/', '/page.html', '/none', '/own', '/start.txt', '/tokens', '/own.html', '/deeper'),
    ...['/', '/page.html', '/none', '/x', '/x.html', '/start.txt', '/deeper/'].map((target) =>
      http(`b ${target}`, get(target, 'Host: b.test')),
    ),
    http('a broken request', 'GET / HTTP/1.1\r\n\r\n'),
  ],
};

const types: Site = {
  name: 'types and charset',
  conf: `
    root @DOCS@;
    types { text/html html htm; text/plain txt; image/jpeg jpg JPEG; application/x-gz gz; text/css css; application/json json; }
    location / { }
    location /own/ { alias @DOCS@/; types { text/own txt; } default_type own/default; }
    location /none/ { alias @DOCS@/; types { } default_type ""; }
    location /utf8/ { alias @DOCS@/; charset utf-8; }
    location /koi/ { alias @DOCS@/; charset koi8-r; charset_types text/css application/json; }
    location /star/ { alias @DOCS@/; charset x; charset_types *; }
    location /off/ { alias @DOCS@/; charset off; }
    location /var/ { alias @DOCS@/; charset $arg_cs; }
    location /text { charset utf-8; return 200 text; }
    location /error { charset utf-8; return 404; }
    location /moved { charset utf-8; return 301 /x; }
    location /moved2 { charset utf-8; return 303 /x; }
    location /has { charset utf-8; default_type "text/plain; charset=y"; return 200 text; }
    location /etag { etag off; alias @DOCS@/a.txt; }`,
  cases: [
    ...gets(
      '/a.txt',
      '/page.html',
      '/photo.JPG',
      '/name.tar.gz',
      '/noextension',
      '/.hidden',
      '/style.css',
      '/image.gif',
    ),
    ...['own', 'none', 'utf8', 'koi', 'star', 'off'].flatMap((place) =>
      gets(
        `/${place}/a.txt`,
        `/${place}/page.html`,
        `/${place}/style.css`,
        `/${place}/noextension`,
        `/${place}/image.gif`,
      ),
    ),
    ...gets('/var/a.txt?cs=latin1', '/text', '/error', '/moved', '/moved2', '/has', '/etag'),
  ],
};

const tokens: Site = {
  name: 'server_tokens',
  conf: `
    location /on { server_tokens on; return 404; }
    location /off { server_tokens off; return 404; }
    location /off200 { server_tokens off; return 200 x; }
    location /build { server_tokens build; return 200 x; }
    location / { return 200 x; }`,
  cases: gets('/', '/on', '/off', '/off200', '/build', '/off/x'),
};

export const headers: HttpSuite = { name: 'headers', sites: [added, types, tokens] };
/** It says what holds in the http block, and so has servers of its own. */
export const httpLevel: HttpSuite = { name: 'http-level', sites: [inherited] };
