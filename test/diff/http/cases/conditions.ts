// if and set.
import { get, gets, type HttpSuite, http, post, type Site } from '../site.ts';

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

export const choosing: HttpSuite = { name: 'choosing', sites: [conditions, sets] };
