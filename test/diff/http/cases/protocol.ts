// Connections and bodies: keep-alive, pipelining, HTTP/1.0, Expect, chunks, limits, and requests that are broken.
import { chunkedPost, get, gets, type HttpSuite, head, http, post, request, type Site } from '../site.ts';

const old = (target: string, ...lines: readonly string[]): string =>
  [`GET ${target} HTTP/1.0`, ...lines, '', ''].join('\r\n');

const keepalive: Site = {
  name: 'connections',
  conf: `
    root @DOCS@;
    location / { return 200 x; }
    location /zero { keepalive_timeout 0; return 200 x; }
    location /two { keepalive_requests 2; return 200 x; }
    location /one { keepalive_requests 1; return 200 x; }
    location /told { keepalive_timeout 75 30; return 200 x; }
    location /told0 { keepalive_timeout 75 0; return 200 x; }
    location /page { return 404; }
    location /bad { return 400; }
    location /500 { return 500; }
    location /files/ { alias @DOCS@/; }
    location /silent { return 444; }
    location /disable { keepalive_disable none; return 200 x; }`,
  cases: [
    ...gets('/', '/zero', '/one', '/told', '/told0', '/page', '/bad', '/500', '/disable'),
    http('Connection: close', get('/', 'Connection: close')),
    http('Connection: Close', get('/', 'Connection: Close')),
    http('Connection: keep-alive', get('/', 'Connection: keep-alive')),
    http('Connection: a list', get('/', 'Connection: foo, close')),
    http('Connection: nonsense', get('/', 'Connection: nonsense')),
    http('Connection: TE, close', get('/', 'Connection: TE, close')),
    http('two Connection lines', get('/', 'Connection: keep-alive', 'Connection: close'), {
      changed: { why: 'the later line counts', replace: [] },
    }),
    http('HTTP/1.0', old('/')),
    http('HTTP/1.0 and keep-alive', old('/', 'Connection: keep-alive')),
    http('HTTP/1.0 and Keep-Alive', old('/', 'Connection: Keep-Alive', 'Keep-Alive: 300')),
    http('HTTP/1.0 and close', old('/', 'Connection: close')),
    http('HTTP/1.0 and 204', old('/page', 'Connection: keep-alive')),
    http('HTTP/1.0 and a file', old('/files/a.txt', 'Connection: keep-alive')),
    http('two at once', get('/') + get('/page')),
    http('five at once', get('/').repeat(5)),
    http('one after the other', [get('/'), get('/page'), get('/')]),
    http('the last one closes', get('/') + get('/', 'Connection: close'), {}),
    http('nothing behind the last one', { send: get('/', 'Connection: close') + get('/page'), answers: 1 }),
    http('keepalive_requests', get('/two') + get('/two')),
    http('keepalive_requests and a third', { send: get('/two').repeat(3), answers: 2 }),
    http('keepalive_timeout 0 and another', { send: get('/zero') + get('/'), answers: 1 }),
    http('404 and another', get('/page') + get('/')),
    http('400 and another', { send: get('/bad') + get('/'), answers: 1 }),
    http('444 and another', { send: get('/silent') + get('/'), answers: 1 }),
    http('POST and another', post('/', 'body') + get('/')),
    http('POST of a page and another', post('/page', 'body') + get('/')),
    http('HEAD and another', head('/') + get('/')),
    http('HEAD of a file and another', head('/files/a.txt') + get('/')),
    http('empty lines before', `\r\n\r\n${get('/')}`),
    http('empty lines between', `${get('/')}\r\n\r\n${get('/')}`),
    http(
      'methods',
      ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'COPY', 'MOVE', 'LOCK', 'UNLOCK']
        .map((m) => request(m, '/'))
        .join(''),
    ),
    http('TRACE', request('TRACE', '/')),
    http('the client closes at once', get('/'), { ends: true }),
    http('an MSIE', get('/page', 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0)'), {
      changed: {
        why: 'there is no padding',
        replace: [
          [/<!--[\s\S]*-->\r\n/, ''],
          [/Content-Length: \d+ and a name/, 'Content-Length: 141 and a name'],
        ],
      },
    }),
  ],
};

const bodies: Site = {
  name: 'bodies',
  conf: `
    client_max_body_size 20;
    location / { return 200 "[$content_length] [$http_transfer_encoding] [$request_body]"; }
    location /chunks { return 200 "[$http_transfer_encoding] [$request_body]"; }
    location /length { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Length $content_length; proxy_set_header X-Body $request_body; }
    location /pass { proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /unlimited { client_max_body_size 0; proxy_pass http://@B1@; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location /file { alias @DOCS@/a.txt; }
    location /none { return 204; }
    location /page { return 403; }
    location /moved { return 301 /x; }
    location /small { client_max_body_size 3; return 200 small; }
    location /error { client_max_body_size 3; error_page 413 =200 /; return 200 never; }`,
  cases: [
    http('a body', post('/', 'abc')),
    http('an empty body', post('/', '')),
    http('no length', request('POST', '/')),
    http('a body of a GET', request('GET', '/', ['Content-Length: 3'], 'abc') + get('/')),
    http('too large', post('/small', 'abcd')),
    http('just right', post('/small', 'abc')),
    http('too large, with an error page', post('/error', 'abcd')),
    http('too large a length alone', { send: request('POST', '/small', ['Content-Length: 100']) }),
    http('too large to pass', post('/pass', 'x'.repeat(21))),
    http('passed', post('/pass', 'x'.repeat(20))),
    http('passed, empty', post('/pass', '')),
    http('passed without limit', post('/unlimited', 'x'.repeat(3000))),
    http('chunks', chunkedPost('/chunks', '3\r\nabc\r\n0\r\n\r\n')),
    http('chunks that are passed', chunkedPost('/pass', '3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n')),
    http('the length of chunks', chunkedPost('/length', '3\r\nabc\r\n0\r\n\r\n')),
    http('the length of a body', post('/length', 'abc')),
    http('the length of none', get('/length')),
    http('chunks with extensions', chunkedPost('/pass', '3;a=b\r\nabc\r\n0;x\r\n\r\n')),
    http('chunks with a trailer', chunkedPost('/pass', '3\r\nabc\r\n0\r\nX: y\r\n\r\n') + get('/')),
    http('chunks in upper and lower case', chunkedPost('/pass', 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n')),
    http('chunks with leading zeros', chunkedPost('/pass', '0003\r\nabc\r\n000\r\n\r\n')),
    http('chunks, none', chunkedPost('/pass', '0\r\n\r\n')),
    http('chunks and another request', chunkedPost('/chunks', '3\r\nabc\r\n0\r\n\r\n') + get('/')),
    http('too many chunks', chunkedPost('/pass', 'f\r\n0123456789abcde\r\nf\r\n0123456789abcde\r\n0\r\n\r\n'), {
      whole: true,
    }),
    http('a broken chunk', chunkedPost('/pass', 'xyz\r\nabc\r\n0\r\n\r\n')),
    http('a broken chunk that nobody reads', chunkedPost('/', 'xyz\r\n')),
    http('a chunk without end', chunkedPost('/pass', '3\r\nabcd\r\n0\r\n\r\n')),
    http('chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    http('another coding', request('POST', '/', ['Transfer-Encoding: gzip'])),
    http('identity', request('POST', '/', ['Transfer-Encoding: identity'])),
    http('Chunked', request('POST', '/pass', ['Transfer-Encoding: Chunked'], '3\r\nabc\r\n0\r\n\r\n')),
    http('a file', post('/file', 'abc')),
    http('204', post('/none', 'abc') + get('/')),
    http('a page', post('/page', 'abc') + get('/')),
    http('a redirect', post('/moved', 'abc') + get('/')),
    http('Expect', [
      { send: request('POST', '/pass', ['Content-Length: 3', 'Expect: 100-continue']), until: 'continue' },
      { send: 'abc', answers: 1 },
    ]),
    http('Expect with the body at once', { send: post('/pass', 'abc', 'Expect: 100-continue'), answers: 1 }),
    http('Expect for what is too large', {
      send: request('POST', '/pass', ['Content-Length: 30', 'Expect: 100-continue']),
    }),
    http('Expect for a page', { send: post('/page', 'abc', 'Expect: 100-continue'), answers: 1 }),
    http('Expect for a text', { send: post('/', 'abc', 'Expect: 100-continue'), answers: 1 }),
    http('Expect of something else', post('/', 'abc', 'Expect: something')),
    http('Expect in HTTP/1.0', 'POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc'),
    http('Expect without a body', get('/', 'Expect: 100-continue')),
    http('the client closes within a body', request('POST', '/pass', ['Content-Length: 10'], 'abc'), { ends: true }),
    http('the client closes within chunks', chunkedPost('/pass', '3\r\na'), { ends: true }),
  ],
};

const limits: Site = {
  name: 'limits',
  conf: `
    client_header_buffer_size 1k; large_client_header_buffers 4 2k;
    location / { return 200 "x"; }`,
  cases: [
    http('a line that fits', get(`/${'x'.repeat(1500)}`)),
    http('a line that just fits', get(`/${'x'.repeat(2048 - 'GET / HTTP/1.1\r\n'.length)}`), { whole: true }),
    http('a line that is one too long', get(`/${'x'.repeat(2049 - 'GET / HTTP/1.1\r\n'.length)}`), { whole: true }),
    http('a line that does not fit', get(`/${'x'.repeat(2500)}`), { whole: true }),
    http('a header that fits', get('/', `X: ${'y'.repeat(1900)}`)),
    http('a header that does not', get('/', `X: ${'y'.repeat(2500)}`), { whole: true }),
    http('headers that fit', get('/', ...Array.from({ length: 3 }, (_, i) => `X${i}: ${'y'.repeat(1900)}`))),
    http('headers that do not', get('/', ...Array.from({ length: 8 }, (_, i) => `X${i}: ${'y'.repeat(1900)}`)), {
      whole: true,
      log: false,
    }),
    http('many small headers', get('/', ...Array.from({ length: 100 }, (_, i) => `X${i}: y`))),
    http('a long header behind another request', get('/') + get('/', `X: ${'y'.repeat(2500)}`), { whole: true }),
  ],
};

const JOINED = {
  changed: {
    why: 'since 1.23.0 lines of one name are joined',
    replace: [
      [/"a" "-" a.test/, '"a, b" "-" a.test'],
      [/"-" "a" a.test/, '"-" "a, b" a.test'],
    ],
  },
} as const;

/** docs/differences.md: records of broken requests have no header in them; so `log: false` where they differ. */
const broken: Site = {
  name: 'broken',
  conf: 'location / { return 200 "$uri $http_x $http_x_y"; }',
  cases: [
    http('a method in lower case', 'get / HTTP/1.1\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('no URI', 'GET\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('no version', 'GET /\u0001 HTTP/1.1\r\n\r\n', { whole: true, log: false }),
    http('HTTP/1.', 'GET / HTTP/1.\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('HTTP/x', 'GET / HTTP/x\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('another protocol', 'GET / FTP/1.1\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('spaces within the URI', 'GET /a b HTTP/1.1\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('garbage', 'x\r\n\r\n', { whole: true }),
    http('binary', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', { whole: true, log: false }),
    http('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { whole: true, log: false }),
    http('CONNECT of a host', 'CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n', { whole: true }),
    http('CONNECT of a path', 'CONNECT / HTTP/1.1\r\nHost: a.test\r\n\r\n', { whole: true, log: false }),
    http('an underscore in a name', get('/', 'X_Y: 1', 'X: 2')),
    http('a dot in a name', get('/', 'X.Y: 1')),
    http('a space in a name', get('/', 'X Y: 1'), { whole: true, log: false }),
    http('a space behind a name', get('/', 'X : 1'), { whole: true, log: false }),
    http('an empty name', get('/', ': 1'), { whole: true, log: false }),
    http('an empty value', get('/', 'X:')),
    http('white space around a value', get('/', 'X:   a  ')),
    http('a folded line', get('/', 'X: a', ' b'), { whole: true, log: false }),
    http('two lengths', request('POST', '/', ['Content-Length: 3', 'Content-Length: 3'], 'abc'), {
      whole: true,
      log: false,
    }),
    http('a length that is none', request('POST', '/', ['Content-Length: x']), { whole: true, log: false }),
    http('a negative length', request('POST', '/', ['Content-Length: -1']), { whole: true, log: false }),
    http('a huge length', request('POST', '/', ['Content-Length: 99999999999999999999']), { whole: true, log: false }),
    http('length and chunks', request('POST', '/', ['Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), {
      whole: true,
      log: false,
    }),
    ...[
      'If-Match',
      'If-None-Match',
      'If-Modified-Since',
      'If-Unmodified-Since',
      'If-Range',
      'Authorization',
      'Content-Range',
      'Transfer-Encoding',
    ].map((name) => http(`two lines of ${name}`, get('/', `${name}: a`, `${name}: b`))),
    ...[
      'User-Agent',
      'Referer',
      'Range',
      'Accept',
      'Cookie',
      'X-Forwarded-For',
      'Content-Type',
      'Upgrade',
      'Keep-Alive',
    ].map((name) => http(`two lines of ${name}, which are taken`, get('/', `${name}: a`, `${name}: b`), JOINED)),
    http('a referrer', get('/', 'Referer: http://x.test/"a"', 'User-Agent: "me"')),
    http('the client closes in the line', 'GET /a', { ends: true }),
    http('the client closes in the headers', 'GET /a HTTP/1.1\r\nHost: a.te', { ends: true }),
    http('the client closes at once', '', { ends: true }),
  ],
};

export const protocol: HttpSuite = { name: 'protocol', sites: [keepalive, bodies, limits, broken] };
