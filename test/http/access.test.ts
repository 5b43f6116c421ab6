// allow, deny, satisfy and limit_except of a running server: who gets what, and what the log says of it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { base64 } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { connect } from '../support/wire.ts';

const BY_RULE = 'access forbidden by rule';
const NO_PASSWORD = 'no user/password was provided for basic authentication';

/** What holds where nobody objects. */
const OPEN = 'try_files /page.html =404;';
const BASIC = 'auth_basic r; auth_basic_user_file users;';

const config = (backend: string): string => `http {
  access_log off;
  root @DIR@;
  server {
    listen @web@;
    location /deny { deny all; ${OPEN} }
    location /first { allow 10.0.0.1; deny 127.0.0.0/8; allow all; ${OPEN} }
    location /unnamed { allow 10.0.0.1; ${OPEN} }
    location /return { deny all; return 200 early; }
    location /outer { deny all;
      location /outer/inherits { auth_basic off; ${OPEN} }
      location /outer/own { allow 10.0.0.1; ${OPEN} } }

    location /all/deny-first { deny all; ${BASIC} auth_request /401; ${OPEN} }
    location /all/basic-second { ${BASIC} auth_request /500; ${OPEN} }
    location /any/deny-basic { satisfy any; deny all; ${BASIC} ${OPEN} }
    location /any/allow-basic { satisfy any; allow all; ${BASIC} ${OPEN} }
    location /any/unnamed-basic { satisfy any; allow 10.0.0.1; ${BASIC} ${OPEN} }
    location /any/deny-403 { satisfy any; deny all; auth_request /403; ${OPEN} }
    location /any/deny-204 { satisfy any; deny all; auth_request /204; ${OPEN} }
    location /any/basic-403 { satisfy any; ${BASIC} auth_request /403; ${OPEN} }
    location /any/basic-204 { satisfy any; ${BASIC} auth_request /204; ${OPEN} }
    location /any/basic-500 { satisfy any; ${BASIC} auth_request /500; ${OPEN} }
    location /any/nothing { satisfy any; ${OPEN} }
    location ~ ^/(?<code>\\d+)$ { internal;
      if ($code = 204) { return 204; } if ($code = 401) { return 401; } if ($code = 403) { return 403; }
      return 500; }

    location /limit/deny { limit_except GET { deny all; } proxy_pass http://${backend}; }
    location /limit/steps { limit_except GET { deny all; } return 200 steps; }
    location /limit/no-steps { limit_except GET { allow all; } return 200 steps; }
    location /limit/basic { limit_except POST { ${BASIC} } proxy_pass http://${backend}; }
    location /limit/basic-off { ${BASIC} limit_except POST { auth_basic off; } proxy_pass http://${backend}; }
    location /limit/inherits { deny all; limit_except POST { auth_basic off; } proxy_pass http://${backend}; }
    location /limit/pass { limit_except GET { proxy_pass http://${backend}; } return 200 steps; }
    location /limit/lower { limit_except post { deny all; } return 200 steps; }
    location /limit/named { error_page 418 = @named; return 418; }
    location @named { limit_except GET { deny all; } proxy_pass http://${backend}; }
    location /limit/outer { limit_except GET { deny all; }
      location /limit/outer/inner { proxy_pass http://${backend}; } }
  }
  server {
    listen unix:@DIR@/socket;
    location /all { deny all; ${OPEN} }
    location /unix { deny unix:; ${OPEN} }
    location /inet { deny 0.0.0.0/0; deny ::/0; ${OPEN} }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  const backend = await startHttpBackend(cleanup, () => ok('passed'));
  server = await startServer(cleanup, {
    config: config(backend.at),
    files: { 'page.html': 'page', users: 'a:{PLAIN}x\n' },
  });
});

interface Asked {
  readonly status: number;
  readonly body: string;
  /** Values of WWW-Authenticate lines. */
  readonly challenges: readonly string[];
  /** Texts of the records, without what follows the first comma. */
  readonly log: readonly string[];
}

async function request(target: string, method = 'GET', credentials?: string): Promise<Asked> {
  const seen = server.log.text().length;
  const headers = credentials === undefined ? [] : [`Authorization: Basic ${base64(credentials)}`];
  const answer = await ask(server, 'web', { target, method, headers });
  assert.ok(answer !== 'nothing');
  const prefix = 'WWW-Authenticate: ';
  return {
    status: answer.status,
    body: answer.body.startsWith('<') ? '' : answer.body,
    challenges: answer.fields.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length)),
    log: server.log
      .text()
      .slice(seen)
      .split('\n')
      .filter((line) => / \[(info|error|crit)\] .*request: /.test(line))
      .map((line) => line.replace(/^.*\[(\w+)\] [^*]*\*\d+ ([^,]*),.*$/, '$1: $2')),
  };
}

test('allow and deny: the first rule that names the client counts', async () => {
  assert.deepEqual(await request('/deny'), { status: 403, body: '', challenges: [], log: [`error: ${BY_RULE}`] });
  assert.equal((await request('/first')).status, 403);
  assert.equal((await request('/unnamed')).body, 'page');
});

test('return answers before anybody is kept out', async () => {
  assert.deepEqual(await request('/return'), { status: 200, body: 'early', challenges: [], log: [] });
});

test('a level with rules has none of those above', async () => {
  assert.equal((await request('/outer/inherits')).status, 403);
  assert.equal((await request('/outer/own')).body, 'page');
});

test('clients on a unix socket', async () => {
  for (const [target, status] of [
    ['/all', 403],
    ['/unix', 403],
    ['/inet', 200],
  ] as const) {
    const wire = await connect({ path: join(server.dir, 'socket') });
    await wire.send(`GET ${target} HTTP/1.0\r\n\r\n`);
    assert.equal((await wire.rest()).toString('latin1').slice(9, 12), String(status), target);
    wire.destroy();
  }
});

const SATISFY: readonly (readonly [target: string, credentials: string | undefined, expected: Partial<Asked>])[] = [
  ['/all/deny-first', undefined, { status: 403, challenges: [], log: [`error: ${BY_RULE}`] }],
  ['/all/basic-second', undefined, { status: 401, challenges: ['Basic realm="r"'], log: [`info: ${NO_PASSWORD}`] }],
  ['/all/basic-second', 'a:x', { status: 500, challenges: [], log: ['error: auth request unexpected status: 500'] }],
  ['/any/deny-basic', undefined, { status: 401, challenges: ['Basic realm="r"'], log: [`info: ${NO_PASSWORD}`] }],
  ['/any/deny-basic', 'a:y', { status: 401, log: ['error: user "a": password mismatch'] }],
  ['/any/deny-basic', 'a:x', { status: 200, body: 'page', log: [] }],
  ['/any/allow-basic', undefined, { status: 200, body: 'page', challenges: [], log: [] }],
  ['/any/unnamed-basic', undefined, { status: 401 }],
  ['/any/unnamed-basic', 'a:x', { status: 200 }],
  ['/any/deny-403', undefined, { status: 403, challenges: [], log: [`error: ${BY_RULE}`] }],
  ['/any/deny-204', undefined, { status: 200, log: [] }],
  ['/any/basic-403', undefined, { status: 401, challenges: ['Basic realm="r"'], log: [`info: ${NO_PASSWORD}`] }],
  ['/any/basic-403', 'a:x', { status: 200, challenges: [] }],
  ['/any/basic-204', undefined, { status: 200, challenges: [], log: [`info: ${NO_PASSWORD}`] }],
  ['/any/basic-500', undefined, { status: 500, challenges: ['Basic realm="r"'] }],
  ['/any/nothing', undefined, { status: 200 }],
];

for (const [target, credentials, expected] of SATISFY) {
  test(`satisfy: ${target} ${credentials === undefined ? 'without a password' : `with ${credentials}`}`, async () => {
    const got = await request(target, 'GET', credentials);
    assert.deepEqual({ ...got, ...expected }, got);
  });
}

const LIMITS: readonly (readonly [target: string, method: string, status: number, body: string])[] = [
  ['/limit/deny', 'GET', 200, 'passed'],
  ['/limit/deny', 'HEAD', 200, ''],
  ['/limit/deny', 'POST', 403, ''],
  ['/limit/deny', 'PURGE', 403, ''],
  ['/limit/steps', 'GET', 200, 'steps'],
  ['/limit/steps', 'POST', 403, ''],
  ['/limit/no-steps', 'POST', 404, ''],
  ['/limit/basic', 'POST', 200, 'passed'],
  ['/limit/basic', 'GET', 401, ''],
  ['/limit/basic-off', 'POST', 401, ''],
  ['/limit/basic-off', 'GET', 200, 'passed'],
  ['/limit/inherits', 'GET', 403, ''],
  ['/limit/pass', 'GET', 200, 'steps'],
  ['/limit/pass', 'POST', 200, 'passed'],
  ['/limit/lower', 'POST', 200, 'steps'],
  ['/limit/lower', 'GET', 403, ''],
  ['/limit/named', 'GET', 200, 'passed'],
  ['/limit/named', 'POST', 403, ''],
  ['/limit/outer', 'POST', 403, ''],
  ['/limit/outer/inner', 'POST', 200, 'passed'],
];

test('limit_except', async () => {
  for (const [target, method, status, body] of LIMITS) {
    const got = await request(target, method);
    assert.deepEqual([got.status, got.body], [status, body], `${method} ${target}`);
  }
});
