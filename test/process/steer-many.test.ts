// While 200 clients work, sessions are ended, backends drained and users held: nobody notices but those who are meant.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { run } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { turnsUntil } from '../support/in-time.ts';
import { LogFile } from '../support/log-file.ts';
import { endsWithAll, masterTarget } from '../support/master.ts';
import { enter, leave, NewsBackend, SteadyClient } from '../support/steady-clients.ts';
import { postern } from '../support/target.ts';
import { type Site, startSite } from '../support/upstream-site.ts';

const USERS = 40;
/** Of each user. */
const CLIENTS = 5;
const IDLE = 2;
const NEWCOMERS = 12;

/** Users who are meant. Of the one who loses a session only that one is. */
const KICKED_BY_API = 'user0';
const KICKED_BY_COMMAND = 'user1';
const LOSES_ONE = 'user2';
const HELD = 'user3';

async function start(t: TestContext, backends: readonly NewsBackend[]): Promise<Site> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    target: masterTarget(),
    main: `worker_processes 2;\n${API_SERVER}`,
    backends: backends.map(({ script }) => script),
    mail: `
      log_format ends '$mail_event $mail_user $mail_end $status $upstream_addr';
      access_log @DIR@/ends.log ends; access_log_event session auth;
      upstream all { zone all 64k; hash $mail_user consistent; affinity $mail_user zone=users:1m; server #0; server #1; }`,
    more: 'server { listen @imap@; protocol imap; status_zone front; proxy_pass all; auth_http off; proxy_imap_login quoted; }',
    server: 'proxy_pass all;',
  });
  endsWithAll(scope, site.server);
  return site;
}

test('sessions are ended, backends drained and users held while 200 clients work', async (t) => {
  const backends = [new NewsBackend('a'), new NewsBackend('b')];
  const site = await start(t, backends);
  const { server } = site;
  const api = new ApiClient(server);
  const names = Array.from({ length: USERS }, (_, i) => `user${i}`);
  const clients = names.flatMap((user) =>
    Array.from({ length: CLIENTS }, (_, i) => new SteadyClient(server, user, i < IDLE)),
  );
  assert.equal(clients.length, 200);
  const of = (user: string, isIdle: boolean): SteadyClient[] =>
    clients.filter((client) => client.user === user && client.isIdle === isIdle);
  const runs = clients.filter(({ isIdle }) => isIdle).map((client) => client.run());
  await Promise.all(clients.filter(({ isIdle }) => isIdle).map((client) => client.goesOn(0)));
  runs.push(...clients.filter(({ isIdle }) => !isIdle).map((client) => client.run()));

  const steer = async (...words: readonly string[]): Promise<unknown> => {
    const ran = await run(postern.command, [...postern.args, ...words, '--json', '-c', `${server.dir}/nginx.conf`]);
    assert.deepEqual([ran.code, ran.stderr], [0, ''], words.join(' '));
    return JSON.parse(ran.stdout);
  };
  /** All but these have done something since this was asked. */
  const othersGoOn = async (...meant: readonly string[]): Promise<void> => {
    const others = clients.filter(({ user, faults }) => !meant.includes(user) && faults.length === 0);
    const waits = others.map((client) => client.goesOn(client.rounds));
    for (const backend of backends) backend.tellNews();
    await Promise.all(waits);
  };
  /** Where users come to who were never there. */
  let newcomers = 0;
  const arrivals = async (): Promise<string> => {
    const visits = Array.from({ length: NEWCOMERS }, async () => {
      const { wire, at: place } = await enter(server, `new${newcomers++}`);
      await leave(wire, place);
      return place;
    });
    return [...new Set(await Promise.all(visits))].sort().join(' ');
  };
  const sessions = at(await api.get('/mail/sessions?state=relay&limit=1000'), 'sessions');
  assert.ok(Array.isArray(sessions));
  assert.equal(new Set(sessions.map((session) => at(session, 'pid'))).size, 2, 'both workers have some');

  let ended = 0;
  const kick = async (victim: string, least: number, answer: Promise<unknown>): Promise<void> => {
    const count = Number(at(await answer, 'ended'));
    assert.ok(count >= least && count <= CLIENTS, `${count} sessions of ${victim}`);
    ended += count;
    const notice = (): boolean => of(victim, true).filter(({ faults }) => faults.length > 0).length === least;
    await turnsUntil(notice, `${victim} to notice`);
  };
  await kick(KICKED_BY_API, IDLE, api.delete(`/mail/sessions?user=${KICKED_BY_API}`));
  await kick(KICKED_BY_COMMAND, IDLE, steer('kick', '--user', KICKED_BY_COMMAND));
  const [oldest] = Object.values(Object(await steer('sessions', '--user', LOSES_ONE)));
  assert.equal(at(oldest, 'state'), 'relay');
  await kick(LOSES_ONE, 1, steer('kick', String(at(oldest, 'id'))));
  await othersGoOn();

  const servers = '/mail/upstreams/all/servers';
  const [first, second] = site.backends.map(({ host, port }) => `${host}:${port}`);
  assert.ok(first !== undefined && second !== undefined);
  await api.send('PATCH', `${servers}/0`, { drain: true });
  const [before] = await Promise.all([arrivals(), othersGoOn()]);
  assert.equal(before, 'b');
  await steer('undrain', 'all', first);
  await steer('drain', 'all', second);
  const [after] = await Promise.all([arrivals(), othersGoOn()]);
  assert.equal(after, 'a');
  await api.send('PATCH', `${servers}/1`, { drain: false });
  assert.equal(await arrivals(), 'a b');

  const hold = async (way: Promise<unknown>): Promise<number> => {
    const answer = await way;
    while (at(await api.get(`/mail/users/${HELD}/delay`), 'waiting') !== CLIENTS - IDLE);
    const rounds = of(HELD, false).map((client) => client.rounds);
    await othersGoOn(HELD);
    assert.deepEqual(
      of(HELD, false).map((client) => client.rounds),
      rounds,
      'nobody gets in meanwhile',
    );
    return Number(at(answer, 'ended'));
  };
  const letGo = async (way: Promise<unknown>): Promise<void> => {
    const waits = of(HELD, false).map((client) => client.goesOn(client.rounds));
    assert.deepEqual(await way, { released: CLIENTS - IDLE });
    await Promise.all(waits);
  };
  assert.equal(await hold(api.send('POST', `/mail/users/${HELD}/delay`, { time: '10m' })), 0);
  await letGo(steer('release', HELD));
  const relays = await hold(steer('hold', HELD, '--time', '10m', '--end-sessions'));
  assert.ok(relays >= IDLE && relays <= CLIENTS);
  ended += relays;
  await letGo(api.delete(`/mail/users/${HELD}/delay`));

  for (const client of clients) client.end();
  await Promise.all(runs);

  // Each client for itself: who was not meant has noticed nothing, and has been at one backend.
  const meant = [KICKED_BY_API, KICKED_BY_COMMAND, HELD];
  for (const { user, isIdle, faults, backends: seen } of clients) {
    if (isIdle && meant.includes(user)) assert.equal(faults.length, 1, `${user}: ${faults}`);
    else if (isIdle && user === LOSES_ONE) assert.ok(faults.length <= 1, `${user}: ${faults}`);
    else if (!meant.includes(user)) assert.deepEqual([faults, seen.size], [[], 1], user);
  }
  for (const user of names.filter((name) => !meant.includes(name))) {
    const seen = new Set(clients.filter((client) => client.user === user).flatMap((client) => [...client.backends]));
    assert.equal(seen.size, 1, `${user} at ${[...seen]}`);
  }

  assert.equal(of(LOSES_ONE, true).filter(({ faults }) => faults.length > 0).length, 1);

  // The logs and the counters say the same.
  while (at(await api.get('/mail/server_zones/front'), 'processing') !== 0);
  const lines = new LogFile(`${server.dir}/ends.log`)
    .text()
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '));
  const count = (event: string, end: string): number => lines.filter(([e, , how]) => e === event && how === end).length;
  assert.equal(count('session', 'kicked'), ended);
  const kicked = lines.filter(([event, , end]) => event === 'session' && end === 'kicked').map(([, user]) => user);
  assert.deepEqual([...new Set(kicked)].sort(), [KICKED_BY_API, KICKED_BY_COMMAND, LOSES_ONE, HELD]);
  assert.equal(kicked.filter((user) => user === LOSES_ONE).length, 1);
  const others = lines.filter(([, user = '']) => !meant.includes(user) && user !== LOSES_ONE);
  assert.deepEqual([...new Set(others.map(([, , end, status]) => `${end} ${status}`))], ['ok 200']);
  const zone = await api.get('/mail/server_zones/front');
  assert.equal(at(zone, 'connections'), lines.filter(([event]) => event === 'session').length);
  // Of those who were meant some had said good-bye already.
  const served = clients.filter(({ user }) => !meant.includes(user)).reduce((sum, { sessions: all }) => sum + all, 0);
  const good = lines.filter(([event, user = '', end]) => event === 'session' && end === 'ok' && !meant.includes(user));
  assert.equal(good.length, served + newcomers);
  const { ok, refused, error, aborted } = Object(at(zone, 'logins'));
  assert.deepEqual(
    { ok, refused, error, aborted },
    { ok: count('auth', 'ok'), refused: 0, error: 0, aborted: count('auth', 'kicked') },
  );
  const peers = at(await api.get('/mail/upstreams/all'), 'peers');
  assert.ok(Array.isArray(peers));
  assert.deepEqual(
    peers.map((peer) => [at(peer, 'state'), at(peer, 'active'), at(peer, 'fails')]),
    [
      ['up', 0, 0],
      ['up', 0, 0],
    ],
  );
});
