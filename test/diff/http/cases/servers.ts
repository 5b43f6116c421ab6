// Which server a request gets to: by name, by address, by default.
import { from, get, gets, type HttpSuite, hosts, http, type Site } from '../site.ts';

const ODD_HOSTS = hosts('A.TEST', 'a.test:80', 'a.test.', 'a.test:x', 'a.test:', '127.0.0.1', '[::1]', '[::1]:8080');

const names: Site = {
  name: 'names',
  conf: `
    server { listen @LISTEN@; server_name first.test; return 200 "first $host $server_name"; }
    server { listen @LISTEN@; server_name a.test www.a.test; return 200 "a $host $server_name"; }
    server { listen @LISTEN@; server_name *.wild.test; return 200 "*.wild $host $server_name"; }
    server { listen @LISTEN@; server_name *.deep.wild.test; return 200 "*.deep.wild $host $server_name"; }
    server { listen @LISTEN@; server_name .both.test; return 200 ".both $host $server_name"; }
    server { listen @LISTEN@; server_name mail.*; return 200 "mail.* $host $server_name"; }
    server { listen @LISTEN@; server_name mail.in.*; return 200 "mail.in.* $host $server_name"; }
    server { listen @LISTEN@; server_name exact.wild.test; return 200 "exact.wild $host $server_name"; }
    server { listen @LISTEN@; server_name UPPER.test; return 200 "upper $host $server_name"; }
    server { listen @LISTEN@; server_name under_score.test; return 200 "underscore $host"; }
    server { listen @LISTEN@; server_name 127.0.0.1 "[::1]"; return 200 "address $host"; }
    server { listen @LISTEN@; server_name ""; return 200 "nameless [$host] [$server_name]"; }`,
  cases: [
    ...hosts('a.test', 'www.a.test', 'x.a.test', 'wild.test', 'x.wild.test', 'x.y.wild.test', 'x.deep.wild.test'),
    ...hosts('deep.wild.test', 'exact.wild.test', 'both.test', 'x.both.test', 'xboth.test', 'mail.test', 'mail.in.x'),
    ...hosts('mail', 'mail.', 'mail.in', 'upper.test', 'under_score.test', 'nobody.test', 'first.test'),
    ...ODD_HOSTS,
    http('no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'),
    http('no Host in HTTP/1.1', 'GET / HTTP/1.1\r\n\r\n'),
    http('an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'),
    http('an empty Host in HTTP/1.0', 'GET / HTTP/1.0\r\nHost:\r\n\r\n'),
    http('a Host that is none', from('a/b')),
    http('a Host with two dots', from('a..test')),
    http('a Host of a dot', from('.')),
    http('a Host of a colon', from(':80')),
    http('a Host with spaces around it', from('  a.test  ')),
    http('two Hosts', get('/', 'Host: a.test', 'Host: a.test')),
    http('the URI has another host', 'GET http://x.both.test:81/ HTTP/1.1\r\nHost: a.test\r\n\r\n'),
    http('the URI has a host, and there is no Host', 'GET http://a.test HTTP/1.1\r\n\r\n'),
    http('the URI has a host in HTTP/1.0', 'GET http://A.Test?q HTTP/1.0\r\n\r\n'),
    http('the URI has a host that is none', 'GET http://a..test/ HTTP/1.1\r\nHost: a.test\r\n\r\n'),
  ],
};

const regexes: Site = {
  name: 'regexes',
  http: 'map $host $same_regexes { default $1; }',
  conf: `
    server { listen @LISTEN@ default_server; server_name _; return 200 "default $host"; }
    server { listen @LISTEN@; server_name ~^(?<user_regexes>\\w+)\\.home\\.test$; return 200 "user $user_regexes $1"; }
    server { listen @LISTEN@; server_name ~^www\\d+\\.(.+)$; return 200 "domain $1 $same_regexes"; }
    server { listen @LISTEN@; server_name "~^(?:x|y){2}\\."; return 200 "xy $host [$1]"; }
    server { listen @LISTEN@; server_name exact.test ~^late\\.; return 200 "mixed $host $server_name"; }
    server { listen @LISTEN@; server_name ~^l(.)te; return 200 "never"; }
    server { listen @LISTEN@; server_name ~UPPER\\.re$; return 200 "upper"; }
    server { listen @LISTEN@; server_name *.home.test; return 200 "wildcard before regex $host"; }`,
  cases: [
    ...hosts('anna.home.test', 'a-b.home.test', 'www12.example.org', 'www.example.org', 'xy.z', 'xyx.z', 'late.test'),
    ...hosts('exact.test', 'upper.re', 'UPPER.RE', 'www1.A.B'),
    http('a regex and a URI', 'GET http://WWW7.Host.Test/ HTTP/1.1\r\nHost: exact.test\r\n\r\n'),
  ],
};

const defaults: Site = {
  name: 'defaults',
  conf: `
    server { listen @LISTEN@; server_name first.test; return 200 first; }
    server { listen @LISTEN@ default_server; server_name second.test; return 200 second; }
    server { listen @LISTEN2@; server_name third.test; return 200 "third $server_addr"; }
    server { listen @LISTEN2@; server_name first.test; return 200 "fourth"; }`,
  cases: [
    ...hosts('first.test', 'second.test', 'third.test', 'x.test'),
    ...hosts('first.test', 'second.test', 'third.test').map((kase) => ({
      ...kase,
      name: `elsewhere, ${kase.name}`,
      to: 'LISTEN2' as const,
    })),
  ],
};

const addresses: Site = {
  name: 'addresses',
  conf: `
    server { listen @ANY@; server_name a.test; return 200 "any $server_addr"; }
    server { listen @HOST@:@ANY@; server_name b.test; return 200 "own $server_addr"; }
    server { listen @HOST@:@ANY@; server_name c.test; return 200 "own, too"; }
    server { listen *:@ANY@ default_server; server_name d.test; return 200 "any by default"; }`,
  cases: (['ANY on HOST', 'ANY on 127.0.0.1'] as const).flatMap((to) =>
    hosts('a.test', 'b.test', 'c.test', 'd.test', 'e.test').map((kase) => ({
      ...kase,
      name: `${to}, ${kase.name}`,
      to,
    })),
  ),
};

const hostname: Site = {
  name: 'hostname in redirects',
  conf: `
    server { listen @LISTEN@; server_name first.test second.test;
      location /plain { return 301 /to; }
      location /named { server_name_in_redirect on; return 301 /to; }
      location /portless { port_in_redirect off; return 301 /to; }
      location /relative { absolute_redirect off; return 301 /to; }
      location /both { server_name_in_redirect on; port_in_redirect off; return 302 "/to?a=b c"; }
      location /absolute { return 307 http://other.test:81/x; }
      location /other { return 308 //other.test/x; }
      location /folder { root @DOCS@; rewrite ^/folder(.*)$ $1 break; }
      location /rfolder { absolute_redirect off; root @DOCS@; rewrite ^/rfolder(.*)$ $1 break; }
    }`,
  cases: [
    ...gets(
      '/plain',
      '/named',
      '/portless',
      '/relative',
      '/both',
      '/absolute',
      '/other',
      '/folder/sub',
      '/rfolder/sub',
    ),
    ...['/plain', '/named', '/portless', '/folder/sub?x=y'].flatMap((target) => [
      http(`second, ${target}`, from('SECOND.test:99', target)),
      http(`without Host, ${target}`, `GET ${target} HTTP/1.0\r\n\r\n`),
    ]),
  ],
};

const PROXY = 'PROXY TCP4 192.0.2.1 198.51.100.2 4321 443\r\n';

const FIRST_LINE = {
  changed: {
    why: 'today only the first line is logged',
    replace: [[/(broken header: "[^\\]*)\\x0D.*(" while)/, '$1$2']],
  },
} as const;

const proxied: Site = {
  name: 'PROXY protocol',
  conf: `
    server { listen @LISTEN@ proxy_protocol; server_name a.test;
      return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port $remote_addr"; }`,
  cases: [
    http('a header', PROXY + get('/')),
    http('a header of IPv6', `PROXY TCP6 2001:db8::1 ::1 1 2\r\n${get('/')}`),
    http('a header of nothing known', `PROXY UNKNOWN\r\n${get('/')}`),
    http('a header of nothing known, with more', `PROXY UNKNOWN x y\r\n${get('/')}`),
    http('a header, and two requests', PROXY + get('/') + get('/x')),
    http('no header', { send: get('/'), answers: 1 }, { whole: true, ...FIRST_LINE }),
    http('a broken header', { send: `PROXY TCP4 x\r\n${get('/')}`, answers: 1 }, { whole: true, ...FIRST_LINE }),
    http('a header, and a broken request', PROXY + get('/%zz')),
  ],
};

export const servers: HttpSuite = { name: 'servers', sites: [names, regexes, defaults, addresses, hostname, proxied] };
