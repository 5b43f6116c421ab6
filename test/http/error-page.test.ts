// error_page in all of its forms: what answers, with which status, and what becomes of the request. As in nginx.
import { type Case, get, KEPT, post, staying, testCases } from '../support/http-cases.ts';

const CONFIG = `http { access_log off; root @DIR@;
  server { listen @WEB@; server_name a.test;
    add_header U $uri always; add_header M $request_method always;
    location = /last { return 200 text; }
    location /stays { error_page 404 /file; }
    location /own { error_page 404 = /file; }
    location /new { error_page 404 =503 /file; }
    location /moved { error_page 404 =301 /file; }
    location /args { error_page 404 "/shown?$args"; }
    location /shown { return 200 "$request_method $uri $args"; }
    location /named { error_page 404 @name; }
    location @name { return 200 "$request_method $uri $args"; }
    location /named-own { error_page 404 = @other; }
    location @other { error_page 404 /file; }
    location /nameless { error_page 404 @none; }
    location /away { error_page 404 http://x/y?$uri; }
    location /away-301 { error_page 404 =301 http://x/y; }
    location /away-403 { error_page 404 =403 http://x/y; }
    location /odd { error_page 404 elsewhere; }
    location /twice { error_page 404 /none; error_page 405 /file; }
    location /once { error_page 404 /broken; }
    location /broken { error_page 500 /file; return 500; }
    location /again { recursive_error_pages on; error_page 404 /broken-again; }
    location /broken-again { recursive_error_pages on; error_page 500 /file; return 500; }
    location /circle { recursive_error_pages on; error_page 404 /circle; }
    location /redirect { error_page 301 /file; return 301 /x; }
    location /unknown { error_page 418 /file; return 418; }
    location /first { error_page 404 /file; error_page 404 /shown; }
    location /text { error_page 404 /file; return 404 text; }
    location /silent { error_page 444 /file; return 444; }
    location /inside { internal; return 200 inside; }
    location /through { error_page 404 /inside; }
    location /index { error_page 404 /sub/; }
    location /sub/ { index /file; }
    location /large { client_max_body_size 2; error_page 413 /file; }
  }
  server { listen @WEB@; server_name b.test;
    error_page 404 /made; if ($uri = /made) { return 200 made; }
  }
  server { listen @BAD@; error_page 400 414 494 =200 /file; error_page 405 505 /file; }
}`;

const FILE = 'ETag: "ETAG"|U: /file|M: GET||text';
const page = (line: string): string =>
  `HTTP/1.1 ${line}|Content-Type: text/plain|Content-Length: 4|Connection: keep-alive|${FILE}`;
const shown = (line: string, text: string, uri: string, method = 'GET'): string =>
  `HTTP/1.1 ${line}|Content-Type: text/plain|Content-Length: ${text.length}|Connection: keep-alive|U: ${uri}|M: ${method}||${text}`;
const built = (line: string, uri: string): string => staying(line).replace('||', `|U: ${uri}|M: GET||`);
const away = (line: string, location: string, uri: string, title = line): string =>
  `HTTP/1.1 ${line}|Content-Type: text/html|Connection: keep-alive|Location: ${location}|U: ${uri}|M: GET||<${title}>`;

const at = (uri: string, answer: string, log?: string): Case => ({
  name: `an error page of ${uri}`,
  sent: get(`${uri}?q=1`),
  got: [answer],
  ...(log === undefined ? {} : { log }),
});
const fails = (uri: string, shownUri: string, log: string): Case => ({
  name: `an error page of ${uri}`,
  sent: get(uri),
  got: [built('500 Internal Server Error', shownUri).replace('keep-alive', 'close')],
  log,
});

const CASES: readonly Case[] = [
  at('/stays', page('404 Not Found')),
  at(
    '/own',
    page('200 OK')
      .replace('Connection', 'Last-Modified: TIME|Connection')
      .replace('|M: GET', '|M: GET|Accept-Ranges: bytes'),
  ),
  at('/new', page('503 Service Temporarily Unavailable')),
  at('/moved', page('301 Moved Permanently')),
  at('/args', shown('404 Not Found', 'GET /shown q=1', '/shown')),
  at('/named', shown('404 Not Found', 'GET /named q=1', '/named')),
  at('/named-own', built('404 Not Found', '/named-own')),
  at('/away', away('302 Moved Temporarily', 'http://x/y?/away', '/away', '302 Found')),
  at('/away-301', away('301 Moved Permanently', 'http://x/y', '/away-301')),
  at('/away-403', away('302 Moved Temporarily', 'http://x/y', '/away-403', '302 Found')),
  at('/odd', away('302 Moved Temporarily', 'elsewhere', '/odd', '302 Found')),
  at('/twice', built('404 Not Found', '/none')),
  at('/again', page('500 Internal Server Error').replace('keep-alive', 'close')),
  at('/redirect', page('301 Moved Permanently').replace('|Connection', '|Location: http://a.test:PORT/x|Connection')),
  at('/unknown', page('418 ')),
  at('/first', page('404 Not Found')),
  at('/text', shown('404 Not Found', 'text', '/text')),
  at('/through', shown('404 Not Found', 'inside', '/inside')),
  at('/inside', built('404 Not Found', '/inside')),
  at('/index', page('404 Not Found')),
  fails('/nameless', '/nameless', 'could not find named location "@none", client: '),
  fails('/once', '/broken', 'failed (2: No such file or directory), client: '),
  fails(
    '/circle',
    '/circle',
    'rewrite or internal redirection cycle while internally redirecting to "/circle", client: ',
  ),
  { name: 'an error page of 444', sent: get('/silent'), got: [] },
  {
    name: 'POST becomes GET',
    sent: post('/args?a=b', 'abc'),
    got: [shown('404 Not Found', 'GET /shown a=b', '/shown')],
  },
  {
    name: 'POST stays POST in a named location',
    sent: post('/named', 'abc'),
    got: [shown('404 Not Found', 'POST /named ', '/named', 'POST')],
  },
  {
    name: 'an error page of 413',
    sent: post('/large', 'abc'),
    got: [page('413 Request Entity Too Large').replace('keep-alive', 'close')],
  },
  {
    name: 'a condition counts for nothing',
    sent: get('/stays', 'If-None-Match: *', 'Range: bytes=0-1'),
    got: [page('404 Not Found')],
  },
  {
    name: 'rules of the server run again',
    sent: 'GET /none HTTP/1.1\r\nHost: b.test\r\n\r\n',
    got: [KEPT.replace('200 OK', '404 Not Found').replace(/text$/, 'made')],
  },
];

const hidden = (answer: string): string =>
  answer.replace(/ETag: "[^"]*"/, 'ETag: "ETAG"').replace(/Last-Modified: [^|]*/, 'Last-Modified: TIME');

testCases(
  () => ({ config: CONFIG, files: { file: 'text' } }),
  CASES,
  KEPT.replace('keep-alive', 'close').replace('||', '|U: /last|M: GET||'),
  hidden,
);
