// Groups of backends, and what becomes of requests when backends fail.
import { get, gets, type HttpCase, type HttpSuite, http, post, request, type Site } from '../site.ts';

const MODERN = 'proxy_http_version 1.1; proxy_set_header Connection "";';
const TEXT = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext';
const failure = (status: number): string => `HTTP/1.1 ${status} X\r\nContent-Length: 4\r\n\r\nfail`;

/** The same request so many times, one after the other: which backend gets it. */
const times = (count: number, target: string): HttpCase[] =>
  Array.from({ length: count }, (_, i) => http(`${target}, ${i + 1}`, get(target)));

const balanced: Site = {
  name: 'balancing',
  http: `
    upstream equal_bl { server @B1@; server @B2@; server @B3@; }
    upstream weights_bl { server @B1@ weight=5; server @B2@; server @B3@ weight=2; }
    upstream backup_bl { server @B1@ down; server @B2@ backup; }
    upstream onlydown_bl { server @B1@ down; }
    upstream deadbackup_bl { server @DEAD@; server @B2@ backup; }
    upstream dead_bl { server @DEAD@; server @B1@; }
    upstream deadnever_bl { server @DEAD@ max_fails=0; server @B1@; }
    upstream alldead_bl { server @DEAD@; server @DEAD@ backup; }
    upstream single_bl { server @DEAD@; }
    upstream hash_bl { hash $arg_k; server @B1@; server @B2@; server @B3@ weight=3; }
    upstream consistent_bl { hash $arg_k consistent; server 127.0.0.1:1 down; server 127.0.0.1:2 down; server @B1@; }
    upstream iphash_bl { ip_hash; server @B1@; server @B2@; server @B3@; }
    upstream least_bl { least_conn; server @B1@; server @B2@ weight=2; }
    upstream random_bl { random; server @B1@; }
    upstream kept_bl { server @B1@; keepalive 4; }
    upstream zone_bl { zone zone_bl 64k; server @B1@; server @B2@; }`,
  conf: `
    ${MODERN}
    location / { return 404; }
${[
  'equal',
  'weights',
  'backup',
  'onlydown',
  'deadbackup',
  'dead',
  'deadnever',
  'alldead',
  'single',
  'hash',
  'consistent',
  'iphash',
  'least',
  'random',
  'kept',
  'zone',
]
  .map((name) => `    location /${name} { proxy_pass http://${name}_bl; add_header X-To "$upstream_status" always; }`)
  .join('\n')}`,
  cases: [
    ...times(7, '/equal'),
    ...times(16, '/weights'),
    ...times(2, '/backup'),
    ...times(2, '/onlydown'),
    ...times(3, '/deadbackup'),
    ...times(4, '/dead'),
    ...times(4, '/deadnever'),
    ...times(3, '/alldead'),
    ...times(3, '/single'),
    ...['a', 'b', 'c', 'key', '12345', ''].flatMap((key) => times(1, `/hash?k=${key}`)),
    ...times(1, '/consistent?k=a'),
    ...times(3, '/iphash'),
    ...times(4, '/least'),
    ...times(1, '/random'),
    ...times(3, '/kept'),
    ...times(4, '/zone'),
  ],
};

/**
 * Left out is what node:http's parser takes for broken in answers (docs/differences.md), and interim answers, which
 * 1.22 does not know. nginx calls an answer complete once its end is handed on, whatever is missing.
 */
const INCOMPLETE = {
  changed: { why: '$request_completion is empty where something is missing', replace: [[/( 200 b=.*\]) OK$/, '$1 ']] },
} as const;

const REASON = {
  changed: {
    why: 'what a backend leaves out is the usual phrase',
    replace: [[/^HTTP\/1\.1 200 ?\r/, 'HTTP/1.1 200 OK\r']],
  },
} as const;

const failures: Site = {
  name: 'failures',
  http: `
    upstream two_fl { server @B1@ max_fails=0; server @B2@ max_fails=0; }
    upstream three_fl { server @B1@ max_fails=0; server @B2@ max_fails=0; server @B3@ max_fails=0; }
    upstream backup_fl { server @B1@ max_fails=0; server @B2@ backup max_fails=0; }
    upstream deadtwo_fl { server @DEAD@ max_fails=0; server @B2@ max_fails=0; }`,
  // Without kept connections, which today's nginx has by default.
  conf: `
    proxy_http_version 1.0;
    location / { proxy_pass http://@B1@; }
    location /dead { proxy_pass http://@DEAD@; }
    location /two { proxy_pass http://two_fl; add_header X-Status $upstream_status always; }
    location /backup { proxy_pass http://backup_fl; }
    location /slow { proxy_read_timeout 200ms; proxy_pass http://@B1@; }
    location /slowtwo { proxy_read_timeout 200ms; proxy_pass http://two_fl; }
    location /off { proxy_next_upstream off; proxy_pass http://two_fl; }
    location /5xx { proxy_next_upstream http_500 http_502 http_503 http_504; proxy_pass http://two_fl; }
    location /404 { proxy_next_upstream http_404 http_403 http_429 error; proxy_pass http://two_fl; }
    location /idempotent { proxy_next_upstream error http_500; proxy_pass http://two_fl; }
    location /nonidempotent { proxy_next_upstream error http_500 non_idempotent; proxy_pass http://two_fl; }
    location /tries { proxy_next_upstream error http_500; proxy_next_upstream_tries 2; proxy_pass http://three_fl; }
    location /three { proxy_next_upstream error http_500; proxy_pass http://three_fl; add_header X-Status $upstream_status always; }
    location /deadtwo { proxy_pass http://deadtwo_fl; }
    location /page { error_page 502 504 =200 @page; proxy_pass http://@DEAD@; }
    location /page504 { proxy_read_timeout 200ms; error_page 502 504 =503 /sorry; proxy_pass http://@B1@; }
    location @page { return 200 "sorry"; }
    location /sorry { return 200 "so sorry"; }
    location /named { error_page 502 = @second; proxy_pass http://@DEAD@; }
    location @second { proxy_pass http://@B2@; }
    location /small { proxy_buffer_size 1k; proxy_buffers 4 1k; proxy_busy_buffers_size 2k; proxy_pass http://@B1@; }`,
  cases: [
    ...gets('/dead', '/page', '/named', '/deadtwo', '/deadtwo?again'),
    http('POST to a dead one', post('/dead', 'abc')),
    http('HEAD of a dead one', request('HEAD', '/dead')),
    http('POST to the next of a dead one', post('/deadtwo', 'abc')),
    http('closes', get('/'), { backend: ['close'] }),
    http('resets', get('/'), { backend: ['reset'] }),
    http('hangs', get('/slow'), { backend: ['hang'] }),
    http('hangs within an error page', get('/page504'), { backend: ['hang'] }),
    http('closes within an error page', get('/page504'), { backend: ['close'] }),
    http('too large a head', get('/small'), { backend: [`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(3000)}\r\n\r\n`] }),
    http('half a head', get('/'), { backend: ['HTTP/1.1 200 OK\r\nConnection: close\r\n'] }),
    http('a body that is too short', get('/'), {
      backend: ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc'],
      ...INCOMPLETE,
    }),
    http('a body that is too long', get('/'), {
      backend: ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabcdef'],
      log: false,
    }),
    http('chunks that break off', get('/'), {
      backend: ['HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
      ...INCOMPLETE,
    }),
    http('chunks that are broken', get('/'), {
      backend: ['HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
      ...INCOMPLETE,
    }),
    http('no reason', get('/'), { backend: ['HTTP/1.1 200\r\nContent-Length: 4\r\n\r\ntext'], ...REASON }),
    http('an empty reason', get('/'), { backend: ['HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\ntext'], ...REASON }),
    http('next after a close', get('/two'), { backend: ['close', TEXT] }),
    http('next after a reset', get('/two'), { backend: ['reset', TEXT] }),
    http('next after a hang', get('/slowtwo'), { backend: ['hang', TEXT] }),
    http('both close', get('/two'), { backend: ['close', 'close'] }),
    http('both hang', get('/slowtwo'), { backend: ['hang', 'hang'] }),
    http('next is off', get('/off'), { backend: ['close', TEXT] }),
    http('backup after a close', get('/backup'), { backend: ['close', TEXT] }),
    ...[500, 502, 503, 504, 404].map((status) =>
      http(`5xx, ${status}`, get('/5xx'), { backend: [failure(status), TEXT] }),
    ),
    http('5xx twice', get('/5xx'), { backend: [failure(500), failure(503)] }),
    ...[403, 404, 429, 500].map((status) => http(`404, ${status}`, get('/404'), { backend: [failure(status), TEXT] })),
    http('404 twice', get('/404'), { backend: [failure(404), failure(404)] }),
    http('a POST is not sent again', post('/idempotent', 'abc'), { backend: ['close', TEXT] }),
    http('a POST with 500 is not sent again', post('/idempotent', 'abc'), { backend: [failure(500), TEXT] }),
    http('a PUT is sent again', request('PUT', '/idempotent', ['Content-Length: 3'], 'abc'), {
      backend: ['close', TEXT],
    }),
    http('a PATCH is not sent again', request('PATCH', '/idempotent', ['Content-Length: 3'], 'abc'), {
      backend: ['close', TEXT],
    }),
    http('a LOCK is not sent again', request('LOCK', '/idempotent'), { backend: ['close', TEXT] }),
    http('non_idempotent', post('/nonidempotent', 'abc'), { backend: ['close', TEXT] }),
    http('tries', get('/tries'), { backend: [failure(500), failure(500), TEXT] }),
    http('three', get('/three'), { backend: [failure(500), 'close', TEXT] }),
    http('three fail', get('/three'), { backend: [failure(500), 'close', failure(500)] }),
  ],
};

export const upstreams: HttpSuite = { name: 'upstreams', sites: [balanced, failures] };
