// What HTTP clients send and get, to the byte: connections, servers, bodies. The same holds for nginx.
import {
  type Case,
  CLOSED,
  chunked,
  closing,
  get,
  HOST,
  KEPT,
  kept,
  LAST,
  post,
  request,
  staying,
  testCases,
} from '../support/http-cases.ts';
import { defaultTarget } from '../support/target.ts';

const CONFIG = `http { access_log off; root @DIR@; client_max_body_size 10;
  server { listen @WEB@; server_name a.test;
    location / { return 200 text; }
    location /none { return 204; }
    location /page { return 404; }
    location /bad { return 400; }
    location /code { return 418; }
    location /silent { return 444; }
    location /away { return 301 /x?y=z; }
    location /off { server_tokens off; return 404; }
    location /file { }
    location /once { keepalive_timeout 0; return 200 once; }
    location /thrice { keepalive_requests 3; return 200 thrice; }
    location /told { keepalive_timeout 30s 25s; return 200 told; }
    location /pass/ { proxy_pass http://@WEB@/; }
  }
  server { listen @WEB@; server_name b.test *.c.test; return 200 b; }
}`;

const B = 'HTTP/1.1 200 OK|Content-Type: text/plain|Content-Length: 1|Connection: keep-alive||b';
const isNginx = defaultTarget().name === 'nginx';

const CASES: readonly Case[] = [
  kept('GET', get('/'), KEPT),
  { name: 'HEAD', sent: request('HEAD', '/'), isHead: true, got: [KEPT.replace(/text$/, '')] },
  kept('204 has neither type nor length', get('/none'), 'HTTP/1.1 204 No Content|Connection: keep-alive||'),
  kept('a page', get('/page'), staying('404 Not Found')),
  kept('a page without version', get('/off'), staying('404 Not Found')),
  kept('400 closes', get('/bad'), closing('400 Bad Request')),
  kept('a code that nobody knows', get('/code'), 'HTTP/1.1 418 |Content-Length: 0|Connection: keep-alive||'),
  { name: '444 closes without an answer', sent: get('/silent'), got: [] },
  kept(
    'a redirect is made absolute',
    get('/away'),
    'HTTP/1.1 301 Moved Permanently|Content-Type: text/html|Location: http://a.test:PORT/x?y=z|Connection: keep-alive||<301 Moved Permanently>',
  ),

  ...['', '?a=b'].map((args) =>
    kept(
      `a location that lacks its slash${args}`,
      get(`/pass${args}`),
      `HTTP/1.1 301 Moved Permanently|Content-Type: text/html|Location: http://a.test:PORT/pass/${args}|` +
        'Connection: keep-alive||<301 Moved Permanently>',
    ),
  ),
  kept('slashes are merged, dots resolved', get('//x/.././/none'), 'HTTP/1.1 204 No Content|Connection: keep-alive||'),

  kept('HTTP/1.0 closes', 'GET / HTTP/1.0\r\n\r\n', CLOSED),
  kept('HTTP/1.0 stays on demand', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', KEPT),
  kept('Connection: close', get('/', 'Connection: close'), CLOSED),
  kept('what follows the last request is not read', `GET / HTTP/1.0\r\n\r\n${get('/')}`, CLOSED),
  kept(
    'keepalive_timeout 0',
    get('/once'),
    CLOSED.replace('4', '4')
      .replace('text', 'text')
      .replace(/\|\|text$/, '||once'),
  ),
  kept(
    'keepalive_requests',
    get('/thrice').repeat(5),
    ...[1, 2].map(() => KEPT.replace('Length: 4', 'Length: 6').replace(/text$/, 'thrice')),
    CLOSED.replace('Length: 4', 'Length: 6').replace(/text$/, 'thrice'),
  ),
  kept(
    'Keep-Alive is told',
    get('/told'),
    KEPT.replace('keep-alive', 'keep-alive|Keep-Alive: timeout=25').replace(/text$/, 'told'),
  ),
  kept('pipelining', get('/').repeat(3), KEPT, KEPT, KEPT),
  kept('empty lines before a request', `\r\n\r\n${get('/')}`, KEPT),

  kept('a server by its name', 'GET / HTTP/1.1\r\nHost: B.test.:80\r\n\r\n', B),
  kept('a server by its suffix', 'GET / HTTP/1.1\r\nHost: x.y.c.test\r\n\r\n', B),
  kept('a server by the URI', `GET http://b.test/ HTTP/1.1\r\n${HOST}\r\n`, B),
  kept('an odd port', 'GET / HTTP/1.1\r\nHost: b.test:x\r\n\r\n', B),
  kept('a body that nobody reads', post('/', 'abc'), KEPT),
  kept('a chunked body that nobody reads', chunked('/', '3\r\nabc\r\n0\r\n\r\n'), KEPT),
  kept('a body that is read', post('/pass/', 'abc'), KEPT),
  kept('a chunked body that is read', chunked('/pass/', '3\r\nabc\r\n0\r\n\r\n'), KEPT),
  {
    name: 'a body that is too large',
    sent: post('/', '0123456789a'),
    got: [closing('413 Request Entity Too Large')],
    log: 'client intended to send too large body: 11 bytes, client: 127.0.0.1, server: a.test, request: "POST / HTTP/1.1", host: "a.test"',
  },
  {
    name: 'a chunked body that is too large',
    sent: chunked('/pass/', '3\r\nabc\r\n9\r\n012345678\r\n0\r\n\r\n'),
    got: [closing('413 Request Entity Too Large')],
    log: 'client intended to send too large chunked body: 3+9 bytes, client: 127.0.0.1',
  },
  ...['/', '/pass/'].map((target) => ({
    name: `a broken chunk for ${target}`,
    sent: chunked(target, 'zz\r\n'),
    got: [closing('400 Bad Request')],
    log: 'client sent invalid chunked body, client: 127.0.0.1',
  })),
  kept('Expect, and a body that is taken', post('/', 'abc', 'Expect: 100-continue'), 'HTTP/1.1 100 Continue||', KEPT),
  kept('Expect, and an error page', post('/page', 'abc', 'Expect: 100-continue'), staying('404 Not Found')),
  kept(
    'Expect, and a body that is read',
    post('/pass/', 'abc', 'Expect: 100-continue'),
    'HTTP/1.1 100 Continue||',
    KEPT,
  ),
  kept('another Expect counts for nothing', post('/', 'abc', 'Expect: x'), KEPT),
  {
    name: 'a request for an upgrade is answered, and is the last one',
    sent: get('/') + get('/', 'Connection: upgrade', 'Upgrade: websocket') + LAST,
    got: [KEPT, CLOSED],
    skip: isNginx && 'nginx goes on',
  },
];

testCases(() => ({ config: CONFIG }), CASES);
