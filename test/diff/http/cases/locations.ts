// Which location a request gets to, and what becomes of its URI before.
import { from, get, gets, type HttpSuite, http, request, type Site } from '../site.ts';

const kinds: Site = {
  name: 'kinds',
  conf: `
    default_type text/plain;
    location = / { return 200 "= /"; }
    location / { return 200 "/ $uri"; }
    location /a { return 200 "/a $uri"; }
    location /ab/ { return 200 "/ab/ $uri"; }
    location /abc { return 200 "/abc $uri"; }
    location = /ab { return 200 "= /ab"; }
    location =/glued { return 200 "=/glued"; }
    location ^~ /static/ { return 200 "^~ /static/ $uri"; }
    location ^~/stuck/ { return 200 "^~/stuck/ $uri"; }
    location ~ \\.php$ { return 200 "~ php $uri"; }
    location ~* \\.(gif|jpe?g)$ { return 200 "~* image $1"; }
    location ~ ^/user/(?<name_kinds>[^/]+)/(\\d+) { return 200 "user $name_kinds $1 $2"; }
    location ~ ^/user { return 200 "second"; }
    location "/with space" { return 200 "space $uri"; }
    location ~ "^/q{2}$" { return 200 "quoted"; }
    location ~ ^/sla\\x2fsh { return 200 "escape"; }
    location @named { return 200 "never"; }`,
  cases: [
    ...gets('/', '/x', '/a', '/ab', '/ab/', '/ab/x', '/abc', '/abcd', '/A', '/glued', '/glued/', '/static/x.php'),
    ...gets('/stuck/x.php', '/x.php', '/X.PHP', '/a/b.php', '/i.GIF', '/a.jpeg', '/user/anna/12/x', '/user', '/users'),
    ...gets('/with%20space/x', '/qq', '/qqq', '/sla/sh', '/@named', '/x.php?y=.gif', '/x.gif/y', '/static', '/?x'),
  ],
};

const nested: Site = {
  name: 'nested',
  conf: `
    location /a {
      location /a/b { location ~ x$ { return 200 "/a/b ~x"; } return 200 "/a/b"; }
      location ~ y$ { return 200 "/a ~y"; }
      location = /a/exact { return 200 "/a/exact"; }
      location ^~ /a/final { return 200 "/a/final"; }
      return 200 "/a";
    }
    location ~ z$ { return 200 "~z"; }
    location ~ ^/re { location ~ deep { return 200 "re deep"; } location ~ pre { return 200 "re pre"; } return 200 "re"; }
    location ^~ /f { location ~ x$ { return 200 "/f ~x"; } return 200 "/f"; }
    location /g { location ~ x$ { return 200 "/g ~x"; } location ^~ /g/h { return 200 "/g/h"; } return 200 "/g"; }`,
  cases: gets(
    ...['/a', '/a/b', '/a/bx', '/a/y', '/a/by', '/a/bz', '/a/exact', '/a/exactz', '/a/finaly', '/a/finalz', '/z'],
    ...['/re', '/re/deep', '/re/pre', '/redeepz', '/fx', '/fz', '/f', '/g/h/x', '/g/x', '/g/hz', '/nothing'],
  ),
};

const slash: Site = {
  name: 'final slash',
  conf: `
    location /pass/ { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /exact/ { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location = /exact { return 200 exact; }
    location /prefix/ { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /prefix { return 200 prefix; }
    location /fast/ { fastcgi_pass @FCGI@; }
    location /plain/ { return 200 plain; }
    location "/a b/" { proxy_pass http://@B1@; }
    location ~ ^/pa.s$ { return 200 regex; }`,
  cases: gets('/pass', '/pass?x=y', '/exact', '/prefix', '/prefix/', '/fast', '/plain', '/a%20b', '/a%20b?c', '/paxs'),
};

const internal: Site = {
  name: 'internal and named',
  conf: `
    root @DOCS@;
    location /secret { internal; return 200 "secret $uri $args"; }
    location = /to-secret { rewrite ^ /secret/x last; }
    location = /error { error_page 404 /secret; return 404; }
    location = /try { try_files /nothing /secret/y?a=b; }
    location = /named { try_files /nothing @n; }
    location = /lost { try_files /nothing @nobody; }
    location = /error-named { error_page 418 = @n; return 418; }
    location = /error-lost { error_page 418 = @nobody; return 418; }
    location @n { return 200 "named $uri"; }
    location = /twice { try_files /nothing @twice; }
    location @twice { return 200 "first"; }
    location @twice { return 200 "second"; }
    location @loop { rewrite ^ /loop last; }
    location /loop { try_files /nothing @loop; }
    location /circle { rewrite ^ /circle last; }
    location /around { rewrite ^/around/(.*)$ /around/x$1 last; }
    location /errors { error_page 404 /errors/x; recursive_error_pages on; return 404; }`,
  cases: gets(
    ...[
      '/secret',
      '/secret/x',
      '/to-secret',
      '/error',
      '/try',
      '/named',
      '/lost',
      '/twice',
      '/error-named',
      '/error-lost',
    ],
    ...['/loop', '/circle', '/around/', '/errors'],
  ),
};

const uris: Site = {
  name: 'uris',
  conf: `
    location / { return 200 "/ [$uri] [$args] [$is_args] [$request_uri] [$document_uri]"; }
    location /a/b { return 200 "/a/b [$uri] [$request_uri]"; }
    location ~ %zz { return 200 "zz"; }`,
  cases: [
    ...gets('//', '///a//b', '/./', '/.', '/..', '/../', '/a/../b', '/a/..', '/a/../..', '/a/./b', '/a/.b', '/a/..b'),
    ...gets('/a/...', '/a/%2e%2e/b', '/%2e/', '/%2e%2e/', '/a%2fb', '/a%2Fb', '/a%2f%2fb', '/%61', '/%00', '/a%00b'),
    ...gets('/%zz', '/%', '/%1', '/a%', '/%e9', '/%C3%A9', '/%25', '/%2525', '/%3f', '/%3Fx=y', '/%23', '/a%20b', '/+'),
    ...gets(
      '/?',
      '/??',
      '/?a=b&c',
      '/?a?b',
      '/?%zz',
      '/?%00',
      '/?a=%20',
      '/#',
      '/#a',
      '/a#b?c',
      '/?a#b',
      '/?a#b?c',
      '/a#',
    ),
    ...gets('/a;b=c', '/a:b', '/~a', "/'", '/a"b', '/a|b', '/a\\b', '/a^b', '/{a}', '/<a>', '/a`b', '/[a]', '/a%5cb'),
    ...gets('/a/b/..', '/a/b/../', '/a/b/.', '/a//../b', '/a/b%2f..', '/a/b%2f..%2f..', '/%2f', '/%2f%2f', '/%2e%2f'),
    ...gets(
      '/a/../../b',
      '/x/%2e./y',
      '/x/.%2e/y',
      '/a/b?/../c',
      '/a/b?//',
      '/a%3f/../b',
      '/a%23b',
      '/%41%5a%7A',
      '/%7e',
    ),
    // What the log has of a line that breaks off depends on how it came.
    ...[
      http('an asterisk', request('OPTIONS', '*')),
      http('no slash at the beginning', get('a')),
      http('a question mark alone', get('?')),
      http('an absolute URI', get('http://a.test/x/../y?z')),
      http('an absolute URI without path', get('http://a.test')),
      http('an absolute URI without path, with arguments', get('http://a.test?x')),
      http('an absolute URI with a port', get('http://a.test:1234/x')),
      http('an absolute URI of another scheme', get('FOO://a.test/x')),
      http('an absolute https URI', get('https://a.test/x')),
      http('an absolute URI of no host', get('http:///x')),
      http('an absolute URI of no host, with arguments', get('http://?x')),
      http('an absolute URI of a port', get('http://:80/x')),
      http('an absolute URI of one slash', get('http:/x')),
      http('an absolute URI with a user', get('http://u@a.test/x')),
      http('an absolute URI with a user and a password', get('http://u:p@a.test/x')),
      http('an absolute URI of an address', get('http://[::1]:80/x')),
      http('an absolute URI with a fragment', get('http://a.test#f')),
      http('an absolute URI with dots above', get('http://a.test/../x')),
    ].map((kase) => ({ ...kase, whole: true as const })),
  ],
};

const unmerged: Site = {
  name: 'merge_slashes off',
  conf: 'merge_slashes off; location / { return 200 "[$uri]"; } location //a { return 200 "//a [$uri]"; }',
  cases: gets(
    '//',
    '///',
    '//a//b',
    '/a//../b',
    '/a///..',
    '//../a',
    '/.//a',
    '/a/%2f',
    '/a//./b',
    '//..//a',
    '/..//a',
  ),
};

const outside: Site = {
  name: 'no location',
  conf: `server { listen @LISTEN@; server_name a.test; root @DOCS@; location /only { return 200 only; } }
    server { listen @LISTEN@; server_name b.test; root @DOCS@; set $x_none 1; location = /sub/ { } }`,
  cases: [
    ...gets('/', '/only', '/a.txt', '/none'),
    ...['/', '/sub/', '/sub', '/none'].map((target) => http(`b ${target}`, from('b.test', target))),
  ],
};

export const locations: HttpSuite = {
  name: 'locations',
  sites: [kinds, nested, slash, internal, uris, unmerged, outside],
};
