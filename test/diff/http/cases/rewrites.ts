// set, if, return, break and rewrite: what is answered, and where a request goes on.
import { from, get, gets, type HttpSuite, head, http, post, type Site } from '../site.ts';

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

const conditions: Site = {
  name: 'if',
  conf: `
    root @DOCS@;
    set $v_if "";
    if ($arg_server) { set $v_if "server $arg_server"; }
    if ($arg_early = yes) { return 200 "early"; }
    location = /var { if ($arg_x) { return 200 true; } return 200 false; }
    location = /eq { if ($arg_x = "a b") { return 200 equal; } if ($arg_x != c) { return 200 "not c"; } return 200 c; }
    location = /eqvar { if ($arg_x = $arg_y) { return 200 same; } return 200 other; }
    location = /re { if ($arg_x ~ ^a(b*)(c)?$) { return 200 "[$1] [$2] [$3]"; } return 200 no; }
    location = /rei { if ($arg_x ~* ^a(?<rest_if>.*)$) { return 200 "[$rest_if]"; } return 200 "no [$rest_if]"; }
    location = /nre { if ($arg_x !~ ^a) { return 200 "not a"; } return 200 "a"; }
    location = /nrei { if ($arg_x !~* ^a) { return 200 "not a"; } return 200 "a"; }
    location = /quoted { if ($arg_x ~ "^a{2};$") { return 200 yes; } return 200 no; }
    location = /spaces { if ( $arg_x = y ) { return 200 yes; } return 200 no; }
    location /file { if (-f $document_root$arg_f) { return 200 file; } if (!-f $document_root$arg_f) { return 200 none; } }
    location /dir { if (-d $document_root$arg_f) { return 200 dir; } if (!-d $document_root$arg_f) { return 200 none; } }
    location /any { if (-e $document_root$arg_f) { return 200 any; } if (!-e $document_root$arg_f) { return 200 none; } }
    location /exec { if (-x $document_root$arg_f) { return 200 exec; } if (!-x $document_root$arg_f) { return 200 none; } }
    location = /inner {
      add_header X-Outer outer;
      if ($arg_x = a) { add_header X-A a; set $v_if "a"; }
      if ($arg_x ~ ^.b?) { add_header X-B b; set $v_if "$v_if b"; }
      if ($arg_y) { return 201 "returned $v_if"; }
      set $v_if "$v_if end";
      return 200 "[$v_if]";
    }
    location = /break { if ($arg_x) { break; return 200 never; } set $v_if $v_if; return 200 "after [$v_if]"; }
    location = /stays { if ($arg_x) { set $v_if x; break; } set $v_if "$v_if y"; add_header X-V $v_if; }
    location = /server { return 200 "[$v_if]"; }
    location = /captures { if ($arg_x ~ (.)(.)) { set $a_if $2$1; } if ($arg_y ~ z) { set $a_if "$a_if [$1]"; } return 200 $a_if; }
    location = /kept { if ($arg_x ~ (.)) { set $k_if 1; } if ($arg_y ~ q) { } return 200 "[$1]"; }
    location = /page.html { if ($arg_t) { root @DOCS@/sub; } }
    location = /a.txt { if ($arg_t) { return 404; } if ($arg_e) { error_page 403 /eq?x=c; return 403; } }
    location /if-proxy { if ($arg_x) { proxy_pass http://@B1@; } return 200 "no proxy"; }
    location /if-pass { set $q_if 1; if ($arg_x) { proxy_pass http://@B1@; } root @DOCS@/sub; try_files /page.html =404; }
    location / { return 200 "other"; }`,
  cases: [
    ...gets('/var', '/var?x', '/var?x=', '/var?x=0', '/var?x=00', '/var?x=1', '/var?x=false', '/eq?x=a%20b', '/eq?x=c'),
    ...gets(
      '/eq',
      '/eq?x=C',
      '/eqvar',
      '/eqvar?x=1&y=1',
      '/eqvar?x=1',
      '/re?x=abbc',
      '/re?x=a',
      '/re?x=x',
      '/rei?x=ABC',
    ),
    ...gets('/rei?x=b', '/nre?x=ab', '/nre?x=Ab', '/nre', '/nrei?x=Ab', '/quoted?x=aa;', '/quoted?x=a', '/spaces?x=y'),
    ...['/file', '/dir', '/any', '/exec'].flatMap((place) =>
      gets(...['/a.txt', '/sub', '/none', '/link.txt', '/broken.txt', '/a.txt/x', ''].map((f) => `${place}?f=${f}`)),
    ),
    ...gets(
      '/inner',
      '/inner?x=a',
      '/inner?x=ab',
      '/inner?x=xb',
      '/inner?x=a&y=1',
      '/break',
      '/break?x=1',
      '/stays?x=1',
    ),
    ...gets('/stays', '/server', '/server?server=1', '/server?server=0', '/server?early=yes', '/captures?x=ab'),
    ...gets(
      '/captures?x=ab&y=z',
      '/captures?y=z',
      '/kept?x=a',
      '/kept?x=a&y=q',
      '/kept',
      '/page.html',
      '/page.html?t=1',
    ),
    ...gets('/a.txt', '/a.txt?t=1', '/a.txt?e=1', '/if-pass', '/if-proxy', '/if-proxy?x=1'),
  ],
};

const sets: Site = {
  name: 'set',
  conf: `
    location = /plain { set $p_set "a$arg_x-\${arg_y}b"; return 200 "[$p_set]"; }
    location = /unset { return 200 "[$late_set]"; set $late_set x; }
    location = /silent { uninitialized_variable_warn off; return 200 "[$late_set]"; }
    location = /self { set $s_set "$s_set+"; set $s_set "$s_set+"; return 200 "$s_set"; }
    location = /args { set $args "new=1"; return 200 "$args $arg_new $is_args $query_string $request_uri"; }
    location = /noargs { set $args ""; return 200 "[$args] [$is_args] [$arg_x]"; }
    location = /ratelimit { set $limit_rate 100k; return 200 "$limit_rate"; }
    location = /case { set $Mixed_Set Aa; return 200 "$mixed_set $MIXED_SET"; }
    location = /twice { set $t_set 1; set $t_set 2; return 200 $t_set; }
    location = /redirected { set $r_set kept; rewrite ^ /shown last; }
    location = /shown { return 200 "[$r_set]"; }
    location = /cached { set $c_set $request_method$uri; rewrite ^ /shown2 last; }
    location = /shown2 { return 200 "$c_set $uri"; }
    location = /http { return 200 "[$http_x_one] [$http_x-one] [$http_host] [$http_none]"; }
    location = /cookie { return 200 "[$cookie_a] [$cookie_b] [$http_cookie]"; }
    location = /arg { return 200 "[$arg_a] [$arg_A] [$arg_a_b] [$args]"; }
    location = /sent { add_header X-One 1; add_header X-Sent "$sent_http_x_one $sent_http_content_type"; return 200 x; }
    location = /request { return 200 "$request $request_method $scheme $https $server_protocol $content_length $content_type"; }
    location = /remote { return 200 "$remote_addr $remote_user $server_addr $connection_requests $pipe"; }
    location = /status { add_header X-Status "$status $bytes_sent $body_bytes_sent" always; return 403; }
    location = /file { root /r; return 200 "$document_root $request_filename"; }
    location = /dollar { set $d_set "x"; return 200 "\${d_set}y$d_set.z"; }`,
  cases: [
    ...gets(
      '/plain?x=1&y=2',
      '/plain',
      '/unset',
      '/silent',
      '/self',
      '/args?a=b',
      '/noargs?x=1',
      '/ratelimit',
      '/case',
    ),
    ...gets('/twice', '/redirected', '/shown', '/cached', '/sent', '/status', '/file', '/dollar', '/remote'),
    http('/http', get('/http', 'X-One: a', 'X_One: b')),
    http('several lines of a name', get('/http', 'X-One: a', 'X-One: b', 'x-one:c'), {
      changed: {
        why: 'since 1.23.0 lines of one name are joined',
        replace: [
          [/\[a\] /, '[a, b, c] '],
          [/Content-Length: 22/, 'Content-Length: 28'],
          [/ b=22 /, ' b=28 '],
        ],
      },
    }),
    http('/cookie', get('/cookie', 'Cookie: a=1; b=2; a=3')),
    http('two cookie lines', get('/cookie', 'Cookie: a=1', 'Cookie: b=2; a=4')),
    http('odd cookies', get('/cookie', 'Cookie: xa=0;a = 1 ; B=2')),
    ...gets('/arg?a=1', '/arg?A=2', '/arg?b=1&a=', '/arg?xa=1&a=%20', '/arg?a', '/arg?a_b=3&a=4&a=5', '/arg?&&a=6'),
    http('/request', post('/request', 'abc', 'Content-Type: text/x')),
    http('/request without a body', get('/request')),
    http('a user', get('/remote', 'Authorization: Basic dXNlcjpwYXNz')),
    http('a user without a password', get('/remote', 'Authorization: Basic dXNlcg==')),
    http('a user that is none', get('/remote', 'Authorization: Bearer dXNlcjpwYXNz')),
    http('an empty user', get('/remote', 'Authorization: Basic OnBhc3M=')),
    http('pipelined', get('/remote') + get('/remote'), { whole: true, log: false }),
  ],
};

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

export const rewriting: HttpSuite = { name: 'rewriting', sites: [returns, conditions, sets, rewrites, serverLevel] };
