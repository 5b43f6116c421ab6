// rewrite and break: where a request goes on.
import { gets, type HttpSuite, head, http, post, type Site } from '../site.ts';

const rewrites: Site = {
  name: 'rewrite',
  conf: `
    rewrite_log on;
    root @DOCS@;
    rewrite ^/server/(.*)$ /to/$1;
    rewrite ^/serverlast/(.*)$ /to/last-$1 last;
    rewrite ^/serverbreak/(.*)$ /to/break-$1 break;
    rewrite ^/to/last-again$ /to/again;
    location /to/ { return 200 "to [$uri] [$args] [$request_uri]"; }
    location /last/ { rewrite ^/last/(.*)$ /to/$1?n=1 last; return 200 never; }
    location /break/ { rewrite ^/break/(.*)$ /sub/$1 break; return 200 never; }
    location /none/ { rewrite ^/none/(.*)$ /to/$1; rewrite ^/to/(.*)$ /to/twice-$1; return 200 "after [$uri] [$args]"; }
    location /onward/ { rewrite ^/onward/(.*)$ /to/$1; }
    location /redirect/ { rewrite ^/redirect/(.*)$ /to/$1 redirect; }
    location /permanent/ { rewrite ^/permanent/(.*)$ /to/$1 permanent; }
    location /http/ { rewrite ^/http/(.*)$ http://x.test/$1; }
    location /scheme/ { rewrite ^/scheme/(.*)$ $scheme://x.test/$1?a; }
    location /noargs/ { rewrite ^/noargs/(.*)$ /to/$1? last; }
    location /newargs/ { rewrite ^/newargs/(.*)$ /to/$1?x=$arg_y&z=$1 last; }
    location /newonly/ { rewrite ^/newonly/(.*)$ /to/x?z=$1? last; }
    location /redirargs/ { rewrite ^/redirargs/(.*)$ /to?z=$1 redirect; }
    location /redirnone/ { rewrite ^/redirnone/(.*)$ /to/$1? redirect; }
    location /case/ { rewrite (?i)^/CASE/(.*)$ /to/$1 last; }
    location /names/ { rewrite ^/names/(?<first_rw>\\w+)-(?<second_rw>\\w+)$ /to/$second_rw/$first_rw last; }
    location /no/ { rewrite ^/other/ /to/x last; return 200 "not rewritten $uri"; }
    location /relative/ { rewrite ^/relative/(.*)$ to/$1 last; }
    location /loop/ { rewrite ^/loop/(.*)$ /loop/x$1 last; }
    location /breaks/ { break; rewrite ^ /to/x last; return 200 never; }
    location /breaks2/ { set $b_rw 1; break; return 200 never; }
    location /ifs/ { if ($arg_go) { rewrite ^/ifs/(.*)$ /to/if-$1 last; } return 200 "no if"; }
    location /ifbreak/ { if ($arg_go) { rewrite ^/ifbreak/(.*)$ /sub/$1 break; } try_files $uri =404; }
    location /proxied/ { rewrite ^/proxied/(.*)$ /re/$1 break; proxy_pass http://@B1@/base/; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /plainproxy/ { rewrite ^/plainproxy/(.*)$ /re/$1?more=$1 break; proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /empty { rewrite ^/empty(.*)$ "$1" last; return 200 "[$uri]"; }
    location /question { rewrite ^ /to/a?b?c? last; }
    location /vars { rewrite ^ $arg_to last; }
    location /encoded/ { rewrite ^/encoded/(.*)$ /to/$1 redirect; }
    location /quoted/ { rewrite "^/quoted/(\\d{2})$" /to/$1 last; }
    location / { return 200 "root [$uri]"; }`,
  cases: [
    ...gets(
      '/server/x',
      '/server/x?y=z',
      '/serverlast/x',
      '/serverlast/again',
      '/serverbreak/x',
      '/last/x',
      '/last/x?y',
    ),
    ...gets('/break/page.html', '/break/none', '/break/', '/none/x', '/none/x?y', '/onward/x?y', '/redirect/x?y=z'),
    ...gets('/redirect/a%20b', '/redirect/a%2fb', '/redirect/%C3%A9?%20', '/permanent/x', '/http/x?y', '/http/a%20b'),
    ...gets('/scheme/x', '/scheme/x?y', '/noargs/x?y', '/newargs/x?y=1', '/newargs/x%20z?y=%20', '/newonly/x?y'),
    ...gets('/redirargs/a%20b', '/redirargs/a&b', '/redirargs/a%26b?c', '/redirargs/x?y', '/redirnone/x?y', '/case/x'),
    ...gets(
      '/names/a-b',
      '/names/a',
      '/no/x',
      '/relative/x',
      '/loop/',
      '/breaks/x',
      '/breaks2/x',
      '/ifs/x',
      '/ifs/x?go=1',
    ),
    ...gets('/ifbreak/page.html?go=1', '/ifbreak/page.html', '/proxied/x?y', '/proxied/a%20b', '/plainproxy/x?y'),
    ...gets('/plainproxy/a%20b%2fc', '/empty', '/empty/to/x', '/question', '/question?old', '/vars?to=/to/x', '/vars'),
    ...gets(
      '/vars?to=/to/%20',
      '/encoded/a%3fb',
      '/encoded/a%25b',
      '/encoded/%22%3c',
      '/encoded/+',
      '/quoted/12',
      '/quoted/1',
    ),
    http('a rewrite and a body', post('/last/x', 'abc')),
    http('a redirect of a HEAD', head('/redirect/x')),
  ],
};

export const rewriting: HttpSuite = { name: 'rewriting', sites: [rewrites] };
