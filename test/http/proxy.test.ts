// proxy_pass of a running server: what the backend is sent, and what the client gets of its answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackendReply, type BackendRequest, ok, startHttpBackend } from '../support/http-backend.ts';
import { ask, type HttpAnswer, type HttpQuestion } from '../support/http-exchange.ts';
import { startServer } from '../support/server.ts';

/** The answer of a server with these locations, and what its backend was asked. */
async function pass(
  t: Parameters<typeof startServer>[0],
  locations: (at: string) => string,
  question: HttpQuestion,
  reply: (request: BackendRequest) => BackendReply = () => ok('hi'),
) {
  const backend = await startHttpBackend(t, reply);
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; ${locations(backend.at)} } }`,
  });
  const answer = await ask(server, 'http', question);
  assert.ok(answer !== 'nothing');
  const { host, port } = server.at('http');
  return { answer, backend, requests: backend.requests, server, self: `${host}:${port}` };
}

const fieldsOf = ({ fields }: HttpAnswer): string[] => fields.filter((line) => !/^Content-Length:/.test(line));

test('the head of a request: own lines, then those of the client less what belongs to its connection', async (t) => {
  const headers = ['A: 1', 'b: 2', 'A: 3', 'TE: x', 'Keep-Alive: 4', 'Upgrade: z', 'X_y: 5'];
  const { answer, requests, backend } = await pass(t, (at) => `location / { proxy_pass http://${at}; }`, {
    target: '/a//b/../c%2Fd?q',
    headers,
  });
  assert.deepEqual([answer.status, answer.body], [200, 'hi']);
  assert.equal(requests[0]?.line, 'GET /a//b/../c%2Fd?q HTTP/1.1');
  assert.deepEqual(requests[0]?.fields, [`Host: ${backend.at}`, 'A: 1', 'b: 2', 'A: 3']);
});

test('proxy_set_header takes the place of what the client sent, and an empty value leaves a line out', async (t) => {
  const { requests } = await pass(
    t,
    (at) => `location / {
      proxy_set_header X-A a; proxy_set_header Host h; proxy_set_header x-lower $arg_x;
      proxy_set_header Accept ""; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_pass http://${at}; }`,
    { target: '/?x=7', headers: ['Accept: z', 'X-Lower: c', 'B: 2', 'X-Forwarded-For: 10.0.0.1'] },
  );
  const fields = requests[0]?.fields ?? [];
  assert.deepEqual(fields.slice(0, 3), ['X-A: a', 'Host: h', 'x-lower: 7']);
  assert.match(fields[3] ?? '', /^X-Forwarded-For: 10\.0\.0\.1, 127\.\d+\.\d+\.\d+$/);
  assert.deepEqual(fields.slice(4), ['B: 2']);
});

test('the lines of an answer may end by LF alone', async (t) => {
  const reply = 'HTTP/1.1 200 OK\nX-A: 1\nContent-Length: 3\nX-B: 2\n\na\nb';
  const { answer } = await pass(
    t,
    (at) => `location / { proxy_pass http://${at}; }`,
    { target: '/' },
    () => reply,
  );
  assert.equal(answer.body, 'a\nb');
  assert.ok(answer.fields.includes('X-A: 1') && answer.fields.includes('X-B: 2'));
});

test('a value with line ends makes no header line of its own', async (t) => {
  const { requests } = await pass(t, (at) => `location / { proxy_set_header X $uri; proxy_pass http://${at}/?$uri; }`, {
    target: '/a%0d%0aEvil:%201%0d%0a%0d%0aGET%20/x',
  });
  assert.equal(requests.length, 1);
  assert.deepEqual(requests[0]?.fields.slice(0, 2), ['X: /aEvil: 1GET /x', requests[0]?.fields[1] ?? '']);
  assert.equal(requests[0]?.line, 'GET /?/a%0D%0AEvil:%201%0D%0A%0D%0AGET%20/x HTTP/1.1');
});

const URIS: readonly (readonly [conf: string, target: string, asked: string])[] = [
  ['location / { proxy_pass http://AT; }', '/%41%20b?x', '/%41%20b?x'],
  ['location / { proxy_pass http://AT; }', 'http://other/a?x', '/a?x'],
  ['location /uri/ { proxy_pass http://AT/base/; }', '/uri/%41%20b?x=7&q', '/base/A%20b?x=7&q'],
  ['location /uri { proxy_pass http://AT/; }', '/urix', '/x'],
  ['location = /uri { proxy_pass http://AT/base; }', '/uri?a', '/base?a'],
  ['location /uri/ { proxy_pass http://AT?x=; }', '/uri/b', '/?x=b'],
  ['location ~ ^/r { proxy_pass http://AT; }', '/r%41', '/r%41'],
  ['location /v { proxy_pass http://$http_to; }', '/v%41?q', '/v%41?q'],
  ['location /v { proxy_pass http://$http_to/x; }', '/v?q', '/x'],
  ['location /w { rewrite ^/w(.*)$ /new$1 break; proxy_pass http://AT/base; }', '/w/%41?q', '/new/A?q'],
  ['location /w { rewrite ^/w(.*)$ /new$1 break; proxy_pass http://AT; }', '/w/%20?q', '/new/%20?q'],
  ['location /i { if ($arg_i) { set $x 1; } proxy_pass http://AT/b; }', '/i/c?i=1', '/b/c?i=1'],
];

for (const [conf, target, asked] of URIS) {
  test(`the URI that is asked for: ${conf} with ${target}`, async (t) => {
    const backend = await startHttpBackend(t, () => ok(''));
    const config = `http { access_log off; server { listen @http@; ${conf.replace('AT', backend.at)} } }`;
    const server = await startServer(t, { config });
    const answer = await ask(server, 'http', { target, headers: [`To: ${backend.at}`] });
    assert.ok(answer !== 'nothing' && answer.status === 200);
    assert.equal(backend.requests[0]?.line, `GET ${asked} HTTP/1.1`);
  });
}

test('a location that ends with a slash redirects what lacks only that', async (t) => {
  const { answer, requests, self } = await pass(t, (at) => `location /uri/ { proxy_pass http://${at}; }`, {
    target: '/uri?q',
    host: 'h',
  });
  assert.equal(answer.status, 301);
  assert.ok(answer.fields.includes(`Location: http://h:${self.split(':')[1]}/uri/?q`));
  assert.equal(requests.length, 0);
});

test('the body is sent with its length, also one that came in chunks', async (t) => {
  const backend = await startHttpBackend(t, () => ok('hi'));
  const config = `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('http');
  await wire.send('POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
  await wire.match(/\r\n\r\nhi$/);
  await wire.send('POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  await wire.rest();
  const [chunked, empty] = backend.requests;
  assert.deepEqual([chunked?.fields.at(-1), chunked?.body], ['Content-Length: 5', 'abcde']);
  assert.deepEqual(empty?.fields, [`Host: ${backend.at}`, 'Content-Length: 0']);
});

test('method, body, headers: what a location says of them', async (t) => {
  const locations = (at: string): string => `
    location /set { proxy_method PUT; proxy_set_body "x=$arg_x"; proxy_pass http://${at}; }
    location /nobody { proxy_pass_request_body off; proxy_pass http://${at}; }
    location /nohead { proxy_pass_request_headers off; proxy_pass http://${at}; }
    location /nolength { proxy_set_header Content-Length ""; proxy_pass http://${at}; }
    location /old { proxy_http_version 1.0; proxy_pass http://${at}; }`;
  const backend = await startHttpBackend(t, () => ok('hi'));
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; ${locations(backend.at)} } }`,
  });
  const post = async (target: string): Promise<void> => {
    const wire = await server.connect('http');
    await wire.send(`POST ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\nA: 1\r\n\r\nqq`);
    assert.match((await wire.rest()).toString('latin1'), /\r\n\r\nhi$/);
  };
  for (const target of ['/set?x=1', '/nobody', '/nohead', '/nolength', '/old']) await post(target);
  const host = `Host: ${backend.at}`;
  const seen = backend.requests.map(({ line, fields, body }) => [line, ...fields, body]);
  assert.deepEqual(seen, [
    ['PUT /set?x=1 HTTP/1.1', host, 'Content-Length: 3', 'A: 1', 'x=1'],
    ['POST /nobody HTTP/1.1', host, 'A: 1', ''],
    ['POST /nohead HTTP/1.1', host, 'Content-Length: 2', 'qq'],
    ['POST /nolength HTTP/1.1', host, 'A: 1', ''],
    ['POST /old HTTP/1.0', host, 'Connection: close', 'Content-Length: 2', 'A: 1', 'qq'],
  ]);
});

const ODD = [
  'HTTP/1.1 299 My Reason',
  'Server: be',
  'Date: d',
  'Location: /x',
  'Last-Modified: foo',
  'Content-Type: a/b',
  'X-Pad: avoid',
  'X-Accel-Expires: 1',
  'Keep-Alive: u',
  'Set-Cookie: a=b; Path=/in/; Domain=be.example',
  'Content-Length: 3',
  '',
  'abc',
].join('\r\n');

test('the head of an answer: the own lines first, hidden ones left out', async (t) => {
  const { answer } = await pass(
    t,
    (at) => `location / { proxy_pass http://${at}; }`,
    { target: '/' },
    () => ODD,
  );
  assert.equal(answer.status, 299);
  assert.deepEqual(answer.fields, [
    'Content-Type: a/b',
    'Content-Length: 3',
    'Connection: close',
    'Location: /x',
    'Last-Modified: foo',
    'Set-Cookie: a=b; Path=/in/; Domain=be.example',
  ]);
});

test('proxy_pass_header, proxy_hide_header and the cookie directives', async (t) => {
  const backend = await startHttpBackend(t, () => ODD);
  const config = `http { access_log off; server { listen @http@; location / {
    proxy_pass_header Server; proxy_pass_header Date; proxy_hide_header Last-Modified;
    proxy_cookie_path /in/ /out/; proxy_cookie_domain be.example fe.example; proxy_cookie_flags ~. secure samesite=lax;
    proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('http');
  await wire.send('GET / HTTP/1.0\r\n\r\n');
  const head = (await wire.rest()).toString('latin1').split('\r\n\r\n')[0]?.split('\r\n');
  assert.deepEqual(head, [
    'HTTP/1.1 299 My Reason',
    'Content-Type: a/b',
    'Content-Length: 3',
    'Connection: close',
    'Server: be',
    'Date: d',
    'Location: /x',
    'Set-Cookie: a=b; Path=/out/; Domain=fe.example; Secure; SameSite=Lax',
  ]);
});

test('proxy_redirect: by default the URL of proxy_pass becomes the location', async (t) => {
  const backend = await startHttpBackend(t, ({ line }) => {
    const to = /to=(\S*)/.exec(line)?.[1] ?? '';
    return `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nRefresh: 5; url=${to}\r\nContent-Length: 0\r\n\r\n`;
  });
  const config = `http { access_log off; server { listen @http@;
    location /plain { proxy_pass http://${backend.at}; }
    location /one/ { proxy_pass http://${backend.at}/two/; }
    location /rule { proxy_redirect http://a/ http://b/; proxy_redirect ~^/(\\d+)$ /number/$1; proxy_pass http://${backend.at}; }
    location /off { proxy_redirect off; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const self = `http://h:${server.at('http').port}`;
  const redirect = async (location: string, to: string): Promise<string[]> => {
    const answer = await ask(server, 'http', { target: `${location}?to=${to}`, host: 'h' });
    assert.ok(answer !== 'nothing');
    return answer.fields.filter((line) => /^(Location|Refresh):/.test(line));
  };
  const peer = `http://${backend.at}`;
  assert.deepEqual(await redirect('/plain', `${peer}/zz`), [`Location: ${self}/zz`, 'Refresh: 5; url=/zz']);
  assert.deepEqual(await redirect('/one/', `${peer}/two/zz`), [`Location: ${self}/one/zz`, 'Refresh: 5; url=/one/zz']);
  assert.deepEqual(await redirect('/one/', `${peer}/zz`), [`Location: ${peer}/zz`, `Refresh: 5; url=${peer}/zz`]);
  assert.deepEqual(await redirect('/rule', 'http://a/x'), ['Location: http://b/x', 'Refresh: 5; url=http://b/x']);
  assert.deepEqual(await redirect('/rule', '/12'), [`Location: ${self}/number/12`, 'Refresh: 5; url=/number/12']);
  assert.deepEqual(await redirect('/off', `${peer}/zz`), [`Location: ${peer}/zz`, `Refresh: 5; url=${peer}/zz`]);
});

test('an answer without a length, in chunks, and to HEAD', async (t) => {
  const backend = await startHttpBackend(t, ({ line }) => {
    if (line.startsWith('HEAD')) return 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
    if (line.includes('/chunks')) return 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    return 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc';
  });
  const config = `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('http');
  for (const target of ['/', '/chunks']) {
    await wire.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await wire.match(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*Transfer-Encoding: chunked\r\n[\s\S]*\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/,
    );
  }
  await wire.send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n');
  await wire.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Content-Length: 9\r\n[\s\S]*\r\n\r\n$/);
  await wire.send('GET /chunks HTTP/1.0\r\n\r\n');
  assert.match((await wire.rest()).toString('latin1'), /Connection: close\r\n\r\nabc$/);
});

test('a large answer passes through a client that reads late', async (t) => {
  const body = Buffer.alloc(8 << 20, 'abcdefgh');
  const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
  const backend = await startHttpBackend(t, () => Buffer.concat([head, body]));
  const config = `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('http');
  wire.socket.pause();
  await wire.send('GET / HTTP/1.0\r\n\r\n');
  await backend.server.peer(0);
  wire.socket.resume();
  const text = await wire.rest();
  assert.ok(text.subarray(-body.length).equals(body));
});

test('proxy_intercept_errors shows the error page of ours where there is one', async (t) => {
  const backend = await startHttpBackend(t, ({ line }) => {
    const status = /s=(\d+)/.exec(line)?.[1] ?? '200';
    return `HTTP/1.1 ${status} Theirs\r\nWWW-Authenticate: Basic\r\nContent-Length: 6\r\n\r\ntheirs`;
  });
  const config = `http { access_log off; server { listen @http@; proxy_intercept_errors on;
    error_page 404 /e; error_page 401 /e; location = /e { return 200 ours; }
    location / { proxy_pass http://${backend.at}; }
    location /off { proxy_intercept_errors off; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const bodies: string[] = [];
  for (const target of ['/?s=404', '/?s=403', '/off?s=404', '/?s=401']) {
    const answer = await ask(server, 'http', { target });
    assert.ok(answer !== 'nothing');
    const challenges = fieldsOf(answer).filter((line) => line.startsWith('WWW-'));
    bodies.push([answer.status, answer.body, ...challenges].join(' '));
  }
  const challenge = 'WWW-Authenticate: Basic';
  assert.deepEqual(bodies, ['404 ours', `403 theirs ${challenge}`, `404 theirs ${challenge}`, `401 ours ${challenge}`]);
});

test('X-Accel-Redirect leads to another location, unless it is ignored', async (t) => {
  const to = (target: string) => ok('theirs', `X-Accel-Redirect: ${target}`, 'Set-Cookie: a=1', 'X-Q: 1');
  const backend = await startHttpBackend(t, ({ line }) => to(/to=(\S*)/.exec(line)?.[1] ?? ''));
  const config = `http { access_log off; server { listen @http@;
    location /in { internal; return 200 "in $uri $args $request_method"; }
    location @named { return 200 named; }
    location / { proxy_pass http://${backend.at}; }
    location /ignores { proxy_ignore_headers X-Accel-Redirect; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const get = async (target: string, method = 'GET'): Promise<HttpAnswer> => {
    const answer = await ask(server, 'http', { target, method });
    assert.ok(answer !== 'nothing');
    return answer;
  };
  const answer = await get('/?to=/in/a%20b?z', 'POST');
  assert.deepEqual([answer.status, answer.body], [200, 'in /in/a b z GET']);
  assert.ok(answer.fields.includes('Set-Cookie: a=1') && !answer.fields.includes('X-Q: 1'));
  assert.equal((await get('/?to=@named')).body, 'named');
  assert.equal((await get('/?to=/../x')).status, 404);
  assert.equal((await get('/ignores?to=/in')).body, 'theirs');
});

test('a unix socket, and an upstream block in another case', async (t) => {
  const backend = await startHttpBackend(t, ({ fields }) => ok(fields[0] ?? ''));
  const config = `http { access_log off; upstream Back { server ${backend.at}; }
    server { listen unix:@DIR@/s; location / { return 200 "unix $uri"; } }
    server { listen @http@;
      location /unix/ { proxy_pass http://unix:@DIR@/s:/x/; }
      location / { proxy_pass http://BACK; } } }`;
  const server = await startServer(t, { config });
  const unix = await ask(server, 'http', { target: '/unix/q' });
  assert.ok(unix !== 'nothing');
  assert.equal(unix.body, 'unix /x/q');
  const block = await ask(server, 'http', { target: '/' });
  assert.ok(block !== 'nothing');
  assert.equal(block.body, 'Host: BACK');
});
