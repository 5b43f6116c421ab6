// Files: root, alias, index, try_files, and methods.
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

export const files: HttpSuite = { name: 'files', sites: [roots, indexes, tries] };
