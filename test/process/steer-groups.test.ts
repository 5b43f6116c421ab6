// Servers of a group are drained, taken out, weighed, added and removed by the api, in all workers at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_SERVER, ApiClient, at, listAt } from '../support/api-client.ts';
import { Cleanup } from '../support/cleanup.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const SERVERS = '/mail/upstreams/all/servers';

async function start(
  t: Parameters<typeof startSite>[0],
  mail: string,
  allow?: RegExp,
): Promise<{ readonly site: Site; readonly api: ApiClient }> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    target: masterTarget(),
    main: `worker_processes 2;\n${API_SERVER}`,
    logLevel: 'info',
    backends: [named('a'), named('b'), named('c')],
    mail,
    server: 'proxy_pass all;',
    ...(allow === undefined ? {} : { allow }),
  });
  endsWithAll(scope, site.server);
  return { site, api: new ApiClient(site.server) };
}

let users = 0;

/** Where new users come to, of so many. */
async function places(site: Site, count = 12): Promise<string> {
  const replies = await Promise.all(Array.from({ length: count }, () => site.visit(`new${++users}`)));
  return [...new Set(replies.map((reply) => reply.replace('+OK ', '')))].sort().join(' ');
}

const addressOf = (site: Site, i: number): string => `${site.backends[i]?.host}:${site.backends[i]?.port}`;

test('a drained server keeps its sessions and its users, and gets no new ones', async (t) => {
  const { site, api } = await start(
    t,
    'upstream all { zone all 64k; affinity $mail_user zone=aff:64k; server #0; server #1; }',
  );
  const { reply, wire } = await site.login('stays');
  const home = reply.replace('+OK ', '');
  const other = home === 'a' ? 'b' : 'a';
  const id = home === 'a' ? 0 : 1;
  assert.equal(await places(site), 'a b');
  const drained = await api.send('PATCH', `${SERVERS}/${id}`, { drain: true });
  assert.equal(at(drained, 'drain'), true);
  assert.equal(await places(site), other);
  await wire.send('NOOP\r\n');
  await wire.expectLine('+OK NOOP\r\n');
  for (let i = 0; i < 4; i++) assert.equal(await site.visit('stays'), reply);
  const peers = listAt(await api.get('/mail/upstreams/all'), 'peers');
  assert.deepEqual(
    peers.map((peer) => at(peer, 'state')),
    home === 'a' ? ['draining', 'up'] : ['up', 'draining'],
  );
  await api.send('PATCH', `${SERVERS}/${id}`, { drain: false });
  assert.equal(await places(site), 'a b');
  wire.destroy();
});

test('servers are added, changed and removed; new workers know of it, and a reload forgets it', async (t) => {
  const { site, api } = await start(t, 'upstream all { zone all 64k; server #0; server #1; }', /exited on signal 9/);
  const added = await api.send('POST', SERVERS, { server: addressOf(site, 2), weight: 2 });
  assert.equal(at(added, 'id'), 2);
  assert.equal(at(added, 'weight'), 2);
  assert.equal(await places(site), 'a b c');
  await api.send('PATCH', `${SERVERS}/0`, { down: true });
  assert.equal(await places(site), 'b c');
  const left = await api.delete(`${SERVERS}/1`);
  assert.ok(Array.isArray(left));
  assert.deepEqual(
    left.map((server) => at(server, 'id')),
    [0, 2],
  );
  assert.equal(await places(site), 'c');

  for (const pid of workersIn(site.server.log.text())) {
    process.kill(pid, 'SIGKILL');
    await gone(pid);
  }
  while (workersIn(site.server.log.text()).length < 4);
  assert.equal(await places(site), 'c');
  const servers = await api.get(SERVERS);
  assert.ok(Array.isArray(servers));
  assert.deepEqual(
    servers.map((server) => [at(server, 'id'), at(server, 'down'), at(server, 'weight')]),
    [
      [0, true, 1],
      [2, false, 2],
    ],
  );

  const old = workersIn(site.server.log.text()).slice(-2);
  site.server.signal('SIGHUP');
  for (const pid of old) await gone(pid);
  assert.equal(await places(site), 'a b');
});

test('changes that cannot be are refused', async (t) => {
  const { site, api } = await start(
    t,
    `upstream all { zone all 64k; server #0; server #1 backup; }
     upstream alone { server #0; }
     upstream keyed { zone keyed 64k; hash $mail_user; server #0; }`,
  );
  const refused = async (method: string, target: string, status: number, code: string, body: object = {}) => {
    const answer = await api.ask(target, { method, body: JSON.stringify(body) });
    assert.deepEqual([answer.status, at(answer.json, 'error', 'code')], [status, code], JSON.stringify(answer.json));
  };
  const server = addressOf(site, 2);
  await refused('POST', '/mail/upstreams/alone/servers', 400, 'UpstreamStatic', { server });
  await refused('PATCH', '/mail/upstreams/alone/servers/0', 400, 'UpstreamStatic', { down: true });
  await refused('DELETE', '/mail/upstreams/alone/servers/0', 400, 'UpstreamStatic');
  await refused('POST', '/mail/upstreams/none/servers', 404, 'UpstreamNotFound', { server });
  await refused('PATCH', `${SERVERS}/9`, 404, 'UpstreamServerNotFound', { down: true });
  await refused('PATCH', `${SERVERS}/x`, 400, 'UpstreamBadServerId', { down: true });
  await refused('POST', SERVERS, 400, 'UpstreamConfFormatError');
  await refused('POST', SERVERS, 400, 'UpstreamBadAddress', { server: 'backend..org:143' });
  await refused('POST', SERVERS, 400, 'UpstreamBadAddress', { server: 'unix:/run/imap\0.sock' });
  await refused('POST', SERVERS, 409, 'EntryExists', { server: addressOf(site, 0) });
  await refused('POST', '/mail/upstreams/keyed/servers', 400, 'UpstreamConfFormatError', { server, backup: true });
  for (const wrong of [
    { weight: 0 },
    { weight: 65_536 },
    { max_conns: 2 ** 31 },
    { fail_timeout: 2 ** 31 },
    { weight: 1.5 },
    { weight: '2' },
    { max_conns: -1 },
    { fail_timeout: 'soon' },
    { down: 'yes' },
    { backup: true },
    { colour: 'red' },
  ]) {
    await refused('PATCH', `${SERVERS}/0`, 400, 'UpstreamConfFormatError', wrong);
  }
  await refused('PUT', SERVERS, 405, 'MethodDisabled');
  const changed = await api.send('PATCH', `${SERVERS}/0`, {
    weight: 5,
    max_conns: 7,
    max_fails: 3,
    fail_timeout: '20s',
  });
  assert.deepEqual(changed, {
    id: 0,
    server: addressOf(site, 0),
    weight: 5,
    max_conns: 7,
    max_fails: 3,
    fail_timeout: '20s',
    slow_start: '0s',
    backup: false,
    down: false,
  });
});
