// Requests that are refused before anything looks at them: the answer and the record, as nginx has both.
import { type Case, closing, get, HOST, KEPT, post, request, testCases } from '../support/http-cases.ts';
import { defaultTarget } from '../support/target.ts';

const CONFIG = `http { access_log off;
  server { listen @WEB@; server_name a.test; location / { return 200 text; } }
}`;

const REFUSED = closing('400 Bad Request');
const LINE = 'while reading client request line';
const HEADERS = 'while reading client request headers';

const refused = (name: string, sent: string, log: string): Case => ({ name, sent, got: [REFUSED], log });

const CASES: readonly Case[] = [
  refused('no Host', 'GET / HTTP/1.1\r\n\r\n', `client sent HTTP/1.1 request without "Host" header ${HEADERS}`),
  refused('an empty Host', 'GET / HTTP/1.0\r\nHost:\r\n\r\n', `client sent invalid host header ${HEADERS}`),
  refused('a slash in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', `client sent invalid host header ${HEADERS}`),
  refused('dots in Host', 'GET / HTTP/1.1\r\nHost: a..b\r\n\r\n', `client sent invalid host header ${HEADERS}`),
  refused(
    'two Hosts',
    get('/', 'Host: b.test'),
    `client sent duplicate host header: "Host: b.test", previous value: "Host: a.test" ${HEADERS}`,
  ),
  refused(
    'a bad host in the URI',
    `GET http:///x HTTP/1.1\r\n${HOST}\r\n`,
    `client sent invalid host in request line ${LINE}`,
  ),

  refused('a method in lower case', `get / HTTP/1.1\r\n${HOST}\r\n`, `client sent invalid method ${LINE}`),
  refused('no request at all', 'hello\r\n', `client sent invalid method ${LINE}`),
  refused('a TLS client', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', `client sent invalid method ${LINE}`),
  refused('a space in the URI', `GET /a b HTTP/1.1\r\n${HOST}\r\n`, `client sent invalid request ${LINE}`),
  refused('a control byte in the URI', `GET /a\x01 HTTP/1.1\r\n${HOST}\r\n`, `client sent invalid request ${LINE}`),
  refused('a way above the root', get('/../x'), `client sent invalid request ${LINE}`),
  refused('a broken escape', get('/%zz'), `client sent invalid request ${LINE}`),
  refused('an escaped NUL', get('/%00'), `client sent invalid request ${LINE}`),
  refused('an asterisk', request('OPTIONS', '*'), `client sent invalid request ${LINE}`),
  refused('a URI without slash', get('x'), `client sent invalid request ${LINE}`),
  refused('CONNECT to a host', request('CONNECT', 'a.test:80'), `client sent invalid request ${LINE}`),
  refused('HTTP/0.9 by its number', `GET / HTTP/0.9\r\n${HOST}\r\n`, `client sent invalid request ${LINE}`),
  refused('a header name with a space', get('/', 'A B: u'), 'client sent invalid header line'),
  refused('a folded header line', get('/', 'A: b', ' c'), 'client sent invalid header line'),
  refused('a NUL in a header line', get('/', 'A: b\0c'), 'client sent invalid header line'),
  refused(
    'CL and TE',
    post('/', 'abc', 'Transfer-Encoding: chunked'),
    'client sent "Content-Length" and "Transfer-Encoding"',
  ),
  refused('two lengths', post('/', 'abc', 'Content-Length: 3'), 'client sent duplicate header line: "Content-Length'),
  refused(
    'no number for a length',
    request('POST', '/', 'Content-Length: +1'),
    'client sent invalid "Content-Length" header',
  ),
  refused(
    'chunked in HTTP/1.0',
    'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    `client sent HTTP/1.0 request with "Transfer-Encoding" header ${HEADERS}`,
  ),
  {
    name: 'an unknown coding',
    sent: request('POST', '/', 'Transfer-Encoding: gzip'),
    got: [closing('501 Not Implemented')],
    log: `client sent unknown "Transfer-Encoding": "gzip" ${HEADERS}`,
  },
  {
    name: 'HTTP/2.0',
    sent: `GET / HTTP/2.0\r\n${HOST}\r\n`,
    got: [closing('505 HTTP Version Not Supported')],
    log: `client sent invalid version ${LINE}`,
  },
  {
    name: 'HTTP/3.0',
    sent: `GET / HTTP/3.0\r\n${HOST}\r\n`,
    got: [closing('505 HTTP Version Not Supported')],
    log: `client sent invalid version ${LINE}`,
  },
  ...['TRACE', 'CONNECT'].map((method) => ({
    name: method,
    sent: request(method, '/'),
    got: [closing('405 Not Allowed')],
    log: `client sent ${method} method ${HEADERS}`,
  })),
  {
    name: 'what is broken is answered in its turn',
    sent: `${get('/').repeat(2)}bad\r\n`,
    got: [KEPT, KEPT, REFUSED],
    log: 'client sent invalid method while reading client pipelined request line, client: 127.0.0.1, server: a.test, request: "bad"',
  },
  {
    name: 'an odd header name is left out',
    sent: get('/', 'A_B: u'),
    got: [KEPT],
    log: `client sent invalid header line: "A_B: u" ${HEADERS}`,
  },
  {
    name: 'a request line of more than 8k',
    sent: get(`/${'a'.repeat(9000)}`),
    got: [closing('414 Request-URI Too Large')],
    log: `client sent too long URI ${LINE}`,
  },
  {
    name: 'a request line that no end is seen of',
    sent: `GET /${'a'.repeat(40_000)}`,
    got: [closing('414 Request-URI Too Large')],
    log: `client sent too long URI ${LINE}`,
  },
  ...[
    ['a header line of more than 8k', `A: ${'a'.repeat(9000)}`],
    ['header lines of more than four buffers', ...[1, 2, 3, 4, 5].map(() => `A: ${'a'.repeat(7000)}`)],
  ].map(([name = '', ...lines]) => ({
    name,
    sent: get('/', ...lines),
    got: [closing('400 Bad Request', '400 Request Header Or Cookie Too Large')],
    log: 'client sent too ',
  })),
];

/** nginx takes these, and node:http does not. */
const STRICTER: readonly (readonly [string, string])[] = [
  ['a method that nobody knows', request('FOO', '/')],
  ['lines that end by LF', `GET / HTTP/1.1\n${HOST}\n`],
  ['a header line that ends by LF', 'GET / HTTP/1.1\r\nHost: a.test\n\r\n'],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`],
  ['a space behind the version', `GET / HTTP/1.1 \r\n${HOST}\r\n`],
  ['a header line without colon', get('/', 'Abc')],
  ['a control byte in a header line', get('/', 'A: b\x01c')],
  ['a header name with a bracket', get('/', 'A(B: u')],
  ['a byte from 0x80 in the URI', get('/\xe9')],
];

const isNginx = defaultTarget().name === 'nginx';

testCases(
  () => ({ config: CONFIG }),
  [
    ...CASES,
    {
      name: 'more than a thousand header lines',
      sent: get('/', ...Array.from({ length: 1000 }, () => 'A: b')),
      got: [closing('400 Bad Request', '400 Request Header Or Cookie Too Large')],
      log: `client sent too many header lines ${HEADERS}`,
      skip: isNginx && 'the installed one is older than max_headers',
    },
    ...STRICTER.map(([name, sent]) => ({
      name: `${name} is refused`,
      sent,
      got: [REFUSED],
      skip: isNginx && 'nginx takes it',
    })),
  ],
);
