// auth_request of a running server: what the inner request is, what becomes of its answer, and of its variables.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { latin1 } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type BackendScript, startBackend } from '../support/fake-backend.ts';
import {
  type BackendReply,
  type BackendRequest,
  type HttpBackend,
  ok,
  startHttpBackend,
} from '../support/http-backend.ts';
import { ask, type HttpAnswer, type HttpQuestion } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';

const PAGE = 'try_files /page.html =404;';
const LARGE = 1_000_000;

/** What the auth service says is in the path. */
function reply({ line }: BackendRequest): BackendReply {
  const [, path = ''] = line.split(' ');
  if (path.startsWith('/401')) {
    return 'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer x\r\nWWW-Authenticate: Basic y\r\nContent-Length: 2\r\n\r\nno';
  }
  if (path.startsWith('/large')) return ok('x'.repeat(LARGE));
  if (path.startsWith('/cut')) return 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\ncut';
  if (path.startsWith('/hang')) return 'hang';
  if (path.startsWith('/inside')) return ok('', 'X-Accel-Redirect: /to/204');
  return ok('hi', 'X-User: anna', 'Set-Cookie: own=1');
}

/** The last record of a FastCGI request: its standard input has ended. */
const LAST_INPUT = Buffer.from([1, 5, 0, 1, 0, 0]).toString('latin1');

/** An application that says 204 or 403, by the parameter SAYS. */
const application: BackendScript = async (peer) => {
  const [request] = await peer.match(new RegExp(`^[^]*${LAST_INPUT}[^]{2}`));
  const head = latin1(`Status: ${request.includes('/204') ? 204 : 403}\r\nX-User: app\r\n\r\n`);
  const record = (type: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([1, type, 0, 1, 0, content.length, 0, 0]), content]);
  await peer.send(Buffer.concat([record(6, head), record(6, Buffer.alloc(0)), record(3, Buffer.alloc(8))]));
};

const config = (auth: string, app: string): string => `http {
  access_log off;
  root @DIR@;
  log_format fields "$request_method $status $uri $upstream_status $user";
  server {
    listen @web@;
    if ($uri = /server-403) { return 403; }
    location = /by/204 { auth_request /to/204; ${PAGE} } location = /by/200 { auth_request /to/200; ${PAGE} }
    location = /by/299 { auth_request /to/299; ${PAGE} } location = /by/302 { auth_request /to/302; ${PAGE} }
    location = /by/304 { auth_request /to/304; ${PAGE} } location = /by/401 { auth_request /to/401; ${PAGE} }
    location = /by/403 { auth_request /to/403; ${PAGE} } location = /by/404 { auth_request /to/404; ${PAGE} }
    location = /by/444 { auth_request /to/444; ${PAGE} } location = /by/500 { auth_request /to/500; ${PAGE} }
    location = /by/file { auth_request /page.html; ${PAGE} } location = /by/no-file { auth_request /none; ${PAGE} }
    location = /by/server { auth_request /server-403; ${PAGE} } location = /by/off { auth_request off; ${PAGE} }
    location = /by/name { auth_request @named; ${PAGE} }
    location = /by/kept-out { auth_request /kept-out; ${PAGE} }
    location = /by/error-page { auth_request /error-page; ${PAGE} }
    location = /by/error-page-status { auth_request /error-page-status; ${PAGE} }
    location = /by/rewrite { auth_request /rewrite; ${PAGE} }
    location = /by/refused { auth_request /refused; ${PAGE} }
    location = /by/small-body { auth_request /small-body; ${PAGE} }
    location = /by/app-204 { auth_request /app/204; auth_request_set $user $upstream_http_x_user;
      add_header User $user; ${PAGE} }
    location = /by/app-403 { auth_request /app/403; ${PAGE} }

    location = /to/204 { internal; return 204; } location = /to/200 { internal; return 200 text; }
    location = /to/299 { internal; return 299; } location = /to/302 { internal; return 302 /x; }
    location = /to/304 { internal; return 304; } location = /to/401 { internal; return 401; }
    location = /to/403 { internal; return 403; } location = /to/404 { internal; return 404; }
    location = /to/444 { internal; return 444; } location = /to/500 { internal; return 500; }
    location @named { return 204; }
    location = /kept-out { internal; deny all; auth_basic r; auth_basic_user_file none; ${PAGE} }
    location = /error-page { internal; error_page 404 =200 /page.html; return 404; }
    location = /error-page-status { internal; error_page 403 /text; return 403; }
    location = /text { return 401 text; }
    location = /rewrite { internal; set $user inner; rewrite ^ /to/204; }
    location = /refused { internal; proxy_pass http://127.0.0.1:1; }
    location = /small-body { internal; client_max_body_size 1; return 204; }
    location /app/ { internal; fastcgi_pass ${app}; fastcgi_param SAYS $uri; }

    location /proxied { auth_request /auth/yes?no=args; auth_request_set $user $upstream_http_x_user;
      auth_request_set $said $upstream_status; auth_request_set $where $uri; auth_request_set $added $sent_http_added;
      add_header User $user; add_header Said $said; add_header Where $where; add_header Added "[$added]";
      access_log fields.log fields; ${PAGE} }
    location /challenged { auth_request /auth/401; auth_request_set $user $upstream_status; error_page 401 /login;
      ${PAGE} }
    location = /login { return 200 "login $user"; }
    location /passed { auth_request /auth/yes; auth_request_set $user $upstream_http_x_user;
      proxy_set_header User $user; proxy_pass http://${auth}; }
    location /arguments { auth_request /to/204; auth_request_set $args "said=$status"; proxy_pass http://${auth}; }
    location /large { auth_request /auth/large; ${PAGE} }
    location /cut { auth_request /auth/cut; ${PAGE} }
    location /inside { auth_request /auth/inside; ${PAGE} }
    location /hang { auth_request /auth/hang; ${PAGE} }
    location /auth/ { internal; add_header Added added; proxy_set_header Method $request_method;
      proxy_set_header Original $request_uri; proxy_set_header Line "$request"; proxy_pass http://${auth}/; }
    location /without-body { auth_request /auth-without-body; ${PAGE} }
    location /auth-without-body { internal; proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_pass http://${auth}; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;
let auth: HttpBackend;

after(() => cleanup.run());

before(async () => {
  auth = await startHttpBackend(cleanup, reply);
  const app = await startBackend(cleanup, application);
  server = await startServer(cleanup, {
    config: config(auth.at, `${app.host}:${app.port}`),
    files: { 'page.html': 'page' },
  });
});

interface Answered extends HttpAnswer {
  readonly log: string;
  /** Of the auth service. */
  readonly asked: readonly BackendRequest[];
}

async function request(target: string, question: Omit<HttpQuestion, 'target'> = {}): Promise<Answered | 'nothing'> {
  const seen = server.log.text().length;
  const before = auth.requests.length;
  const answer = await ask(server, 'web', { target, ...question });
  if (answer === 'nothing') return answer;
  return { ...answer, log: server.log.text().slice(seen), asked: auth.requests.slice(before) };
}

async function answered(target: string, question: Omit<HttpQuestion, 'target'> = {}): Promise<Answered> {
  const answer = await request(target, question);
  assert.ok(answer !== 'nothing', `${target} has no answer`);
  return answer;
}

const UNEXPECTED = 'auth request unexpected status: ';

const STATUSES: readonly (readonly [by: string, status: number, log?: string])[] = [
  ['204', 200],
  ['200', 200],
  ['299', 200],
  ['302', 500, `${UNEXPECTED}302, client: `],
  ['304', 500, `${UNEXPECTED}304, client: `],
  ['401', 401],
  ['403', 403],
  ['404', 500, `${UNEXPECTED}404, client: `],
  ['500', 500, `${UNEXPECTED}500, client: `],
  ['file', 200],
  ['no-file', 500, `${UNEXPECTED}404, client: `],
  ['server', 403],
  ['off', 200],
  ['name', 500, 'DIR@named" failed (2: No such file or directory)'],
  ['kept-out', 200],
  ['error-page', 200],
  ['error-page-status', 403],
  ['rewrite', 200],
  ['refused', 500, `${UNEXPECTED}502`],
  ['app-204', 200],
  ['app-403', 403],
];

for (const [by, status, log] of STATUSES) {
  test(`an inner request to ${by}: ${status}`, async () => {
    const got = await answered(`/by/${by}`);
    assert.equal(got.status, status);
    assert.equal(got.body, status === 200 ? 'page' : got.body);
    assert.deepEqual(
      got.fields.filter((line) => /^(WWW-Authenticate|Location|Content-Length: 4$)/.test(line)),
      status === 200 ? ['Content-Length: 4'] : [],
    );
    if (log !== undefined) assert.ok(got.log.includes(log.replace('DIR', server.dir)), got.log);
    else assert.doesNotMatch(got.log, /\[(error|crit|alert)\]/);
  });
}

test('an inner request that closes the connection', async () => {
  assert.equal(await request('/by/444'), 'nothing');
});

test('the log tells the inner request', async () => {
  const { log } = await answered('/by/refused');
  const own = log.split('\n').find((line) => line.includes('connect() failed')) ?? '';
  assert.match(
    own,
    /request: "GET \/by\/refused HTTP\/1\.1", subrequest: "\/refused", upstream: "http:\/\/127\.0\.0\.1:1\//,
  );
});

test('the inner request: GET without arguments, with the header lines and variables of the client', async () => {
  const { asked, status } = await answered('/proxied/x?y', { method: 'HEAD', headers: ['A: 1'] });
  assert.equal(status, 200);
  assert.equal(asked[0]?.line, 'GET /yes%3Fno=args HTTP/1.1');
  assert.deepEqual(asked[0]?.fields, [
    'Method: HEAD',
    'Original: /proxied/x?y',
    'Line: HEAD /proxied/x?y HTTP/1.1',
    `Host: ${auth.at}`,
    'A: 1',
  ]);
});

test('auth_request_set takes values of the inner request, whose header lines go nowhere else', async () => {
  const { fields } = await answered('/proxied');
  assert.deepEqual(
    fields.filter((line) => /^(User|Said|Where|Added|Set-Cookie|X-User):/.test(line)),
    ['User: anna', 'Said: 200', 'Where: /auth/yes?no=args', 'Added: []'],
  );
  const log = await new LogFile(join(server.dir, 'fields.log')).wait(/^GET .*\n/m);
  assert.equal(log[0], 'GET 200 /page.html - anna\n');
});

test('401 comes with every challenge, and with its variables', async () => {
  const { status, fields, body } = await answered('/challenged');
  assert.deepEqual([status, body], [401, 'login 401']);
  assert.deepEqual(
    fields.filter((line) => line.startsWith('WWW-Authenticate:')),
    ['WWW-Authenticate: Bearer x', 'WWW-Authenticate: Basic y'],
  );
});

test('what is set is sent on to the next server', async () => {
  const { asked, body } = await answered('/passed');
  assert.equal(body, 'hi');
  assert.deepEqual([asked[0]?.line, asked[1]?.line], ['GET /yes HTTP/1.1', 'GET /passed HTTP/1.1']);
  assert.ok(asked[1]?.fields.includes('User: anna'));
  assert.equal((await answered('/arguments?old')).asked[0]?.line, 'GET /arguments?said=204 HTTP/1.1');
});

test('the body is for the real request, and none is announced to the inner one', async () => {
  const wire = await server.connect('web');
  const before = auth.requests.length;
  const body = 'the body';
  await wire.send(
    `POST /passed HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n`,
  );
  await wire.match(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  await wire.send(body);
  assert.match((await wire.rest()).toString('latin1'), /^HTTP\/1\.1 200 OK\r\n/);
  const [inner, outer] = auth.requests.slice(before);
  assert.deepEqual([inner?.line, inner?.body], ['GET /yes HTTP/1.1', '']);
  assert.ok(inner?.fields.includes('Content-Length: 0'));
  assert.deepEqual([outer?.line, outer?.body], ['POST /passed HTTP/1.1', body]);
  const { asked } = await answered('/without-body', { method: 'GET', headers: ['Content-Length: 0'] });
  assert.deepEqual(asked[0]?.fields, [`Host: ${auth.at}`]);
});

test('client_max_body_size holds for the inner request too', async () => {
  const wire = await server.connect('web');
  await wire.send('POST /by/small-body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx');
  assert.match((await wire.rest()).toString('latin1'), /^HTTP\/1\.1 500 /);
  assert.match(server.log.text(), /too large body: 2 bytes, .*subrequest: "\/small-body"/);
});

test('the connection to the auth service is used again, unless there is much to read', async () => {
  const [first] = (await answered('/proxied')).asked;
  const [second] = (await answered('/proxied')).asked;
  assert.equal(first?.connection, second?.connection);
  const [large] = (await answered('/large')).asked;
  const [next] = (await answered('/proxied')).asked;
  assert.notEqual(next?.connection, large?.connection);
});

test('answers that break off, and answers that lead elsewhere', async () => {
  assert.equal((await answered('/cut')).body, 'page');
  assert.equal((await answered('/inside')).body, 'page');
});

test('a client that leaves while the auth service thinks', async () => {
  const wire = await server.connect('web');
  const before = auth.requests.length;
  await wire.send('GET /hang HTTP/1.1\r\nHost: x\r\n\r\n');
  await auth.request(before);
  wire.reset();
  await server.waitLog(/client prematurely closed connection.*subrequest: "\/auth\/hang"/);
  assert.equal((await answered('/by/204')).status, 200);
});
