// return, and rewriting directives of the server.
import { from, gets, type HttpSuite, head, http, post, type Site } from '../site.ts';

const returns: Site = {
  name: 'return',
  conf: `
    types { text/html html; text/css css; application/json json; }
    default_type application/octet-stream;
    location = /204 { return 204; }
    location = /204text { return 204 text; }
    location = /200 { return 200; }
    location = /200text { return 200 "text $arg_x"; }
    location = /201 { return 201 created; }
    location = /299 { return 299 odd; }
    location = /304 { return 304; }
    location = /400 { return 400; }
    location = /404 { return 404; }
    location = /404text { return 404 "not here"; }
    location = /401 { return 401; }
    location = /402 { return 402; }
    location = /405 { return 405; }
    location = /408x { return 409; }
    location = /413 { return 413; }
    location = /418 { return 418; }
    location = /421 { return 421; }
    location = /429 { return 429; }
    location = /444 { return 444; }
    location = /494 { return 494; }
    location = /497 { return 497; }
    location = /500 { return 500; }
    location = /501 { return 501; }
    location = /503 { return 503; }
    location = /503text { return 503 "later"; }
    location = /505 { return 505; }
    location = /507 { return 507; }
    location = /599 { return 599; }
    location = /999 { return 999; }
    location = /999text { return 999 text; }
    location = /301 { return 301 /to?$args; }
    location = /301none { return 301; }
    location = /302 { return 302 http://x.test/$arg_x; }
    location = /303 { return 303 "/a b"; }
    location = /307 { return 307 ""; }
    location = /308 { return 308 $scheme://$host/x; }
    location = /300 { return 300 three; }
    location = /305 { return 305 five; }
    location = /url { return http://x.test/; }
    location = /https { return https://x.test/$uri; }
    location = /scheme { return $scheme://y.test/; }
    location = /empty { return 200 ""; }
    location = /lines { return 200 "a\\nb\\tc\\"d"; }
    location /type { return 200 "$uri"; }
    location = /mail { return 301 mailto:x@y; }
    location = /quoted { return 200 'it"s'; }
    location /first { return 201 first; return 202 second; }`,
  cases: [
    ...gets('/204', '/204text', '/200', '/200text', '/200text?x=%20y', '/201', '/299', '/304', '/400', '/401', '/402'),
    ...gets(
      '/404',
      '/404text',
      '/405',
      '/408x',
      '/413',
      '/418',
      '/421',
      '/429',
      '/444',
      '/494',
      '/497',
      '/500',
      '/501',
    ),
    ...gets('/503', '/503text', '/505', '/507', '/599', '/999', '/999text', '/301?a=b', '/301none', '/302?x=y', '/303'),
    ...gets(
      '/307',
      '/308',
      '/300',
      '/305',
      '/url',
      '/https',
      '/scheme',
      '/empty',
      '/lines',
      '/mail',
      '/quoted',
      '/first',
    ),
    ...gets(
      '/type.css',
      '/type.HTML',
      '/type/x.json',
      '/type.css/',
      '/type.unknown',
      '/type.',
      '/type/.css',
      '/type.a.css',
    ),
    ...['/204', '/200text', '/404', '/302?x=y', '/401', '/444', '/500'].map((target) =>
      http(`HEAD ${target}`, head(target)),
    ),
    ...['/204', '/200text', '/404', '/301', '/500'].map((target) => http(`POST ${target}`, post(target, 'body'))),
    ...['/204', '/404', '/301', '/999'].map((target) =>
      http(`HTTP/1.0 ${target}`, `GET ${target} HTTP/1.0\r\nHost: a.test\r\n\r\n`),
    ),
  ],
};

const serverLevel: Site = {
  name: 'server level',
  conf: `
    server { listen @LISTEN@; server_name a.test; return 301 https://$host$request_uri; location / { return 200 never; } }
    server { listen @LISTEN@; server_name b.test; rewrite ^ /x; rewrite ^/x$ /y break; rewrite ^ /z; location / { return 200 $uri; } }
    server { listen @LISTEN@; server_name c.test; if ($http_x = 1) { return 403; } set $c_sl "s"; location / { set $c_sl "$c_sl l"; return 200 $c_sl; } }
    server { listen @LISTEN@; server_name d.test; if ($arg_x) { rewrite ^ /in-if last; } location / { return 200 $uri; } }
    server { listen @LISTEN@; server_name e.test; if ($arg_x) { break; } return 200 "returned"; location / { return 200 "location"; } }
    server { listen @LISTEN@; server_name f.test; error_page 404 /missing; rewrite ^/missing$ /found; location / { return 404; } location /found { return 200 "found"; } }`,
  cases: [
    http('return', from('a.test', '/x%20y?z')),
    http('rewrite, and break', from('b.test')),
    http('if', from('c.test', '/', 'X: 1')),
    http('if that is false', from('c.test', '/', 'X: 2')),
    http('rewrite in if', from('d.test', '/a?x=1')),
    http('rewrite in if that is false', from('d.test', '/a')),
    http('break in if', from('e.test', '/a?x=1')),
    http('break in if that is false', from('e.test', '/a')),
    http('rewrite of an error page', from('f.test', '/a')),
  ],
};

export const returning: HttpSuite = { name: 'returning', sites: [returns, serverLevel] };
