// fastcgi_pass: what the application is told, what the client gets of its answer, over TCP and unix sockets.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { answer, endRequest, okAnswer, startFastcgi, stderr, stdout } from '../support/fastcgi-backend.ts';
import { ask, type HttpQuestion } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** However it was cut. */
function unchunked(text: string): string {
  let body = '';
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.slice(0, end), 16);
    if (!(length > 0)) return rest === '0\r\n\r\n' ? body : `${body} (cut)`;
    body += rest.slice(end + 2, end + 2 + length);
    rest = rest.slice(end + 2 + length + 2);
  }
}

/** Status, header lines, body. */
async function get(server: MailServer, target: string, more: Omit<HttpQuestion, 'target'> = {}): Promise<string> {
  const got = await ask(server, 'http', { target, ...more });
  if (got === 'nothing') return got;
  const isChunked = got.fields.includes('Transfer-Encoding: chunked');
  const page = /<title>(.*)<\/title>/.exec(got.body)?.[1];
  const fields = got.fields.filter((line) => page === undefined || !/^Content-(Length|Type): /.test(line));
  return [got.status, ...fields, page === undefined ? (isChunked ? unchunked(got.body) : got.body) : `<${page}>`].join(
    '|',
  );
}

const site = (...locations: readonly string[]): string =>
  `http { access_log off; fastcgi_param SERVER_SOFTWARE test; server { listen @http@; server_name s;
    ${locations.join('\n')} } }`;

const CLOSED = 'Connection: close';

test('an application on a TCP port: parameters, header lines, body, answer', async (t) => {
  const app = await startFastcgi(t, () => okAnswer('hi', 'X-Foo: bar'));
  const config = site(`location / { fastcgi_pass ${app.at};
    fastcgi_param SCRIPT_FILENAME /srv$fastcgi_script_name; fastcgi_param QUERY_STRING $query_string;
    fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_LENGTH $content_length;
    fastcgi_param EMPTY $arg_none; fastcgi_param LEFT_OUT $arg_none if_not_empty; fastcgi_param KEPT $arg_a if_not_empty; }`);
  const server = await startServer(t, { config });
  const headers = [
    'X-One: 1',
    'x-one: 2',
    'Proxy: http://evil.test',
    'Content-Length: 4',
    'Content-Type: a/b',
    '',
    'body',
  ];
  const got = await get(server, '/x.php?a=1', { method: 'POST', headers });
  // What stands behind the body would be the next request: the connection is closed before.
  assert.equal(got, `200|Content-Type: text/plain|Transfer-Encoding: chunked|${CLOSED}|X-Foo: bar|hi`);
  const { params, stdin, role, keepsConnection } = await app.request(0);
  assert.deepEqual(
    [...params],
    [
      ['SCRIPT_FILENAME', '/srv/x.php'],
      ['QUERY_STRING', 'a=1'],
      ['REQUEST_METHOD', 'POST'],
      ['CONTENT_LENGTH', '4'],
      ['EMPTY', ''],
      ['KEPT', '1'],
      ['HTTP_HOST', 'localhost'],
      ['HTTP_CONNECTION', 'close'],
      ['HTTP_X_ONE', '1, 2'],
      ['HTTP_CONTENT_LENGTH', '4'],
      ['HTTP_CONTENT_TYPE', 'a/b'],
    ],
  );
  assert.deepEqual([stdin, role, keepsConnection], ['body', 1, false]);
});

test('an application on a unix socket', async (t) => {
  const path = join(temporaryFolder(t), 'app');
  const app = await startFastcgi(t, () => okAnswer('unix'), { path });
  const server = await startServer(t, {
    config: site(`location / { fastcgi_pass ${app.at}; }`, `location /v { set $to ${app.at}; fastcgi_pass $to; }`),
  });
  for (const target of ['/', '/v']) assert.match(await get(server, target), /^200\|.*unix/s);
});

const OUTPUTS: readonly (readonly [name: string, output: string, got: string])[] = [
  [
    'a status with a reason',
    'Status: 404 No such thing\r\nX: 1\r\n\r\nno',
    `404|Transfer-Encoding: chunked|${CLOSED}|X: 1|no`,
  ],
  ['a length', 'Content-Length: 2\n\nhi', `200|Content-Length: 2|${CLOSED}|hi`],
  [
    'a redirect to another host',
    'Location: http://x/y\r\n\r\n',
    `302|Transfer-Encoding: chunked|${CLOSED}|Location: http://x/y|`,
  ],
  [
    'a redirect to a path stays as it is',
    'Location: /y\r\n\r\n',
    `302|Transfer-Encoding: chunked|${CLOSED}|Location: /y|`,
  ],
  [
    'a redirect with a status of its own',
    'Status: 303 x\r\nLocation: /y\r\n\r\n',
    `303|Transfer-Encoding: chunked|${CLOSED}|Location: /y|`,
  ],
  ['no content', 'Status: 204 None\r\n\r\n', `204|${CLOSED}|`],
  ['not modified', 'Status: 304 Same\r\nETag: x\r\n\r\n', `304|${CLOSED}|ETag: x|`],
  [
    'several cookies',
    'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    `200|Content-Length: 0|${CLOSED}|Set-Cookie: a=1|Set-Cookie: b=2|`,
  ],
  [
    'a body of the server',
    'Content-Length: 0\r\nServer: php\r\nDate: today\r\nX-Powered-By: PHP\r\n\r\n',
    `200|Content-Length: 0|${CLOSED}|X-Powered-By: PHP|`,
  ],
];

for (const [name, output, expected] of OUTPUTS) {
  test(`the answer of an application: ${name}`, async (t) => {
    const whole = answer(output);
    const app = await startFastcgi(t, ({ params }) =>
      params.get('BYTEWISE') === 'yes' ? { pieces: [...whole].map((byte) => Buffer.of(byte)) } : whole,
    );
    const server = await startServer(t, {
      config: site(`location / { fastcgi_pass ${app.at}; fastcgi_param BYTEWISE $arg_b; }`),
    });
    assert.equal(await get(server, '/'), expected);
    assert.equal(await get(server, '/?b=yes'), expected);
  });
}

test('records between the records: error output, padding, empty ones, and an end with a status of its own', async (t) => {
  const parts = [
    stderr('first\nsecond\n', 3),
    stdout('Content-Type: a/b\r\nX-', 255),
    stderr('half', 4),
    stdout('A: 1\r\n\r\nbo'),
    stderr('late'),
    stdout('dy', 7),
    stdout(''),
    stderr(''),
    endRequest(77, 0),
  ];
  const app = await startFastcgi(t, () => ({ pieces: parts }));
  const server = await startServer(t, { config: site(`location / { fastcgi_pass ${app.at}; }`) });
  const got = await get(server, '/s?t');
  assert.match(got, /^200\|Content-Type: a\/b\|Transfer-Encoding: chunked\|Connection: close\|X-A: 1\|/);
  const where = `, client: 127.0.0.1, server: s, request: "GET /s?t HTTP/1.1", upstream: "fastcgi://${app.at}", host: "localhost"`;
  await server.waitLog(/late/);
  const lines = server.log
    .text()
    .split('\n')
    .filter((line) => line.includes('stderr'));
  assert.deepEqual(
    lines.map((line) => line.replace(/^.*\[error\] \d+#\d+: \*\d+ /, '')),
    [
      `FastCGI sent in stderr: "first\\x0Asecond" while reading response header from upstream${where}`,
      `FastCGI sent in stderr: "half" while reading response header from upstream${where}`,
      `FastCGI sent in stderr: "late" while reading upstream${where}`,
    ],
  );
});

test('HEAD, and what an application sends all the same', async (t) => {
  const app = await startFastcgi(t, () => okAnswer('hidden', 'X-A: 1'));
  const server = await startServer(t, { config: site(`location / { fastcgi_pass ${app.at}; }`) });
  assert.equal(await get(server, '/', { method: 'HEAD' }), `200|Content-Type: text/plain|${CLOSED}|X-A: 1|`);
});

test('large bodies in both directions, byte for byte', async (t) => {
  const large = Buffer.alloc(3_000_000, 'abcdefghijk').toString('latin1');
  const app = await startFastcgi(t, ({ stdin }) => answer(`Content-Length: ${stdin.length}\r\n\r\n${stdin}`));
  const server = await startServer(t, {
    config: site(`client_max_body_size 0;`, `location / { fastcgi_pass ${app.at}; }`),
  });
  const got = await get(server, '/', { method: 'POST', headers: [`Content-Length: ${large.length}`, '', large] });
  assert.ok(got.endsWith(`|${large}`));
  const { records } = await app.request(0);
  assert.ok(records.every(([, length, padding]) => (length + padding) % 8 === 0));
  assert.deepEqual(records.at(-1), [5, 0, 0]);
});

test('a body in pieces is read before the application is asked, and has a length then', async (t) => {
  const app = await startFastcgi(t, ({ stdin }) => okAnswer(stdin));
  const server = await startServer(t, {
    config: site(`location / { fastcgi_pass ${app.at}; fastcgi_param CONTENT_LENGTH $content_length; }`),
  });
  const headers = ['Transfer-Encoding: chunked', '', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'];
  assert.match(await get(server, '/', { method: 'POST', headers }), /abcde/);
  const { params } = await app.request(0);
  assert.deepEqual([params.get('CONTENT_LENGTH'), params.has('HTTP_TRANSFER_ENCODING')], ['5', true]);
});

test('connections are kept where fastcgi_keep_conn says so', async (t) => {
  const app = await startFastcgi(t, ({ connection, ordinal }) => okAnswer(`${connection}.${ordinal}`));
  const server = await startServer(t, {
    config: `http { access_log off; upstream app { server ${app.at}; keepalive 2; } server { listen @http@;
      location /keep { fastcgi_pass app; fastcgi_keep_conn on; } location /once { fastcgi_pass app; } } }`,
  });
  const bodies: string[] = [];
  for (const target of ['/keep', '/keep', '/keep', '/once', '/once', '/keep']) {
    bodies.push(/\|(\d\.\d)$/.exec(await get(server, target))?.[1] ?? 'none');
  }
  assert.deepEqual(bodies.slice(0, 3), ['0.0', '0.1', '0.2']);
  assert.deepEqual(
    app.requests.map(({ keepsConnection }) => keepsConnection),
    [true, true, true, false, false, true],
  );
});

test('a kept connection that the application has closed costs nothing', async (t) => {
  const app = await startFastcgi(t, ({ connection, ordinal }) =>
    connection === 0 && ordinal === 1 ? 'close' : okAnswer(`${connection}.${ordinal}`),
  );
  const server = await startServer(t, {
    config: `http { access_log off; upstream app { server ${app.at}; keepalive 2; } server { listen @http@;
      location / { fastcgi_pass app; fastcgi_keep_conn on; } } }`,
  });
  assert.match(await get(server, '/'), /0\.0/);
  assert.match(await get(server, '/'), /1\.0/);
});

test('the URI is cut into script and path', async (t) => {
  const app = await startFastcgi(t, ({ params }) => okAnswer([...params].map(([n, v]) => `${n}=${v}`).join(' ')));
  const names = 'fastcgi_param S $fastcgi_script_name; fastcgi_param P $fastcgi_path_info;';
  const server = await startServer(t, {
    config: site(
      `fastcgi_index index.php; fastcgi_pass_request_headers off;`,
      `location / { fastcgi_pass ${app.at}; ${names} }`,
      `location ~ \\.php { fastcgi_split_path_info ^(.+\\.php)(/.+)$; fastcgi_pass ${app.at}; ${names} }`,
    ),
  });
  const told = async (target: string) => /S=.*/.exec(await get(server, target))?.[0].trimEnd();
  assert.equal(await told('/'), 'S=/index.php P=');
  assert.equal(await told('/a/b/'), 'S=/a/b/index.php P=');
  assert.equal(await told('/a%20b'), 'S=/a b P=');
  assert.equal(await told('/x.php/info/x?a'), 'S=/x.php P=/info/x');
  assert.equal(await told('/x.php'), 'S=/x.php P=');
});

test('fields that clients do not get, and those that they get all the same', async (t) => {
  const app = await startFastcgi(t, () =>
    answer('Status: 200 OK\r\nX-Accel-Expires: 1\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 0\r\n\r\n'),
  );
  const server = await startServer(t, {
    config: site(
      `location / { fastcgi_pass ${app.at}; fastcgi_hide_header x-a; }`,
      `location /pass { fastcgi_pass ${app.at}; fastcgi_pass_header Status; fastcgi_pass_header X-Accel-Expires; }`,
    ),
  });
  assert.equal(await get(server, '/'), `200|Content-Length: 0|${CLOSED}|X-B: 2|`);
  assert.equal(
    await get(server, '/pass'),
    `200|Content-Length: 0|${CLOSED}|Status: 200 OK|X-Accel-Expires: 1|X-A: 1|X-B: 2|`,
  );
});

test('error pages in place of those of the application, and answers by another location', async (t) => {
  const app = await startFastcgi(t, ({ params }) => {
    if (params.get('U') === '/inside') return answer('X-Accel-Redirect: /page?x\r\nContent-Type: a/b\r\n\r\nhidden');
    return answer(`Status: ${params.get('U')?.slice(1)} Bad\r\n\r\nown`);
  });
  const server = await startServer(t, {
    config: site(
      `fastcgi_param U $uri; error_page 404 /page;`,
      `location / { fastcgi_pass ${app.at}; fastcgi_intercept_errors on; }`,
      `location = /page { internal; return 200 "page $args"; }`,
    ),
  });
  assert.match(await get(server, '/404'), /^404\|Content-Type: text\/plain\|.*\|page $/);
  assert.match(await get(server, '/403'), /^403\|.*own/s);
  assert.match(await get(server, '/inside'), /^200\|.*\|page x$/);
});
