// map and geo, and what becomes of variables in access logs.
import { from, get, gets, type HttpSuite, head, http, post, type Site } from '../site.ts';

const maps: Site = {
  name: 'map',
  http: `
    map $arg_x $plain_map { a 1; B 2; "with space" 3; default none; "" empty; '\\default' literal; }
    map $arg_x $nodefault_map { a 1; }
    map $arg_x $regex_map { ~^a(?<rest_map>.*)$ "re $rest_map $1"; ~*^B(.)$ "rei $1"; "~^c{2}$" brace; a exact; default "none $rest_map"; }
    map $arg_x$arg_y $joined_map { ab both; a "only x"; b "only y"; }
    map $host $hosts_map { hostnames; default none; a.test exact; *.wild.test suffix; .both.test both; www.* prefix; *.deep.wild.test deeper; ~^re\\. regex; }
    map $arg_x $hostless_map { hostnames; default none; a. dotted; A.B upper; }
    map $arg_x $value_map { a "\${arg_y}-$uri"; default $plain_map; }
    map $plain_map $chain_map { 1 one; 2 two; }
    map $uri $volatile_map { volatile; default "v:$uri"; }
    map $uri $cached_map { default "c:$uri"; }
    map $http_x $header_map { default ""; ~. "[$http_x]"; }
    map $arg_x $included_map { default no; include @DOCS@/some.map; own 1; }
    map $arg_x $order_map { ~a first; ~ab second; ab third; }`,
  conf: `
    server { listen @LISTEN@; server_name a.test;
      location = /plain { return 200 "[$plain_map] [$nodefault_map]"; }
      location = /regex { return 200 "[$regex_map] [$rest_map]"; }
      location = /joined { return 200 "[$joined_map]"; }
      location = /hosts { return 200 "[$hosts_map] [$hostless_map]"; }
      location = /value { return 200 "[$value_map] [$chain_map]"; }
      location = /volatile { set $v_map "$volatile_map $cached_map"; rewrite ^ /volatile2 last; }
      location = /volatile2 { return 200 "$v_map / $volatile_map $cached_map"; }
      location = /header { add_header X-Map $header_map; return 204; }
      location = /included { return 200 "[$included_map]"; }
      location = /order { return 200 "[$order_map]"; }
      location = /if { if ($plain_map = 1) { return 200 one; } if ($plain_map) { return 200 other; } return 200 never; }
    }`,
  cases: [
    ...[
      'a',
      'A',
      'b',
      'B',
      'c',
      '',
      'with%20space',
      'default',
      'abc',
      'Abc',
      'bx',
      'Bxy',
      'cc',
      'ab',
      'a.',
      'a.b',
      'A.B',
    ].flatMap((x) => gets(...['/plain', '/regex', '/value', '/order', '/hosts'].map((place) => `${place}?x=${x}`))),
    ...gets(
      '/joined?x=a&y=b',
      '/joined?x=a',
      '/joined?y=b',
      '/joined',
      '/value?x=a&y=z',
      '/volatile',
      '/if?x=a',
      '/included?x=included',
      '/included?x=inclx',
      '/included?x=own',
      '/included',
      '/if',
    ),
    ...[
      'a.test',
      'A.Test',
      'x.wild.test',
      'wild.test',
      'x.deep.wild.test',
      'both.test',
      'y.both.test',
      'www.x',
      'www',
      're.x',
    ].map((name) => http(`host ${name}`, from(name, '/hosts'))),
    http('header', get('/header', 'X: 1')),
    http('no header', get('/header')),
  ],
};

const geos: Site = {
  name: 'geo',
  http: `
    geo $own_geo { default out; 127.0.0.0/8 loop; 127.0.0.1 one; }
    geo $arg_ip $plain_geo { default none; 10.0.0.0/8 ten; 10.1.0.0/16 ten-one; 10.1.2.3 host; 10.1.2.3/32 host; 192.168.1.1/24 low; 2001:db8::/32 six; ::1 self; delete 10.2.0.0/16; }
    geo $arg_ip $ranges_geo { ranges; default none; 10.0.0.0-10.0.0.9 low; 10.0.0.5-10.0.0.6 inner; 10.0.1.0-10.0.1.255 high; }
    geo $arg_ip $deleted_geo { default none; 10.0.0.0/8 ten; 10.1.0.0/16 gone; delete 10.1.0.0/16; }
    geo $arg_ip $included_geo { default none; include @DOCS@/some.geo; 10.0.0.0/8 ten; }
    geo $nodefault_geo { 10.0.0.0/8 x; }
    geo $proxied_geo { proxy 127.0.0.1; default none; 10.0.0.0/8 ten; 127.0.0.0/8 loop; }
    geo $recursive_geo { proxy 127.0.0.1; proxy 10.0.0.0/8; proxy_recursive; default none; 192.0.2.0/24 doc; 10.0.0.0/8 ten; }`,
  conf: `location / { return 200 "$own_geo [$plain_geo] [$ranges_geo] [$deleted_geo] [$included_geo] [$nodefault_geo] $proxied_geo $recursive_geo"; }`,
  cases: [
    ...gets(
      ...[
        '10.0.0.1',
        '10.1.0.1',
        '10.1.2.3',
        '10.2.0.1',
        '192.168.1.200',
        '192.168.2.1',
        '2001:db8::5',
        '2001:db9::',
        '::1',
      ],
    ).map((kase, i) => ({ ...kase, name: `ip ${i}`, parts: [get(`/?ip=${kase.name}`)] })),
    ...[
      '10.0.0.5',
      '10.0.0.7',
      '10.9.1.1',
      '10.8.1.1',
      '10.0.0.10',
      '10.0.1.7',
      '1.2.3',
      'x',
      '',
      '256.1.1.1',
      '::ffff:10.1.2.3',
      '127.0.0.1',
    ].map((ip) => http(`ip [${ip}]`, get(`/?ip=${ip}`))),
    http('forwarded', get('/', 'X-Forwarded-For: 10.0.0.1')),
    http('forwarded twice', get('/', 'X-Forwarded-For: 192.0.2.1, 10.0.0.1')),
    http('forwarded from elsewhere', get('/', 'X-Forwarded-For: 1.1.1.1, 8.8.8.8')),
    http('forwarded by nobody', get('/', 'X-Forwarded-For: unknown')),
    http('forwarded in two lines', get('/', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 10.0.0.1')),
  ],
};

const LOGGED = '$request|$http_x|$uri|$args|$arg_a|$http_none|$set_log|$status|$content_type';

const logs: Site = {
  name: 'logs',
  http: `
    log_format default_log '${LOGGED}';
    log_format explicit_log escape=default '${LOGGED}';
    log_format json_log escape=json '{"r":"$request","x":"$http_x","u":"$uri","a":"$arg_a","n":"$http_none","s":"$set_log"}';
    log_format none_log escape=none '${LOGGED}';
    log_format parts_log 'one ' "two $status " three;
    log_format counts_log '$status $body_bytes_sent $request_length $connection_requests $request_completion';
    map $status $loggable_log { default 1; ~^[23] 0; 404 ""; }`,
  conf: `
    set $set_log "";
    location /default { access_log @ACCESS@ default_log; return 200 x; }
    location /explicit { access_log @ACCESS@ explicit_log; return 200 x; }
    location /json { access_log @ACCESS@ json_log; set $set_log "a\\"b\\\\c\\td"; return 200 x; }
    location /none { access_log @ACCESS@ none_log; return 200 x; }
    location /parts { access_log @ACCESS@ parts_log; return 200 x; }
    location /counts { access_log @ACCESS@ counts_log; return 200 xyz; }
    location /several { access_log @ACCESS@ parts_log; access_log @ACCESS@ counts_log; return 200 x; }
    location /off { access_log off; return 200 x; }
    location /nested { access_log @ACCESS@ parts_log; location /nested/in { return 200 in; } location /nested/off { access_log off; return 200 off; } }
    location /if { access_log @ACCESS@ parts_log if=$loggable_log; return 200 x; }
    location /if404 { access_log @ACCESS@ parts_log if=$loggable_log; return 404; }
    location /if500 { access_log @ACCESS@ parts_log if=$loggable_log; return 500; }
    location /ifarg { access_log @ACCESS@ parts_log if=$arg_l; return 200 x; }
    location /inif { access_log @ACCESS@ parts_log; if ($arg_x) { access_log @ACCESS@ counts_log; } if ($arg_y) { access_log off; } return 200 x; }
    location /combined { access_log @ACCESS@ diff; return 200 x; }
    location /moved { access_log @ACCESS@ parts_log; rewrite ^ /counts last; }
    location /error { access_log @ACCESS@ parts_log; error_page 404 /counts; return 404; }
    location /444 { access_log @ACCESS@ counts_log; return 444; }
    location /name { access_log @ACCESS@.$arg_n parts_log; root @DOCS@; return 200 x; }`,
  cases: [
    ...['/default', '/explicit', '/json', '/none'].flatMap((place) => [
      http(`${place} with odd bytes`, get(`${place}%22%5c%0a%09%01%7f%c3%a9?a="\\%22`, 'X: "q"\\ \t\u00e9\u00ff')),
      http(`${place} with nothing`, get(place)),
      http(`${place} with empty values`, get(`${place}?a=`, 'X:')),
    ]),
    ...gets('/parts', '/several', '/off', '/nested', '/nested/in', '/nested/off', '/if', '/if404', '/if500', '/444'),
    ...gets('/ifarg', '/ifarg?l=0', '/ifarg?l=1', '/ifarg?l=', '/inif', '/inif?x=1', '/inif?x=1&y=1', '/combined'),
    ...gets('/moved', '/error', '/name?n=x'),
    http('counts', get('/counts', 'A: b')),
    http('counts of a HEAD', head('/counts')),
    http('counts of a POST', post('/counts', 'abc')),
    http('counts of many', get('/counts').repeat(3), { whole: true }),
  ],
};

export const variables: HttpSuite = { name: 'variables', sites: [maps, geos, logs] };
