// proxy_pass: what becomes of a backend's answer.
import { get, type HttpSuite, head, http, post, type Site } from '../site.ts';

/** The defaults of 1.22 and today differ. */
const MODERN = 'proxy_http_version 1.1; proxy_set_header Connection "";';

const OK = 'HTTP/1.1 200 OK\r\n';

const TEXT = 'Content-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext';

/** An answer of a backend, and what is asked. */
const answered = (name: string, answer: string, asked: string = get('/')) => http(name, asked, { backend: [answer] });

const answers: Site = {
  name: 'answers',
  conf: `
    ${MODERN}
    root @DOCS@;
    location / { proxy_pass http://@B1@; }
    location /hide { proxy_hide_header X-One; proxy_hide_header Content-Language; proxy_pass http://@B1@; }
    location /pass { proxy_pass_header Server; proxy_pass_header Date; proxy_pass_header X-Accel-Expires; proxy_pass_header X-Pad; proxy_pass http://@B1@; }
    location /added { add_header X-Added 1; add_header X-Upstream "$upstream_status $upstream_http_x_one"; proxy_pass http://@B1@; }
    location /cookies { proxy_cookie_domain back.test front.test; proxy_cookie_domain .dot.test .undot.test; proxy_cookie_domain ~re(\\d)\\.test$ $1.new.test; proxy_cookie_path /in/ /out/; proxy_cookie_flags one secure samesite=lax; proxy_cookie_flags ~^[bc]$ httponly samesite=strict; proxy_cookie_flags e nosecure; proxy_pass http://@B1@; }
    location /cookieoff { proxy_cookie_path off; proxy_cookie_domain off; proxy_pass http://@B1@; }
    location /intercept { proxy_intercept_errors on; error_page 404 /page.html; error_page 500 =200 /a.txt; error_page 503 @named; error_page 401 /page.html; proxy_pass http://@B1@; }
    location /page.html { }
    location /a.txt { }
    location /inner/ { internal; alias @DOCS@/; }
    location /shown { return 200 "$uri $args"; }
    location @named { add_header X-Named 1; return 202 "named $uri"; }
    location /ignored { proxy_ignore_headers X-Accel-Redirect; proxy_pass http://@B1@; }
    location /charset { charset utf-8; proxy_pass http://@B1@; }
    location /unbuffered { proxy_buffering off; proxy_pass http://@B1@; }
    location /unchunked { chunked_transfer_encoding off; proxy_pass http://@B1@; }
    location /small { proxy_buffer_size 1k; proxy_buffers 4 1k; proxy_busy_buffers_size 2k; proxy_pass http://@B1@; }`,
  cases: [
    answered('a text', `${OK}${TEXT}`),
    answered(
      'lines',
      `${OK}X-One: 1\r\nx-two: 2\r\nX-One: 3\r\nServer: back\r\nDate: Fri, 01 Mar 2024 12:34:56 GMT\r\nX-Pad: x\r\nX-Accel-Expires: 1\r\n${TEXT}`,
    ),
    answered(
      'names of lines',
      `${OK}CONTENT-TYPE: a/b\r\ncontent-length: 4\r\nETAG: "x"\r\nlast-modified: Fri, 01 Mar 2024 12:34:56 GMT\r\n\r\ntext`,
    ),
    answered(
      'well-known lines',
      `${OK}Content-Type: a/b\r\nContent-Length: 4\r\nContent-Language: de\r\nContent-Encoding: gzip\r\nETag: "x"\r\nLast-Modified: Fri, 01 Mar 2024 12:34:56 GMT\r\nCache-Control: no-cache\r\nExpires: Fri, 01 Mar 2024 12:34:56 GMT\r\nAccept-Ranges: bytes\r\nVary: x\r\nLink: y\r\nSet-Cookie: a=b\r\nWWW-Authenticate: z\r\nRetry-After: 3\r\nConnection: x\r\nKeep-Alive: 5\r\n\r\ntext`,
    ),
    answered('no type', `${OK}Content-Length: 4\r\n\r\ntext`),
    answered('an empty type', `${OK}Content-Type:\r\nContent-Length: 4\r\n\r\ntext`),
    answered('a type with a charset', `${OK}Content-Type: text/html; charset=x\r\nContent-Length: 4\r\n\r\ntext`),
    answered('an empty line', `${OK}X-Empty:\r\n${TEXT}`),
    answered('a line with a high byte', `${OK}X-High: \u00e9\r\n${TEXT}`),
    answered('no length', `${OK}Connection: close\r\nContent-Type: text/plain\r\n\r\ntext`),
    answered(
      'no length for HTTP/1.0',
      `${OK}Connection: close\r\nContent-Type: text/plain\r\n\r\ntext`,
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    ),
    answered(
      'chunks',
      `${OK}Transfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n4\r\ntext\r\n3\r\nabc\r\n0\r\n\r\n`,
    ),
    answered(
      'chunks for HTTP/1.0',
      `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n`,
      'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    ),
    answered('chunks with a trailer', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\nX: y\r\n\r\n`),
    answered('an empty body', `${OK}Content-Length: 0\r\n\r\n`),
    answered('HTTP/1.0', 'HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ntext'),
    answered('another reason', 'HTTP/1.1 200 Fine\r\nContent-Length: 4\r\n\r\ntext'),
    answered('204', 'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n'),
    answered('304', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Type: a/b\r\n\r\n'),
    answered('206', `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10\r\n${TEXT}`),
    ...[201, 299, 300, 302, 400, 401, 403, 404, 412, 418, 429, 500, 502, 503, 504, 599, 999].map((status) =>
      answered(`status ${status}`, `HTTP/1.1 ${status} Some Reason\r\n${TEXT}`),
    ),
    answered('HEAD', `${OK}Content-Type: text/plain\r\nContent-Length: 400\r\n\r\n`, head('/')),
    answered('HEAD without length', `${OK}Content-Type: text/plain\r\n\r\n`, head('/')),
    answered('HEAD and chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n`, head('/')),
    answered('conditions are not ours', `${OK}ETag: "x"\r\n${TEXT}`, get('/', 'If-None-Match: "x"')),
    answered('ranges are not ours', `${OK}${TEXT}`, get('/', 'Range: bytes=0-1')),
    answered('ranges of what accepts them', `${OK}Accept-Ranges: bytes\r\n${TEXT}`, get('/', 'Range: bytes=0-1')),
    ...['/hide', '/pass', '/added', '/charset', '/unbuffered', '/unchunked'].map((target) =>
      answered(
        target,
        `${OK}X-One: 1\r\nServer: back\r\nContent-Language: de\r\nDate: Fri, 01 Mar 2024 12:34:56 GMT\r\nX-Accel-Expires: 1\r\nX-Pad: x\r\n${TEXT}`,
        get(target),
      ),
    ),
    answered('unchunked', `${OK}Connection: close\r\n\r\ntext`, get('/unchunked')),
    answered('added to an error', `HTTP/1.1 404 Not Found\r\nX-One: 1\r\n${TEXT}`, get('/added')),
    answered(
      'cookies',
      `${OK}Set-Cookie: one=1; Domain=back.test; Path=/in/x\r\nSet-Cookie: two=2; path=/in/; domain=.back.test; HttpOnly\r\nSet-Cookie: three\r\n${TEXT}`,
      get('/cookies'),
    ),
    answered(
      'cookies of other domains',
      `${OK}Set-Cookie: a=1; Domain=BACK.test\r\nSet-Cookie: b=2; domain=x.back.test\r\nSet-Cookie: c=3;domain=.dot.test;path=/in\r\nSet-Cookie: d=4; domain=.re1.test; path=/IN/x\r\nSet-Cookie: e=5; domain=re2.test; Secure\r\nSet-Cookie: f=6; domain=dot.test\r\n${TEXT}`,
      get('/cookies'),
    ),
    answered(
      'cookies as they are',
      `${OK}Set-Cookie: one=1; Domain=back.test; Path=/in/x\r\n${TEXT}`,
      get('/cookieoff'),
    ),
    ...[200, 401, 404, 500, 503, 502].map((status) =>
      answered(
        `intercepted ${status}`,
        `HTTP/1.1 ${status} X\r\nWWW-Authenticate: Basic realm="x"\r\nX-One: 1\r\n${TEXT}`,
        get('/intercept'),
      ),
    ),
    answered(
      'X-Accel-Redirect',
      `${OK}X-Accel-Redirect: /inner/a.txt\r\nX-One: 1\r\nSet-Cookie: a=b\r\nCache-Control: x\r\nContent-Disposition: y\r\nContent-Type: own/type\r\nContent-Length: 4\r\n\r\ntext`,
    ),
    answered('X-Accel-Redirect without type', `${OK}X-Accel-Redirect: /inner/page.html\r\nContent-Length: 0\r\n\r\n`),
    answered('X-Accel-Redirect with arguments', `${OK}X-Accel-Redirect: /shown?a=b\r\nContent-Length: 0\r\n\r\n`),
    answered('X-Accel-Redirect to a name', `${OK}X-Accel-Redirect: @named\r\nContent-Length: 0\r\n\r\n`),
    answered('X-Accel-Redirect to nothing', `${OK}X-Accel-Redirect: /inner/none\r\nContent-Length: 0\r\n\r\n`),
    answered('X-Accel-Redirect above the root', `${OK}X-Accel-Redirect: /../x\r\nContent-Length: 0\r\n\r\n`),
    answered(
      'X-Accel-Redirect of a 404',
      `HTTP/1.1 404 Not Found\r\nX-Accel-Redirect: /shown\r\nContent-Length: 0\r\n\r\n`,
    ),
    answered(
      'X-Accel-Redirect of a POST',
      `${OK}X-Accel-Redirect: /inner/a.txt\r\nContent-Length: 0\r\n\r\n`,
      post('/', 'abc'),
    ),
    answered('X-Accel-Redirect that is ignored', `${OK}X-Accel-Redirect: /inner/a.txt\r\n${TEXT}`, get('/ignored')),
    answered('a large answer', `${OK}Content-Length: 100000\r\n\r\n${'z'.repeat(100_000)}`),
    answered('a large answer, small buffers', `${OK}Content-Length: 50000\r\n\r\n${'z'.repeat(50_000)}`, get('/small')),
    answered('many lines', `${OK}${Array.from({ length: 60 }, (_, i) => `X-Line-${i}: ${i}\r\n`).join('')}${TEXT}`),
  ],
};

const redirects: Site = {
  name: 'redirects',
  http: 'upstream group_rd { server @B1@; }',
  conf: `
    ${MODERN}
    location / { proxy_pass http://@B1@; }
    location /in/ { proxy_pass http://@B1@/out/; }
    location /off/ { proxy_redirect off; proxy_pass http://@B1@/out/; }
    location /one/ { proxy_redirect http://back.test/ http://front.test/; proxy_pass http://@B1@; }
    location /relative/ { proxy_redirect http://back.test/ /front/; proxy_pass http://@B1@; }
    location /both/ { proxy_pass http://@B1@/out/; proxy_redirect default; proxy_redirect http://back.test/ /front/; }
    location /regex/ { proxy_redirect ~^http://back\\.test(:\\d+)?/(.*)$ http://front.test$1/$2; proxy_pass http://@B1@; }
    location /regexi/ { proxy_redirect ~*^http://BACK /front; proxy_pass http://@B1@; }
    location /var/ { proxy_redirect http://$arg_h/ http://$host/; proxy_pass http://@B1@; }
    location /slash/ { proxy_redirect / /front/; proxy_pass http://@B1@; }
    location /group/ { proxy_pass http://group_rd/out/; }`,
  cases: [
    ...[
      '/',
      '/in/x',
      '/off/x',
      '/one/x',
      '/relative/x',
      '/both/x',
      '/regex/x',
      '/regexi/x',
      '/var/x?h=back.test',
      '/slash/x',
      '/group/x',
    ].flatMap((target) =>
      ['http://back.test/a', 'http://back.test:81/a?b', '/out/y', '/z', 'relative', 'http://group_rd/out/y', ''].map(
        (location) =>
          answered(
            `${target} to [${location}]`,
            `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`,
            get(target),
          ),
      ),
    ),
    answered(
      '201 with a location',
      'HTTP/1.1 201 Created\r\nLocation: /out/y\r\nContent-Length: 0\r\n\r\n',
      get('/in/x'),
    ),
    answered(
      'refresh',
      'HTTP/1.1 200 OK\r\nRefresh: 5; url=http://back.test/a\r\nContent-Length: 0\r\n\r\n',
      get('/one/x'),
    ),
    answered(
      'refresh in quotes',
      'HTTP/1.1 200 OK\r\nRefresh: 5; url="http://back.test/a"\r\nContent-Length: 0\r\n\r\n',
      get('/one/x'),
    ),
    answered('no location', 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n', get('/in/x')),
  ],
};

export const proxiedAnswers: HttpSuite = { name: 'proxied', sites: [answers, redirects] };
