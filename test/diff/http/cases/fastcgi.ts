// fastcgi_pass: the parameters that a responder gets, and what becomes of its answer.
import type { FastcgiReply } from '../fastcgi-responder.ts';
import { chunkedPost, get, gets, type HttpSuite, head, http, post, request, type Site } from '../site.ts';

const params: Site = {
  name: 'parameters',
  http: 'upstream group_fc { server @FCGI@; }',
  conf: `
    root /srv/www;
    location / { fastcgi_pass @FCGI@; }
    location /all {
      fastcgi_param QUERY_STRING $query_string; fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name; fastcgi_param REQUEST_URI $request_uri; fastcgi_param DOCUMENT_URI $document_uri; fastcgi_param DOCUMENT_ROOT $document_root; fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REQUEST_SCHEME $scheme; fastcgi_param HTTPS $https if_not_empty; fastcgi_param REMOTE_ADDR $remote_addr; fastcgi_param SERVER_ADDR $server_addr; fastcgi_param SERVER_NAME $server_name; fastcgi_param REDIRECT_STATUS 200;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass @FCGI@; }
    location /empty { fastcgi_param EMPTY ""; fastcgi_param MAYBE $arg_x if_not_empty; fastcgi_param NONE $http_none; fastcgi_pass @FCGI@; }
    location /http { fastcgi_param HTTP_X changed; fastcgi_param HTTP_Y ""; fastcgi_param HTTP_Z $arg_z if_not_empty; fastcgi_pass @FCGI@; }
    location /noheaders { fastcgi_pass_request_headers off; fastcgi_param A b; fastcgi_pass @FCGI@; }
    location /nobody { fastcgi_pass_request_body off; fastcgi_param A b; fastcgi_pass @FCGI@; }
    location /index/ { fastcgi_index start.php; fastcgi_param S $fastcgi_script_name; fastcgi_pass @FCGI@; }
    location /noindex/ { fastcgi_param S $fastcgi_script_name; fastcgi_pass @FCGI@; }
    location ~ ^/split/.+\\.php { fastcgi_split_path_info ^(.+?\\.php)(/.*)?$; fastcgi_param S $fastcgi_script_name; fastcgi_param P $fastcgi_path_info; fastcgi_pass @FCGI@; }
    location /inherit { fastcgi_param OUTER 1; location /inherit/own { fastcgi_param OWN 1; fastcgi_pass @FCGI@; } fastcgi_pass @FCGI@; }
    location /group { fastcgi_param A b; fastcgi_pass group_fc; }
    location /var { set $to_fc group_fc; fastcgi_param A b; fastcgi_pass $to_fc; }
    location /kept { fastcgi_keep_conn on; fastcgi_param A b; fastcgi_pass @FCGI@; }
    location /long { fastcgi_param LONG "${'v'.repeat(200)}"; fastcgi_param ${'N'.repeat(100)} x; fastcgi_pass @FCGI@; }
    location /twice { fastcgi_param T 1; fastcgi_param T 2; fastcgi_pass @FCGI@; }`,
  cases: [
    ...gets(
      '/',
      '/x?y',
      '/all/a%20b?c=d%20e',
      '/empty',
      '/empty?x=1',
      '/index/',
      '/index/x.php',
      '/index/?x',
      '/noindex/',
    ),
    ...gets(
      '/split/a.php/info/x?y',
      '/split/a.php',
      '/split/a.php.x',
      '/inherit',
      '/inherit/own',
      '/group',
      '/var',
      '/kept',
      '/long',
      '/twice',
    ),
    http('headers', get('/', 'X-One: 1', 'x-two: 2', 'Accept: */*', 'Cookie: a=b', 'User-Agent: me', 'Empty:')),
    http('headers of one name', get('/', 'X-One: 1', 'X-One: 2', 'x-one: 3'), {
      changed: {
        why: 'since 1.23.0 lines of one name are joined, as CGI wants it',
        replace: [[/ONE=1\nHTTP_X_ONE=2\nHTTP_X_ONE=3/, 'ONE=1, 2, 3']],
      },
    }),
    http(
      'headers about the connection',
      get('/', 'Connection: close', 'Keep-Alive: 5', 'Upgrade: x', 'TE: y', 'Expect: 100-continue'),
    ),
    http('headers and parameters', get('/http?z=1', 'X: a', 'Y: b', 'Z: c')),
    http('headers and no parameter', get('/http', 'X: a', 'Y: b', 'Z: c')),
    http('Proxy', get('/', 'Proxy: http://evil.test'), {
      changed: { why: 'no client chooses the proxy of an application', replace: [[/HTTP_PROXY=.*\n/, '']] },
    }),
    http('HEAD', head('/all')),
    http('POST', post('/all', 'a=b', 'Content-Type: text/x')),
    http('POST of nothing', post('/all', '')),
    http('POST without length', request('POST', '/all')),
    http('chunks', chunkedPost('/all', '3\r\nabc\r\n0\r\n\r\n')),
    http('a large body', post('/all', 'x'.repeat(8000))),
    http('without headers', post('/noheaders', 'abc', 'X: y')),
    http('without body', post('/nobody', 'abc', 'X: y')),
    http('HTTP/1.0', 'GET /all HTTP/1.0\r\n\r\n'),
  ],
};

const answered = (name: string, reply: FastcgiReply, asked: string = get('/')) =>
  http(name, asked, { fastcgi: [reply] });
const TYPE = 'Content-Type: text/plain\r\n';

const answers: Site = {
  name: 'answers',
  conf: `
    root @DOCS@;
    location / { fastcgi_pass @FCGI@; }
    location /dead { fastcgi_pass @DEAD@; }
    location /hide { fastcgi_hide_header X-One; fastcgi_pass @FCGI@; }
    location /pass { fastcgi_pass_header Status; fastcgi_pass_header X-Accel-Expires; fastcgi_pass @FCGI@; }
    location /intercept { fastcgi_intercept_errors on; error_page 404 /page.html; error_page 500 @named; fastcgi_pass @FCGI@; }
    location /page.html { }
    location /a.txt { internal; }
    location @named { return 200 named; }
    location /slow { fastcgi_read_timeout 200ms; fastcgi_pass @FCGI@; }
    location /page { fastcgi_read_timeout 200ms; error_page 502 504 /page.html; fastcgi_pass @FCGI@; }
    location /small { fastcgi_buffer_size 1k; fastcgi_buffers 4 1k; fastcgi_busy_buffers_size 2k; fastcgi_pass @FCGI@; }
    location /unbuffered { fastcgi_buffering off; fastcgi_pass @FCGI@; }`,
  cases: [
    answered('a text', `${TYPE}\r\ntext`),
    answered('bare line ends', 'Content-Type: text/plain\nX-One: 1\n\ntext'),
    answered('a status', `Status: 404 Not There\r\n${TYPE}\r\nmissing`),
    http('a status without reason', get('/'), {
      fastcgi: [`Status: 403\r\n${TYPE}\r\nno`],
      changed: {
        why: 'node:http has a space there in any case',
        replace: [[/^HTTP\/1\.1 403\r/, 'HTTP/1.1 403 Forbidden\r']],
      },
    }),
    answered('a status that is none', `Status: abc\r\n${TYPE}\r\nno`),
    answered('a status line', `HTTP/1.1 201 Made\r\n${TYPE}\r\nyes`),
    answered('a location', 'Location: http://x.test/y\r\n\r\n'),
    answered('a location that is a path', 'Location: /y\r\n\r\n'),
    answered('a location and a status', 'Status: 201 Created\r\nLocation: /y\r\n\r\n'),
    answered(
      'lines',
      `X-One: 1\r\nx-two: 2\r\nX-Powered-By: PHP\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nX-Accel-Expires: 1\r\nServer: x\r\nDate: y\r\n${TYPE}\r\ntext`,
    ),
    answered('a length', `${TYPE}Content-Length: 4\r\n\r\ntext`),
    http('a length that is too large', get('/'), {
      fastcgi: [`${TYPE}Content-Length: 10\r\n\r\ntext`],
      changed: {
        why: '$request_completion is empty where something is missing',
        replace: [[/( 200 b=4 .*\]) OK$/, '$1 ']],
      },
    }),
    answered('a length that is too small', `${TYPE}Content-Length: 2\r\n\r\ntext`),
    answered('no type', 'X: y\r\n\r\ntext'),
    answered('no head', 'text', get('/')),
    answered('nothing', ''),
    answered('an empty body', `${TYPE}\r\n`),
    answered('204', 'Status: 204 No Content\r\n\r\n'),
    answered('304', 'Status: 304 Not Modified\r\n\r\n'),
    answered('HEAD', `${TYPE}\r\ntext`, head('/')),
    answered('HTTP/1.0', `${TYPE}\r\ntext`, 'GET / HTTP/1.0\r\n\r\n'),
    answered('stderr', { stdout: `${TYPE}\r\ntext`, stderr: 'PHP message: x\nsecond line' }),
    answered('stderr with a final newline', { stdout: `${TYPE}\r\ntext`, stderr: 'Primary script unknown\n' }),
    answered('stderr alone', { stdout: '', stderr: 'failed' }),
    answered('an odd status of the application', { stdout: `${TYPE}\r\ntext`, status: 1 }),
    answered('hidden', `X-One: 1\r\n${TYPE}\r\ntext`, get('/hide')),
    answered('passed', `Status: 200 OK\r\nX-Accel-Expires: 1\r\n${TYPE}\r\ntext`, get('/pass')),
    ...[404, 500, 403].map((status) =>
      answered(`intercepted ${status}`, `Status: ${status} X\r\n${TYPE}\r\ntext`, get('/intercept')),
    ),
    answered('closes', 'close'),
    answered('hangs', 'hang', get('/slow')),
    answered('hangs, with an error page', 'hang', get('/page')),
    http('dead', get('/dead')),
    answered('X-Accel-Redirect', 'X-Accel-Redirect: /a.txt\r\n\r\n'),
    answered('too large a head', `X: ${'y'.repeat(3000)}\r\n\r\n`, get('/small')),
    answered('a large body', `${TYPE}\r\n${'z'.repeat(200_000)}`),
    answered('a large body, small buffers', `${TYPE}\r\n${'z'.repeat(20_000)}`, get('/small')),
    answered('unbuffered', `${TYPE}\r\ntext`, get('/unbuffered')),
    answered('a broken line', `Broken\r\n${TYPE}\r\ntext`),
    answered('a line with an underscore', `X_Y: 1\r\n${TYPE}\r\ntext`),
    answered('two types', `${TYPE}Content-Type: text/html\r\n\r\ntext`),
    answered('conditions are not ours', `ETag: "x"\r\n${TYPE}\r\ntext`, get('/', 'If-None-Match: "x"')),
  ],
};

export const fastcgi: HttpSuite = { name: 'fastcgi', sites: [params, answers] };
