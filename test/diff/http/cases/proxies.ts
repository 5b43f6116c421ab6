// proxy_pass: what arrives at the backend.
import { chunkedPost, from, get, gets, type HttpSuite, head, http, post, request, type Site } from '../site.ts';

/** The defaults of 1.22 and today differ. */
const MODERN = 'proxy_http_version 1.1; proxy_set_header Connection "";';

const targets: Site = {
  name: 'targets',
  http: `
    upstream group_tg { server @B2@; }
    upstream unix_tg { server unix:/nonexistent/y.sock; }
    upstream Upper_TG { server @B3@; }
    map $arg_b $backend_tg { default @B1@; two @B2@; none ""; group group_tg; dead @DEAD@; }`,
  conf: `
    ${MODERN}
    location / { proxy_pass http://@B1@; }
    location /uri/ { proxy_pass http://@B1@/base/; }
    location /noslash { proxy_pass http://@B1@/base; }
    location /root/ { proxy_pass http://@B1@/; }
    location /query/ { proxy_pass http://@B1@/base?q=1; }
    location = /exact { proxy_pass http://@B1@/changed; }
    location ~ ^/regex/ { proxy_pass http://@B1@; }
    location ~ ^/regexvar/(.*)$ { proxy_pass http://@B1@/base/$1; }
    location /group/ { proxy_pass http://group_tg; }
    location /groupuri/ { proxy_pass http://group_tg/x/; }
    location /upper/ { proxy_pass http://upper_tg; }
    location /var/ { proxy_pass http://$backend_tg; }
    location /varuri/ { proxy_pass http://$backend_tg/fixed$is_args$args; }
    location /varrequest/ { proxy_pass http://$backend_tg$request_uri; }
    location /varpath/ { proxy_pass http://$backend_tg$uri; }
    location /scheme/ { proxy_pass $scheme://@B1@; }
    location /if { if ($arg_x) { proxy_pass http://@B2@; } proxy_pass http://@B1@; }
    location /named { error_page 418 = @named; return 418; }
    location @named { proxy_pass http://@B2@; }
    location /dead { proxy_pass http://@DEAD@; }
    location /percent/ { proxy_pass http://@B1@/%61/; }
    location /unix { proxy_pass http://unix:/nonexistent/x.sock:/base; }
    location /unix2 { proxy_pass http://unix:/nonexistent/x.sock; }
    location /unixgroup { proxy_pass http://unix_tg/base; }
    location /enc { location /enc%20x { proxy_pass http://@B1@/y; } proxy_pass http://@B1@/z; }`,
  cases: [
    ...gets('/', '/x?y=z', '/a%20b?c%20d', '/a%2fb', '//a//b/../c', '/a%00', '/%e9', '/a?', '/uri/x', '/uri/', '/uri'),
    ...gets(
      '/uri/a%20b',
      '/uri/a%2fb',
      '/uri/%e9?q',
      '/uri/a%3fb',
      '/uri/a%25b%23',
      '/uri//x',
      '/uri/../x',
      '/uri/a+b',
    ),
    ...gets(
      '/uri/;,=:@&$!*()~[]',
      "/uri/'",
      '/uri/{|}^<>\\"`',
      '/uri/{|}^<>\\"`%20',
      '/uri/x{/../y|',
      '/uri/%22%3c%3e%5c%5e%60%7b%7c%7d',
      '/noslash',
      '/noslash/x',
      '/noslashx?y',
    ),
    ...gets(
      '/root/x',
      '/root/',
      '/query/x',
      '/query/x?y=z',
      '/exact',
      '/exact?x=%20',
      '/regex/a%20b?c',
      '/regexvar/a%2bb?c',
    ),
    ...gets('/group/x', '/groupuri/y?z', '/upper/x', '/var/x?b=two', '/var/x?b=group', '/var/a%20b', '/var/x?b=none'),
    ...gets(
      '/var/x?b=dead',
      '/varuri/x',
      '/varuri/x?y=z',
      '/varrequest/a%20b?c',
      '/varpath/a%2bb?c',
      '/scheme/x',
      '/if',
    ),
    ...gets(
      '/unix/x',
      '/unix2/x?y',
      '/unixgroup/x',
      '/if?x=1',
      '/named?x',
      '/dead',
      '/percent/x%20y',
      '/enc',
      '/enc%2520x',
      '/.',
      '/uri/.',
      '/uri/./y',
    ),
    http('an absolute URI', get('http://a.test/x?y')),
    http('an absolute URI without path', get('http://a.test')),
    http('an absolute URI without path, with arguments', get('http://a.test?x')),
  ],
};

const requests: Site = {
  name: 'requests',
  conf: `
    ${MODERN}
    location / { proxy_pass http://@B1@; }
    location /old { proxy_http_version 1.0; proxy_pass http://@B1@; }
    location /oldset { proxy_http_version 1.0; proxy_set_header Connection $http_connection; proxy_pass http://@B1@; }
    location /set {
      proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Empty ""; proxy_set_header X-Client ""; proxy_set_header X-Mixed "a $http_x b"; proxy_set_header Connection "";
      proxy_set_header X-Proxy "$proxy_host $proxy_port"; proxy_set_header X-Twice 1; proxy_set_header X-Twice 2;
      proxy_pass http://@B1@; }
    location /host { proxy_set_header Host ""; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /http_host { proxy_set_header Host $http_host; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /connection { proxy_set_header Connection upgrade; proxy_set_header Upgrade $http_upgrade; proxy_pass http://@B1@; }
    location /noheaders { proxy_pass_request_headers off; proxy_pass http://@B1@; }
    location /nobody2 { proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /method { proxy_method PUT; proxy_pass http://@B1@; }
    location /methodvar { proxy_method $arg_m; proxy_pass http://@B1@; }
    location /body { proxy_set_body "made $arg_x"; proxy_pass http://@B1@; }
    location /bodyempty { proxy_set_body ""; proxy_pass http://@B1@; }
    location /length { proxy_set_header Content-Length 3; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /type { proxy_set_header Content-Type text/changed; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /keep { proxy_set_header Expect $http_expect; proxy_set_header TE $http_te; proxy_set_header Keep-Alive $http_keep_alive; proxy_set_header Connection ""; proxy_pass http://@B1@; }
    location /inherit { location /inherit/own { proxy_set_header X-Own 1; proxy_set_header Connection ""; proxy_pass http://@B1@; } location /inherit/none { proxy_pass http://@B1@; } proxy_set_header X-Outer 1; proxy_set_header Connection ""; proxy_pass http://@B1@; }`,
  cases: [
    http('plain', get('/')),
    http('lines', get('/', 'Accept: a', 'X-One: 1', 'user-agent: b', 'X-ONE: 2', 'Cookie: c=d', 'Empty:')),
    http(
      'lines about the connection',
      get('/', 'Connection: close, x', 'Keep-Alive: 5', 'TE: trailers', 'Upgrade: h2c', 'Proxy-Connection: y'),
    ),
    http('conditions', get('/', 'If-Modified-Since: x', 'If-None-Match: "y"', 'Range: bytes=0-1', 'If-Range: "z"')),
    http('an underscore', get('/', 'X_Y: 1')),
    http('Host with a port', from('B.test:99', '/')),
    http('HEAD', head('/')),
    http('POST', post('/', 'abc', 'Content-Type: text/x')),
    http('POST without body', request('POST', '/')),
    http('POST of nothing', post('/', '')),
    http('chunks', chunkedPost('/', '3\r\nabc\r\n0\r\n\r\n')),
    http('GET with a body', request('GET', '/', ['Content-Length: 3'], 'abc')),
    http('PUT', request('PUT', '/', ['Content-Length: 3'], 'abc')),
    http('DELETE', request('DELETE', '/')),
    http('OPTIONS', request('OPTIONS', '/x')),
    http('HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'),
    ...['/old', '/oldset'].flatMap((target) => [
      http(target, get(target, 'X: y')),
      http(`${target}, POST`, post(target, 'abc')),
      http(`${target}, chunks`, chunkedPost(target, '3\r\nabc\r\n0\r\n\r\n')),
    ]),
    http('/set', get('/set', 'X: y', 'X-Client: z', 'X-Forwarded-For: 1.2.3.4', 'X-Real-IP: 5.6.7.8')),
    http('/set, plain', get('/set')),
    ...gets(
      '/host',
      '/http_host',
      '/noheaders',
      '/method',
      '/methodvar?m=POST',
      '/body?x=y',
      '/bodyempty',
      '/keep?none',
    ),
    ...gets('/inherit', '/inherit/own', '/inherit/none', '/type'),
    http('/connection', get('/connection', 'Upgrade: websocket')),
    http('/noheaders, POST', post('/noheaders', 'abc', 'X: y', 'Content-Type: z')),
    http('/nobody2', post('/nobody2', 'abc', 'Content-Type: z')),
    http('/method, POST', post('/method', 'abc')),
    http('/body, POST', post('/body', 'abc')),
    http('/type, POST', post('/type', 'abc', 'Content-Type: z')),
    http('/keep', get('/keep', 'TE: trailers', 'Keep-Alive: 5')),
    http('two at once', get('/') + get('/x')),
  ],
};

export const proxies: HttpSuite = { name: 'proxies', sites: [targets, requests] };
