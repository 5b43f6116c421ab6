// The api: its paths, its errors, and what it leaves out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { type HttpQuestion, textOf } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';

/** A name of UTF-8, and one that is none, in the bytes of a configuration. */
const UTF8 = Buffer.from('Köln "1"').toString('latin1');
const NO_UTF8 = 'a\xffb';

const CONFIG = `mail {
  auth_http 127.0.0.1:9;
  upstream be { zone be 64k; server 127.0.0.1:9 weight=2 max_conns=7; server 127.0.0.1:10 backup; server 127.0.0.1:11 down; }
  upstream own { server 127.0.0.1:9 fail_timeout=90s slow_start=1m max_fails=4; }
  server { listen @imap@; protocol imap; status_zone '${UTF8}'; }
  server { listen @other@; protocol imap; status_zone '${UTF8}'; }
  server { listen @pop3@; protocol pop3; status_zone '${NO_UTF8}'; }
  server { listen unix:@DIR@/smtp.sock; protocol smtp; }
}
http {
  access_log off;
  server {
    listen @web@;
    location /api { api; }
    location /own { api write=on; limit_except GET { deny all; } }
    location /write { api write=on; client_body_buffer_size 1m; }
    location ~ ^/[0-9] { api; }
    location = /metrics { prometheus; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});

const raw = (target: string, more?: Partial<HttpQuestion>) => textOf(server, target, more);

async function json(target: string): Promise<unknown> {
  const { status, fields, text } = await raw(target);
  assert.equal(status, 200, text);
  assert.ok(fields.includes('Content-Type: application/json'));
  return JSON.parse(text);
}

const keys = (value: unknown): string[] => {
  assert.ok(typeof value === 'object' && value !== null, JSON.stringify(value));
  return Object.keys(value);
};

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, name) => {
    assert.ok(typeof one === 'object' && one !== null, `${name} in ${JSON.stringify(one)}`);
    return Object.entries(one).find(([key]) => key === name)?.[1];
  }, value);

async function refuses(target: string, status: number, code: string, more: Partial<HttpQuestion> = {}) {
  const answer = await raw(target, more);
  assert.equal(answer.status, status, answer.text);
  const body: unknown = JSON.parse(answer.text);
  assert.deepEqual(keys(body), ['error', 'request_id', 'href']);
  assert.deepEqual([at(body, 'error', 'status'), at(body, 'error', 'code')], [status, code]);
  assert.match(String(at(body, 'request_id')), /^[0-9a-f]{32}$/);
  return answer;
}

test('versions, and what there is of each', async () => {
  for (const path of ['/api', '/api/']) assert.deepEqual(await json(path), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const version of [1, 6, 9]) {
    const names = await json(`/api/${version}/`);
    assert.ok(Array.isArray(names));
    for (const name of ['nginx', 'processes', 'connections', 'workers', 'mail']) assert.ok(names.includes(name), name);
    // Everything that is named is there.
    for (const name of names) await json(`/api/${version}/${name}`);
  }
  for (const part of ['http', 'stream', 'mail']) {
    const names = await json(`/api/9/${part}/`);
    assert.ok(Array.isArray(names));
    for (const name of names) await json(`/api/9/${part}/${name}/`);
  }
});

test('the whole: processes, connections and requests', async () => {
  const nginx = await json('/api/9/nginx');
  assert.equal(at(nginx, 'generation'), 1);
  assert.equal(at(nginx, 'pid'), server.pid);
  assert.match(String(at(nginx, 'load_timestamp')), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.equal(at(nginx, 'address'), server.at('web').host);
  assert.deepEqual(await json('/api/9/processes'), { respawned: 0 });
  const connections = await json('/api/9/connections');
  assert.deepEqual([keys(connections), at(connections, 'dropped')], [['accepted', 'dropped', 'active', 'idle'], 0]);
  assert.deepEqual(keys(await json('/api/9/http/requests')), ['total', 'current']);
  const workers = await json('/api/9/workers');
  assert.deepEqual([at(workers, '0', 'id'), at(workers, '0', 'pid')], [0, server.pid]);
  assert.deepEqual(keys(at(workers, '0')), ['id', 'pid', 'condition', 'connections', 'http']);
  assert.deepEqual(await json('/api/9/slabs/'), {});
  assert.equal(at(await json('/api/9/ssl'), 'handshakes'), 0);
});

test('mail servers by their zones: servers of one name are one, and without a name it is the address', async () => {
  const { host, port } = server.at('imap');
  assert.ok(host !== '' && port > 0);
  const zones = await json('/api/9/mail/server_zones');
  assert.deepEqual(keys(zones), ['Köln "1"', 'a\ufffdb', `unix:${server.dir}/smtp.sock`]);
  assert.equal(at(zones, 'Köln "1"', 'protocol'), 'imap');
  const smtp = await json(`/api/9/mail/server_zones/unix:${server.dir}/smtp.sock`);
  assert.equal(at(smtp, 'protocol'), 'smtp');
  const koeln = await json(`/api/9/mail/server_zones/${encodeURIComponent('Köln "1"')}`);
  assert.equal(at(koeln, 'processing'), 0);
  assert.deepEqual(keys(at(koeln, 'logins')), ['ok', 'refused', 'wait', 'error', 'aborted', 'methods']);
});

test('groups of backends', async () => {
  const groups = await json('/api/9/mail/upstreams');
  assert.deepEqual(keys(groups), ['be', 'own']);
  assert.equal(at(groups, 'be', 'zone'), 'be');
  assert.equal(at(groups, 'own', 'zone'), undefined);
  const peers = at(await json('/api/9/mail/upstreams/be'), 'peers');
  assert.deepEqual(
    [0, 1, 2].map((i) => ['state', 'weight', 'backup', 'max_conns'].map((name) => at(peers, String(i), name))),
    [
      ['up', 2, false, 7],
      ['up', 1, true, undefined],
      ['down', 1, false, undefined],
    ],
  );
  assert.deepEqual(await json('/api/9/mail/upstreams/own/servers/0'), {
    id: 0,
    server: '127.0.0.1:9',
    weight: 1,
    max_conns: 0,
    max_fails: 4,
    fail_timeout: '90s',
    slow_start: '60s',
    backup: false,
    down: false,
  });
  const all = await json('/api/9/mail/upstreams/be/servers/');
  assert.deepEqual([at(all, '1', 'backup'), at(all, '2', 'down')], [true, true]);
});

test('fields that are asked for, of one thing and of each of several', async () => {
  assert.deepEqual(keys(await json('/api/9/nginx?fields=version,pid')), ['version', 'pid']);
  assert.deepEqual(keys(await json('/api/9/nginx?x=1&fields=version%2cpid')), ['version', 'pid']);
  assert.deepEqual(await json('/api/9/nginx?fields=nothing'), {});
  const zones = await json('/api/9/mail/server_zones?fields=protocol');
  assert.deepEqual(at(zones, 'Köln "1"'), { protocol: 'imap' });
  assert.deepEqual(await json('/api/9/mail/upstreams?fields='), ['be', 'own']);
  assert.deepEqual(await json('/api/9/workers?fields=id'), [{ id: 0 }]);
});

test('what is not there, and methods that are not', async () => {
  await refuses('/api/10/nginx', 404, 'UnknownVersion');
  await refuses('/api/x', 404, 'UnknownVersion');
  await refuses('/api/09/', 404, 'UnknownVersion');
  await refuses('/api/9/nothing', 404, 'PathNotFound');
  await refuses('/api/9/nginx/more', 404, 'PathNotFound');
  await refuses('/api/9/http/server_zones/x', 404, 'ServerZoneNotFound');
  await refuses('/api/9/http/caches/x', 404, 'PathNotFound');
  await refuses('/api/9/mail/server_zones/x', 404, 'ServerZoneNotFound');
  await refuses('/api/9/mail/upstreams/x', 404, 'UpstreamNotFound');
  await refuses('/api/9/mail/upstreams/x/servers/0', 404, 'UpstreamNotFound');
  await refuses('/api/9/mail/upstreams/be/servers/3', 404, 'UpstreamServerNotFound');
  for (const id of ['-1', '1x', '0x1', '99999999999'])
    await refuses(`/api/9/mail/upstreams/be/servers/${id}`, 400, 'UpstreamBadServerId');
  for (const method of ['POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']) {
    const { fields } = await refuses('/api/9/mail/upstreams/be/servers', 405, 'MethodDisabled', { method });
    assert.ok(fields.includes('Allow: GET, HEAD'));
  }
  // write=on does not make up what is not there.
  await refuses('/api/9/nginx', 405, 'MethodDisabled', { method: 'DELETE' });
});

test('HEAD is answered as GET is, without the body', async () => {
  const { status, fields, body } = await raw('/api/9/processes', { method: 'HEAD' });
  assert.equal(status, 200);
  assert.ok(fields.includes(`Content-Length: ${'{"respawned":0}\n'.length}`));
  assert.equal(body, '');
});

test('the access rules of the location hold', async () => {
  assert.deepEqual(await json('/own/9/processes'), { respawned: 0 });
  assert.equal((await raw('/own/9/processes', { method: 'DELETE' })).status, 403);
});

test('in a location of a regular expression the path is the whole', async () => {
  assert.deepEqual(await json('/9/processes'), { respawned: 0 });
});

test('a name of an object is no field of it', async () => {
  await refuses('/api/9/constructor', 404, 'PathNotFound');
  await refuses('/api/9/mail/upstreams/__proto__', 404, 'UpstreamNotFound');
  assert.deepEqual(await json('/api/9/nginx?fields=__proto__,constructor'), {});
});

test('who changes something is a page of this site, or no page', async () => {
  const status = async (...headers: readonly string[]): Promise<number> =>
    (await raw('/write/9/mail/users/nobody/delay', { method: 'DELETE', headers })).status;
  for (const own of ['http://localhost', 'https://localhost', 'http://LocalHost']) {
    assert.equal(await status(`Origin: ${own}`), 404, own);
  }
  assert.equal(await status(), 404);
  for (const other of ['http://localhost.example', 'http://localhost:81', 'http://localhost/', 'null', 'file://', '']) {
    assert.equal(await status(`Origin: ${other}`), 403, other);
  }
  assert.equal((await raw('/write/9/mail/users', { headers: ['Origin: http://evil.example'] })).status, 200);
});

test('a body has a bound of its own, whatever the location takes', async () => {
  const hold = (length: number) =>
    raw('/write/9/mail/users/me/delay', { method: 'POST', body: '{"time":"1ms"}'.padEnd(length) });
  assert.equal((await hold(65_536)).status, 201);
  assert.equal((await hold(65_537)).status, 415);
});

test('names of JSON that are those of every object are unknown parameters', async () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const body = `{"${name}":{"time":"1s"}}`;
    const { status, text } = await raw('/write/9/mail/users/me/delay', { method: 'POST', body });
    assert.equal(status, 400);
    assert.equal(at(JSON.parse(text), 'error', 'text'), `unknown parameter "${name}"`);
  }
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  assert.equal((await raw('/write/9/mail/users/me/delay', { method: 'POST', body: deep })).status, 400);
});
