// error_page: what is shown in place of an error, and how.
import { get, gets, type HttpSuite, head, http, post, request, type Site } from '../site.ts';

const errors: Site = {
  name: 'error_page',
  conf: `
    root @DOCS@;
    error_page 404 /404.html;
    error_page 500 502 503 504 /50x.html;
    error_page 418 /tea;
    location / { }
    location = /404.html { }
    location = /50x.html { internal; }
    location /own { error_page 403 /a.txt; return 403; }
    location /own404 { error_page 403 /a.txt; return 404; }
    location /200 { error_page 404 =200 /page.html; return 404; }
    location /201 { error_page 404 =201 /page.html; return 404; }
    location /bare { error_page 404 = /missing; return 404; }
    location /barefile { error_page 404 = /page.html; return 404; }
    location /missing { return 410 gone; }
    location /uri { error_page 404 /shown?from=$uri&x; return 404; }
    location /shown { return 200 "$uri $args $request_uri $request_method"; }
    location /named { error_page 404 @named; return 404; }
    location /named2 { error_page 404 = @named; return 404; }
    location /named3 { error_page 404 =202 @named; return 404; }
    location @named { return 200 "named $uri"; }
    location /named4 { error_page 404 @code; return 404; }
    location @code { return 503; }
    location /url { error_page 404 http://x.test/gone; return 404; }
    location /url301 { error_page 404 =301 http://x.test/gone?$uri; return 404; }
    location /url307 { error_page 404 =307 https://x.test/gone; return 404; }
    location /url200 { error_page 404 =200 http://x.test/gone; return 404; }
    location /var { error_page 404 $arg_to; return 404; }
    location /chain { error_page 404 /chain2; return 404; }
    location /chain2 { error_page 403 /a.txt; return 403; }
    location /recursive { recursive_error_pages on; error_page 404 /recursive2; return 404; }
    location /recursive2 { recursive_error_pages on; error_page 403 /a.txt; return 403; }
    location /self { error_page 404 /self/x; return 404; }
    location /tea { return 200 "tea $status"; }
    location /418 { return 418; }
    location /lost { error_page 404 /nowhere; return 404; }
    location /301 { error_page 301 /shown; return 301 /x; }
    location /302 { error_page 302 =200 /shown; return 302 /x; }
    location /400 { error_page 400 /shown; return 400; }
    location /413 { client_max_body_size 1; error_page 413 /shown; }
    location /413b { client_max_body_size 1; error_page 413 = @named; }
    location /405 { error_page 405 =200 $uri; }
    location /several { error_page 403 404 =200 /shown; error_page 404 /never; return 404; }
    location /folder/ { alias @DOCS@/empty/; error_page 403 = @named; }
    location /499x { error_page 599 /shown; return 599; }
    location /text { error_page 404 /shown; return 404 "own text"; }
    location /off { error_page 404 /404.html; location /off/x { error_page 403 /a.txt; } }`,
  cases: [
    ...gets(
      '/none',
      '/404.html',
      '/50x.html',
      '/own',
      '/own404',
      '/200',
      '/201',
      '/bare',
      '/barefile',
      '/missing',
      '/uri?y=z',
    ),
    ...gets(
      '/named',
      '/named2',
      '/named3',
      '/named4',
      '/url',
      '/url301',
      '/url307',
      '/url200',
      '/var?to=/a.txt',
      '/var?to=@named',
    ),
    ...gets('/var?to=http://y.test/', '/var', '/chain', '/recursive', '/self', '/418', '/lost', '/301', '/302', '/400'),
    ...gets('/several', '/folder/', '/499x', '/text', '/off/none', '/off/x/none', '/var?to=/none', '/var?to=@none'),
    ...['/none', '/named', '/uri', '/url', '/own404', '/418'].flatMap((target) => [
      http(`HEAD ${target}`, head(target)),
      http(`POST ${target}`, post(target, 'abc')),
    ]),
    http('413', post('/413', 'abc')),
    http('413 of a named location', post('/413b', 'abc')),
    http('405', post('/405', 'abc')),
    http('404 of a PUT', request('PUT', '/none')),
    http('a broken request', 'GET / HTTP/1.1\r\n\r\n'),
    http('a broken request with an error page of 400', 'GET /400 HTTP/1.1\r\n\r\n'),
  ],
};

const broken: Site = {
  name: 'error_page 400',
  conf: `
    root @DOCS@; error_page 400 414 494 /shown; large_client_header_buffers 2 1k; client_header_buffer_size 1k;
    location /shown { return 200 "shown $uri $status"; }
    location / { }`,
  cases: [
    http('no Host', 'GET / HTTP/1.1\r\n\r\n'),
    http('a bad path', get('/%zz')),
    http('a long line', get(`/${'x'.repeat(2000)}`)),
    http('a long header', get('/', `X: ${'x'.repeat(2000)}`)),
    http('two Hosts', get('/', 'Host: a', 'Host: b')),
    http('HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a.test\r\n\r\n'),
  ],
};

export const errorPages: HttpSuite = { name: 'errors', sites: [errors, broken] };
