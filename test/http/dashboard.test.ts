// mail_dashboard: what a page that watches is told, of sessions, logins and their ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardSite } from '../support/dashboard-site.ts';
import { defaultTarget } from '../support/target.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no dashboard';

test('hello, then what goes on every second', { skip }, async (t) => {
  const { server, watch, enter, leave } = await dashboardSite(t);
  const page = await watch();
  const hello = await page.next('hello');
  assert.equal(hello.api, '/api');
  assert.equal(hello.intervalMs, 1000);
  assert.ok(hello.version.length > 0);
  const first = await page.next('now');
  assert.deepEqual(first.sessions, { imap: 0, smtp: 0 });
  assert.equal(first.ok, 0);
  await enter();
  const now = await page.next('now', ({ ok }) => ok > 0);
  assert.deepEqual(now.sessions, { imap: 1, smtp: 0 });
  const [imap, smtp] = now.servers;
  assert.deepEqual([imap?.protocol, imap?.sessions, imap?.relays, imap?.auth?.count], ['imap', 1, 1, 1]);
  const { host, port } = server.at('imap');
  assert.equal(imap?.name, `${host}:${port}`);
  assert.ok((imap?.backend?.p99 ?? 0) >= (imap?.backend?.p50 ?? 1));
  assert.deepEqual([smtp?.protocol, smtp?.sessions, smtp?.auth], ['smtp', 0, undefined]);
  assert.deepEqual(now.workers, [{ pid: server.pid, slot: 0, condition: 'serving', connections: 2 }]);
  assert.deepEqual([now.generation, now.respawned], [1, 0]);
  await page.next('now', ({ ok }) => ok === 0);
  leave();
});

test('sessions by filter and in pages, and again every second', { skip }, async (t) => {
  const { watch, enter, leave } = await dashboardSite(t);
  for (const user of ['jo', 'ann', 'jo']) await enter(user);
  const page = await watch();
  await page.ask({ question: 7, limit: 2 });
  const one = await page.next('sessions');
  assert.deepEqual([one.question, one.total, one.sessions.map(({ user }) => user)], [7, 3, ['jo', 'ann']]);
  await page.ask({ question: 8, limit: 2, after: one.next });
  const two = await page.next('sessions', ({ question }) => question === 8);
  assert.deepEqual([two.total, two.sessions.map(({ user }) => user), two.next], [3, ['jo'], undefined]);
  await page.ask({ question: 9, filter: { user: 'ann', protocol: 'imap', client: '127.0.0.0/8', state: 'relay' } });
  const ann = await page.next('sessions', ({ question }) => question === 9);
  const [session] = ann.sessions;
  assert.deepEqual([ann.total, session?.user, session?.protocol, session?.state], [1, 'ann', 'imap', 'relay']);
  await page.ask({ question: 10, filter: { client: 'nowhere' } });
  assert.equal((await page.next('sessions', ({ question }) => question === 10)).total, 0);
  await page.ask({ question: 11, filter: { user: 'late' } });
  assert.equal((await page.next('sessions', ({ question }) => question === 11)).total, 0);
  await enter('late');
  await page.next('sessions', ({ total }) => total === 1);
  leave();
});

test('a page that asks again and again takes nobody the turn', { skip }, async (t) => {
  const { watch, enter, leave } = await dashboardSite(t);
  await enter();
  const pages = await Promise.all(Array.from({ length: 6 }, () => watch()));
  const limits = pages.map((_page, index) => index + 1);
  for (const [index, page] of pages.entries()) {
    await page.ask({ limit: limits[index] ?? 1 });
    await page.next('sessions');
  }
  const [greedy, ...others] = pages;
  assert.ok(greedy !== undefined);
  let isOver = false;
  const asking = (async () => {
    for (let question = 2; !isOver; question++) {
      await greedy.next('now');
      await greedy.ask({ question });
    }
  })();
  // More questions than go at a time: each has its turn, twice.
  for (let round = 0; round < 2; round++) await Promise.all(others.map((page) => page.next('sessions')));
  isOver = true;
  await asking;
  leave();
});

test('the tail tells of logins, refusals and ends, while it is watched', { skip }, async (t) => {
  const { server, watch, enter, leave } = await dashboardSite(t);
  await enter('before');
  const page = await watch();
  await page.ask({ tail: true });
  await page.next('sessions');
  const wire = await enter('jo');
  await wire.send('b LOGOUT\r\n');
  wire.destroy();
  await enter('eve');
  const wanted = ['begin ', 'login jo', 'end jo ok', 'refused eve No <b>way</b>'];
  const seen: string[] = [];
  while (!wanted.every((text) => seen.includes(text))) {
    const { events, leftOut } = await page.next('events');
    assert.equal(leftOut, 0);
    for (const { what, user, why, id, isCut, protocol } of events) {
      assert.match(id, new RegExp(`^${server.pid}-\\d+$`));
      assert.deepEqual([isCut, protocol], [false, 'imap']);
      assert.notEqual(user, 'before');
      seen.push(`${what} ${user}${why === undefined ? '' : ` ${why}`}`);
    }
  }
  leave();
});

test('a tail with a filter tells of those sessions only', { skip }, async (t) => {
  const { watch, enter, leave } = await dashboardSite(t);
  const [page, other] = [await watch(), await watch()];
  await page.ask({ tail: true, filter: { user: 'ann' } });
  await page.next('sessions');
  await other.ask({ tail: true });
  await other.next('sessions');
  await enter('jo');
  await enter('ann');
  const { events } = await page.next('events');
  assert.deepEqual(
    events.map(({ what, user }) => [what, user]),
    [['login', 'ann']],
  );
  const all = await other.next('events', (tail) => tail.events.some(({ user }) => user === 'jo'));
  assert.ok(all.events.length > 1);
  leave();
});

test('names of users are data: cut, and never broken text', { skip }, async (t) => {
  const { watch, enter, leave } = await dashboardSite(t);
  const markup = '<img src=x onerror=alert(1)>';
  const names = [markup, 'x'.repeat(4000), '\u202egnp.exe', 'ü'.repeat(257)];
  const page = await watch();
  await page.ask({ tail: true });
  await page.next('sessions');
  for (const name of names) await enter(name);
  const { sessions } = await page.next('sessions', ({ total }) => total === names.length);
  const users = sessions.map(({ user, isCut }) => [user, isCut]);
  assert.deepEqual(users, [
    [markup, false],
    ['x'.repeat(256), true],
    ['\u202egnp.exe', false],
    ['ü'.repeat(256), true],
  ]);
  leave();
});

test('the api of a whole server', { skip }, async (t) => {
  // The first one of a server is named.
  const { watch, leave } = await dashboardSite(t, {
    block: 'server { listen @other@; location / { api write=on; } location /dashboard { mail_dashboard; } }',
  });
  const { api } = await (await watch({}, 'other')).next('hello');
  assert.equal(api, '/');
  leave();
});

test('backends of a group, and their state', { skip }, async (t) => {
  const { server, watch, leave } = await dashboardSite(t, {
    mail: ({ host, port }) => `
      upstream pool { zone pool 64k; server @dead@ fail_timeout=60s; server ${host}:${port} backup; }
      server { listen @pool@; protocol imap; auth_http off; proxy_pass pool; status_zone pool; }`,
  });
  const page = await watch({}, 'wss');
  const before = await page.next('now');
  assert.deepEqual(
    before.peers.map(({ group, state, backup }) => [group, state, backup]),
    [
      ['pool', 'up', false],
      ['pool', 'up', true],
    ],
  );
  const wire = await server.connect('pool');
  await wire.line();
  await wire.send('a LOGIN jo secret\r\n');
  assert.equal(await wire.line(), 'a OK logged in\r\n');
  const { peers, servers } = await page.next('now', (now) => now.peers[1]?.sessions === 1);
  const [dead, good] = peers;
  const { host, port } = server.at('dead');
  assert.deepEqual([dead?.server, dead?.state, dead?.fails], [`${host}:${port}`, 'unavail', 1]);
  assert.deepEqual([good?.state, good?.connections, good?.login?.count], ['up', 1, 1]);
  assert.equal(servers.find(({ name }) => name === 'pool')?.sessions, 1);
  wire.destroy();
  leave();
});
