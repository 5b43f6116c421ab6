// Which server of a group is meant: one of several that are the same, and names that each worker looks up by itself.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { run } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import { StatsPage } from '../support/stats-page.ts';
import { postern } from '../support/target.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const SERVERS = '/mail/upstreams/all/servers';
const PAGES = API_SERVER.replace('location /read', 'location = /metrics { prometheus; } location /read');

interface Running {
  readonly site: Site;
  readonly api: ApiClient;
  readonly dns: FakeDns;
}

async function start(t: TestContext, mail: (dns: FakeDns) => string, allow?: RegExp): Promise<Running> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const dns = await FakeDns.start();
  scope.after(() => dns.close());
  const site = await startSite(scope, {
    target: masterTarget(),
    main: `worker_processes 2;\n${PAGES}`,
    logLevel: 'info',
    backends: [named('a'), named('b'), named('c')],
    mail: mail(dns),
    server: 'proxy_pass all;',
    ...(allow === undefined ? {} : { allow }),
  });
  endsWithAll(scope, site.server);
  return { site, api: new ApiClient(site.server), dns };
}

let users = 0;

/** Where new users come to, of so many. */
async function places(site: Site, count = 12): Promise<string> {
  const replies = await Promise.all(Array.from({ length: count }, () => site.visit(`new${++users}`)));
  return [...new Set(replies.map((reply) => reply.replace('+OK ', '')))].sort().join(' ');
}

const addressOf = (site: Site, i: number): string => `${site.backends[i]?.host}:${site.backends[i]?.port}`;

/** Fields of each server, as any of the workers tells them. */
async function told(api: ApiClient, ...fields: readonly string[]): Promise<unknown[][]> {
  const servers = await api.get(SERVERS);
  assert.ok(Array.isArray(servers));
  return servers.map((server) => fields.map((field) => at(server, field)));
}

test('of servers that are the same each is changed, counted and removed alone', async (t) => {
  const { site, api } = await start(
    t,
    () => 'upstream all { zone all 64k; server #0; server #0 weight=2; server #1 down; server #0 backup; }',
  );
  const first = addressOf(site, 0);
  assert.deepEqual(await told(api, 'id', 'server', 'weight', 'backup'), [
    [0, first, 1, false],
    [1, first, 2, false],
    [2, addressOf(site, 1), 1, false],
    [3, first, 1, true],
  ]);
  assert.equal(await places(site), 'a');
  const peers = async (): Promise<unknown[]> => {
    const group = await api.get('/mail/upstreams/all');
    const all = at(group, 'peers');
    assert.ok(Array.isArray(all));
    return all.map((peer) => [at(peer, 'id'), at(peer, 'state'), Number(at(peer, 'connections')) > 0]);
  };
  assert.deepEqual(await peers(), [
    [0, 'up', true],
    [1, 'up', true],
    [2, 'down', false],
    [3, 'up', false],
  ]);
  const counted = async (): Promise<number> => {
    const labels = { upstream: 'all', peer: first, address: first };
    return await new StatsPage(site.server).value('postern_mail_upstream_peer_connections_total', labels);
  };
  assert.equal(await counted(), 12, 'nothing tells their labels apart');

  assert.equal(at(await api.send('PATCH', `${SERVERS}/1`, { drain: true }), 'drain'), true);
  await api.send('PATCH', `${SERVERS}/2`, { down: false });
  for (let i = 0; i < 8; i++) {
    assert.deepEqual(await told(api, 'id', 'drain', 'down'), [
      [0, undefined, false],
      [1, true, false],
      [2, undefined, false],
      [3, undefined, false],
    ]);
  }
  assert.equal(await places(site), 'a b');
  await api.delete(`${SERVERS}/0`);
  assert.equal(await places(site), 'b');
  assert.deepEqual(await told(api, 'id', 'drain'), [
    [1, true],
    [2, undefined],
    [3, undefined],
  ]);

  const steer = (...words: readonly string[]) =>
    run(postern.command, [...postern.args, ...words, '-c', `${site.server.dir}/nginx.conf`]);
  const undrained = await steer('undrain', 'all', first);
  assert.deepEqual([undrained.code, undrained.stdout], [0, `${first}: up\n${first}: up\n`], undrained.stderr);
  assert.equal(await places(site), 'a b');
  const added = await api.send('POST', SERVERS, { server: addressOf(site, 2) });
  assert.equal(at(added, 'id'), 4, 'no id is used twice');
});

test('a name is one server, whatever each worker has looked up, and when', async (t) => {
  const { site, api, dns } = await start(
    t,
    ({ port }) =>
      `resolver 127.0.0.1:${port} ipv6=off valid=1s;
       upstream all { zone all 64k; server one.example:#:0 resolve; server two.example:#:1 resolve; }`,
    /exited on signal 9/,
  );
  const names = ['one.example', 'two.example', 'three.example'];
  const ports = site.backends.map(({ port }) => port);
  for (const name of names) {
    dns.script(name, 'A', { answers: [{ type: 'A', name, ttl: 1, data: site.backends[0]?.host ?? '' }] });
  }
  const parents = async (): Promise<unknown[]> =>
    (await told(api, 'id', 'server', 'parent')).flatMap(([id, server, parent]) =>
      parent === undefined ? [`${id} ${server}`] : [],
    );
  const [one, two, three] = names.map((name, i) => `${name}:${ports[i]}`);
  for (let i = 0; i < 8; i++) assert.deepEqual(await parents(), [`0 ${one}`, `1 ${two}`], 'nobody has looked yet');
  assert.equal(await places(site), 'a b');
  // Until each worker has looked up both.
  const isSame = async (count: number): Promise<boolean> => {
    for (let i = 0; i < 8; i++) if ((await told(api, 'id')).length !== count) return false;
    return true;
  };
  while (!(await isSame(4))) await places(site);

  await api.send('PATCH', `${SERVERS}/1`, { drain: true });
  assert.equal(await places(site), 'a');
  const added = await api.send('POST', SERVERS, { server: three, weight: 3 });
  assert.deepEqual([at(added, 'id'), at(added, 'server'), at(added, 'weight')], [2, three, 3]);
  assert.equal((await api.ask(SERVERS, { method: 'POST', body: JSON.stringify({ server: three }) })).status, 409);
  assert.equal(await places(site), 'a c');
  // Until each worker has looked up the third one.
  while (!(await isSame(6))) await places(site);
  const children = (await told(api, 'parent', 'host', 'weight', 'drain', 'id')).filter(
    ([parent]) => parent !== undefined,
  );
  assert.deepEqual(
    children.map((child) => child.slice(0, 4)),
    [
      [0, one, 1, undefined],
      [1, two, 1, true],
      [2, three, 3, undefined],
    ],
  );
  const refused = await api.ask(`${SERVERS}/${children[0]?.[4]}`, { method: 'PATCH', body: '{"drain":true}' });
  assert.deepEqual([refused.status, at(refused.json, 'error', 'code')], [400, 'UpstreamServerImmutable']);
  const part = `${site.backends[0]?.host}:${ports[0]}`;
  const drained = await run(postern.command, [
    ...[...postern.args, 'drain', 'all', part],
    ...['-c', `${site.server.dir}/nginx.conf`],
  ]);
  assert.deepEqual([drained.code, drained.stderr], [1, `postern: "${part}" is part of "${one}"\n`]);

  await api.delete(`${SERVERS}/0`);
  await api.send('POST', SERVERS, { server: 'none.example' });
  assert.equal(await places(site), 'c');
  assert.match(site.server.log.text(), /none\.example could not be resolved \(3: Host not found\)/);
  await api.delete(`${SERVERS}/3`);
  for (const pid of workersIn(site.server.log.text())) {
    process.kill(pid, 'SIGKILL');
    await gone(pid);
  }
  while (workersIn(site.server.log.text()).length < 4);
  assert.equal(await places(site), 'c', 'new workers know of it');
  assert.deepEqual(await parents(), [`1 ${two}`, `2 ${three}`]);
  const again = await api.send('POST', SERVERS, { server: one });
  assert.equal(at(again, 'id'), 4);
  assert.equal(await places(site), 'a c');
});

test('of many who add the same server at the same time one does', async (t) => {
  const { site, api } = await start(t, () => 'upstream all { zone all 64k; server #0; }');
  const body = JSON.stringify({ server: addressOf(site, 1) });
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.ask(SERVERS, { method: 'POST', body })));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...new Array(19).fill(409)]);
  assert.deepEqual(await told(api, 'id'), [[0], [1]]);
  const drained = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      api.ask(`${SERVERS}/${i % 2}`, { method: 'PATCH', body: `{"drain":${i % 4 < 2}}` }),
    ),
  );
  assert.ok(drained.every(({ status }) => status === 200));
  const deleted = await Promise.all(Array.from({ length: 10 }, () => api.ask(`${SERVERS}/1`, { method: 'DELETE' })));
  assert.equal(deleted.filter(({ status }) => status === 200).length, 1);
  assert.equal(deleted.filter(({ status }) => status === 404).length, 9);
});

test('what is no address and no name, and names where nothing looks them up', async (t) => {
  const { api } = await start(t, () => 'upstream all { zone all 64k; server #0; }');
  const code = async (server: string): Promise<unknown> => {
    const answer = await api.ask(SERVERS, { method: 'POST', body: `{"server":"${server}"}` });
    assert.equal(answer.status, 400, server);
    return at(answer.json, 'error', 'code');
  };
  const wrong = [
    '',
    'a b',
    'x..y',
    '-x',
    '\\u00fc.example',
    'x:99999',
    'x:',
    '[::1',
    'unix:',
    'a;b',
    'a/b',
    `${'x'.repeat(64)}.y`,
    '\\u001b',
  ];
  for (const text of wrong) assert.equal(await code(text), 'UpstreamBadAddress', text);
  assert.equal(await code('backend.example.org:143'), 'UpstreamConfNoResolver');
});
