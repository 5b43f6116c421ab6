// mail_dashboard: the page and its files, how they are protected, and who may watch.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardSite } from '../support/dashboard-site.ts';
import { ask, type HttpAnswer, type HttpQuestion } from '../support/http-exchange.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { handshake } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no dashboard';

async function get(server: MailServer, target: string, more: Partial<HttpQuestion> = {}): Promise<HttpAnswer> {
  const answer = await ask(server, 'web', { target, ...more });
  assert.ok(answer !== 'nothing', target);
  return answer;
}

const field = ({ fields }: HttpAnswer, name: string): string | undefined =>
  fields.find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `))?.slice(name.length + 2);

/** Of a handshake. */
async function status(server: MailServer, headers: readonly string[], path = '/dashboard/events'): Promise<number> {
  const wire = await server.connect('web');
  await wire.send(handshake({ path, host: 'mail.example', headers }));
  const [, code = ''] = await wire.match(/^HTTP\/1\.1 (\d+)/);
  wire.destroy();
  return Number(code);
}

test('the page and its files', { skip }, async (t) => {
  const { server } = await dashboardSite(t, {
    locations: `location /at/slash/ { mail_dashboard; }
      location /old/dash/ { rewrite ^ /elsewhere/icon.svg break; mail_dashboard; }`,
  });
  const { host, port } = server.at('web');
  const moved = await get(server, '/dashboard?a=b', { host: `${host}:${port}` });
  assert.deepEqual([moved.status, field(moved, 'Location')], [301, `http://${host}:${port}/dashboard/?a=b`]);

  const page = await get(server, '/dashboard/?a=b');
  assert.equal(page.status, 200);
  assert.match(page.body, /^<!doctype html>/i);
  assert.equal(field(page, 'Content-Type'), 'text/html; charset=utf-8');
  const etag = field(page, 'ETag') ?? '';
  assert.match(etag, /^"[0-9a-f]{32}"$/);
  const same = await get(server, '/dashboard/', { headers: [`If-None-Match: ${etag}`] });
  assert.deepEqual([same.status, same.body], [304, '']);
  const head = await get(server, '/dashboard/', { method: 'HEAD' });
  assert.deepEqual(
    [head.status, head.body, field(head, 'Content-Length')],
    [200, '', String(Buffer.byteLength(page.body, 'latin1'))],
  );
  for (const [name, type] of [
    ['dashboard.js', 'text/javascript; charset=utf-8'],
    ['dashboard.css', 'text/css; charset=utf-8'],
    ['icon.svg', 'image/svg+xml'],
  ] as const) {
    const file = await get(server, `/dashboard/${name}`);
    assert.deepEqual([file.status, field(file, 'Content-Type')], [200, type]);
    assert.ok(file.body.length > 0);
  }

  for (const target of ['/dashboard/index.html', '/dashboard/none', '/dashboard/dashboard.js/', '/dashboardx']) {
    assert.equal((await get(server, target)).status, 404, target);
  }
  assert.equal((await get(server, '/dashboard//')).status, 200, 'slashes are merged');
  assert.equal((await get(server, '/dashboard/../dashboard/../../etc/passwd')).status, 400);
  const post = await get(server, '/dashboard/', { method: 'POST', body: 'x' });
  assert.deepEqual([post.status, field(post, 'Allow')], [405, 'GET, HEAD']);
  assert.equal((await get(server, '/dashboard/events')).status, 426);

  assert.equal((await get(server, '/at/slash')).status, 301);
  assert.equal((await get(server, '/at/slash/')).status, 200);
  assert.equal((await get(server, '/at/slash/icon.svg')).status, 200);
  assert.equal((await get(server, '/old/dash/icon.svg')).status, 404);
});

test('browsers are told to load nothing from elsewhere, and to run nothing but the script', { skip }, async (t) => {
  const { server } = await dashboardSite(t);
  const policy = async (more: Partial<HttpQuestion>, at = 'web'): Promise<string> => {
    const answer = await ask(server, at, { target: '/dashboard/', ...more });
    assert.ok(answer !== 'nothing' && answer.status === 200);
    return field(answer, 'Content-Security-Policy') ?? '';
  };
  const rest =
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  const own = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'";
  assert.equal(
    await policy({ host: 'mail.example:8080' }),
    `${own} ws://mail.example:8080 wss://mail.example:8080; ${rest}`,
  );
  const tls = { host: 'mail.example', connect: { tls: { rejectUnauthorized: false } } };
  assert.equal(await policy(tls, 'wss'), `${own} wss://mail.example; ${rest}`);
  assert.equal(await policy({ host: '[::1]:80' }), `${own} ws://[::1]:80 wss://[::1]:80; ${rest}`);
  for (const host of ["a'b", 'a,b', '*', 'a"b', "x;script-src'*'"]) {
    assert.equal(await policy({ host }), `${own}; ${rest}`, host);
  }
  const page = await get(server, '/dashboard/none');
  assert.ok(field(page, 'Content-Security-Policy')?.startsWith(own), 'also of what is not there');
  assert.deepEqual(
    [field(page, 'X-Content-Type-Options'), field(page, 'Referrer-Policy'), field(page, 'Cache-Control')],
    ['nosniff', 'no-referrer', 'no-cache'],
  );
});

test('whoever may not see the location may not watch, and neither may pages of other origins', { skip }, async (t) => {
  const { server } = await dashboardSite(t, {
    dashboard: 'websocket_allow_origin same;',
    locations: `location /denied { mail_dashboard; deny all; }
      location /list { mail_dashboard; websocket_allow_origin https://ops.example; }
      location /closed { mail_dashboard; auth_basic closed; auth_basic_user_file @DIR@/users; }
      location /reading { mail_dashboard; limit_except GET { deny all; } }`,
    files: { users: 'jo:{PLAIN}secret\n' },
  });
  assert.equal((await get(server, '/denied/')).status, 403);
  assert.equal(await status(server, [], '/denied/events'), 403);
  assert.equal((await get(server, '/closed/')).status, 401);
  assert.equal(await status(server, [], '/closed/events'), 401);
  const basic = `Authorization: Basic ${Buffer.from('jo:secret').toString('base64')}`;
  assert.equal((await get(server, '/closed/', { headers: [basic] })).status, 200);
  assert.equal(await status(server, [basic], '/closed/events'), 101);
  assert.equal((await get(server, '/reading/', { method: 'POST' })).status, 403);
  assert.equal((await get(server, '/reading/')).status, 200);

  assert.equal(await status(server, []), 101);
  assert.equal(await status(server, ['Origin: http://mail.example']), 101);
  assert.equal(await status(server, ['Origin: https://evil.example']), 403);
  assert.equal(await status(server, ['Origin: null']), 403);
  assert.equal(await status(server, ['Origin: https://ops.example'], '/list/events'), 101);
  assert.equal(await status(server, ['Origin: http://mail.example'], '/list/events'), 403);
  await server.waitLog(/\[error\].*client asked from an origin that may not/);
});

test('an api that may end sessions is named only where it is in the same server', { skip }, async (t) => {
  const { server, watch } = await dashboardSite(t, {
    locations: 'location = /exact { api write=on; }',
    block: 'server { listen @other@; location /dashboard/ { mail_dashboard; } location /read { api; } }',
  });
  assert.equal((await (await watch()).next('hello')).api, '/api');
  assert.equal((await (await watch({}, 'other')).next('hello')).api, undefined);
  assert.equal(server.stderr, '');
});
