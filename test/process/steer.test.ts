// Sessions, users and servers of groups seen and steered by the api, over all workers: only what is meant is touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_SERVER, ApiClient, at, listAt } from '../support/api-client.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { Master, relays } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import type { Wire } from '../support/wire.ts';

const BLOCKS = { imap: { protocol: 'imap', conf: 'status_zone front;' }, pop3: { protocol: 'pop3' } } as const;

const start = (t: Parameters<typeof Master.start>[0], allow?: RegExp): Promise<Master> =>
  Master.start(t, {
    main: `worker_processes 2;\n${API_SERVER}`,
    blocks: BLOCKS,
    logLevel: 'info',
    ...(allow === undefined ? {} : { allow }),
  });

async function relayed(master: Master, count: number): Promise<{ readonly user: string; readonly wires: Wire[] }> {
  const { user } = await master.stage();
  const wires: Wire[] = [];
  // In order: the oldest is the first.
  for (let i = 0; i < count; i++) {
    const wire = await master.open();
    await play(wire, [`C: a LOGIN ${user} secret`, 'S: a OK logged in']);
    wires.push(wire);
  }
  return { user, wires };
}

test('sessions of all workers are listed in pages, and ended by filter and by id', async (t) => {
  const master = await start(t);
  const api = new ApiClient(master.server);
  const one = await relayed(master, 100);
  const other = await relayed(master, 100);
  const early = await master.open('pop3');

  const all: unknown[] = [];
  for (let cursor: unknown = ''; cursor !== null; ) {
    const page = await api.get(`/mail/sessions?limit=30${cursor === '' ? '' : `&cursor=${cursor}`}`);
    assert.equal(at(page, 'count'), 201);
    all.push(...listAt(page, 'sessions'));
    cursor = at(page, 'cursor');
  }
  assert.equal(all.length, 201);
  assert.equal(new Set(all.map((session) => at(session, 'id'))).size, 201);
  assert.equal(new Set(all.map((session) => at(session, 'pid'))).size, 2, 'both workers have some');
  const times = all.map((session) => String(at(session, 'since')));
  assert.deepEqual(times, [...times].sort());
  assert.equal(at(all[200], 'protocol'), 'pop3');
  assert.equal(at(all[200], 'state'), 'commands');
  assert.equal(at(all[0], 'user'), one.user);
  assert.equal(at(all[0], 'state'), 'relay');

  const count = async (filter: string): Promise<unknown> => at(await api.get(`/mail/sessions?${filter}`), 'count');
  assert.equal(await count(`user=${one.user}`), 100);
  assert.equal(await count('client=127.0.0.0/8'), 201);
  assert.equal(await count('client=10.0.0.0/8'), 0);
  assert.equal(await count('protocol=pop3'), 1);
  assert.equal(await count('state=relay&protocol=imap'), 200);
  assert.equal(await count(`backend=${encodeURIComponent(String(at(all[0], 'backend')))}`), 100);
  assert.equal(await count(`server=${encodeURIComponent(String(at(all[200], 'server')))}`), 1);

  assert.equal(await count(`server_zone=${encodeURIComponent(String(at(all[200], 'server_zone')))}`), 1);
  assert.equal(await count('idle=0&server_zone=front'), 200);
  assert.equal(await count('idle=1d'), 0);
  const newest = listAt(await api.get('/mail/sessions?order=newest&limit=150'), 'sessions');
  const ids = (sessions: readonly unknown[]): unknown[] => sessions.map((session) => at(session, 'id'));
  assert.deepEqual(ids(newest), ids(all.slice(-150).reverse()));

  assert.equal(at(await api.get(`/mail/sessions/${at(all[150], 'id')}`), 'user'), other.user);
  assert.deepEqual(await api.delete(`/mail/sessions/${at(all[150], 'id')}`), { ended: 1 });
  await other.wires[50]?.closed();
  assert.equal((await api.ask(`/mail/sessions/${at(all[150], 'id')}`)).status, 404);

  assert.deepEqual(await api.delete(`/mail/sessions?user=${one.user}`), { ended: 100 });
  for (const wire of one.wires) await wire.closed();
  for (const [i, wire] of other.wires.entries()) if (i !== 50) await relays(wire);

  assert.deepEqual(await api.delete('/mail/sessions?protocol=pop3'), { ended: 1 });
  assert.equal(await early.line(), '-ERR Session ended by the administrator\r\n');
  await early.closed();
  const log = master.text;
  assert.equal([...log.matchAll(/\[info\] .* session ended by the administrator while /g)].length, 102);
});

test('what is asked wrong is refused, and nothing is ended by a filter that was forgotten', async (t) => {
  const master = await start(t);
  const api = new ApiClient(master.server);
  const wire = await master.open();
  const refused = async (method: string, target: string, status: number, body?: string): Promise<void> => {
    const answer = await api.ask(target, { method, ...(body === undefined ? {} : { body }) });
    assert.equal(answer.status, status, `${method} ${target}: ${JSON.stringify(answer.json)}`);
    assert.equal(at(answer.json, 'error', 'status'), status);
  };
  await refused('DELETE', '/mail/sessions', 400);
  await refused('DELETE', '/mail/sessions?all=2', 400);
  await refused('DELETE', '/mail/sessions?usr=me', 400);
  await refused('DELETE', '/mail/sessions?user=', 400);
  await refused('DELETE', '/mail/sessions?user=me&user=you', 400);
  await refused('GET', '/mail/sessions?backend=', 400);
  await refused('GET', '/mail/sessions?client=nobody', 400);
  await refused('GET', '/mail/sessions?state=asleep', 400);
  await refused('GET', '/mail/sessions?idle=long', 400);
  await refused('GET', '/mail/sessions?order=best', 400);
  await refused('GET', '/mail/sessions?limit=0', 400);
  await refused('GET', '/mail/sessions?limit=1001', 400);
  await refused('GET', '/mail/sessions?cursor=x', 400);
  await refused('DELETE', '/mail/sessions/1', 404);
  await refused('POST', '/mail/sessions', 405);
  await refused('POST', '/mail/users/me/delay', 415, '{');
  await refused('POST', '/mail/users/me/delay', 415, '[]');
  await refused('POST', `/mail/users/${'u'.repeat(1025)}/delay`, 400, '{}');
  await refused('POST', '/mail/users/me/delay', 400, '{"time":"2h"}');
  await refused('POST', '/mail/users/me/delay', 400, '{"time":60}');
  await refused('POST', '/mail/users/me/delay', 400, '{"until":"1s"}');
  await refused('DELETE', '/mail/users/me/delay', 404);
  const foreign = await api.ask('/mail/sessions?all=1', { method: 'DELETE', headers: ['Origin: http://evil.example'] });
  assert.equal(foreign.status, 403);
  const reading = await api.ask('', { target: '/read/9/mail/sessions?all=1', method: 'DELETE' });
  assert.equal(reading.status, 405);
  await wire.send('a NOOP\r\n');
  await wire.expectLine('a OK completed\r\n');
});

test('a user is held in all workers, through a reload and the death of a worker, and let go', async (t) => {
  const master = await start(t, /exited on signal 9/);
  const api = new ApiClient(master.server);
  const { user, wires } = await relayed(master, 4);
  const { user: other } = await relayed(master, 1);
  const until = await api.send('POST', `/mail/users/${user}/delay`, { time: '10m', end_sessions: true });
  assert.equal(at(until, 'ended'), 4);
  for (const wire of wires) await wire.closed();

  const waiting: Wire[] = [];
  const wait = async (): Promise<void> => {
    const wire = await master.open();
    await wire.send(`a LOGIN ${user} secret\r\n`);
    waiting.push(wire);
  };
  const isWaiting = async (count: number): Promise<void> => {
    while (at(await api.get(`/mail/users/${user}/delay`), 'waiting') !== count);
  };
  for (let i = 0; i < 4; i++) await wait();
  await isWaiting(4);
  assert.equal(at(await api.get(`/mail/sessions?state=held`), 'count'), 4);
  const free = await master.open();
  await play(free, [`C: a LOGIN ${other} secret`, 'S: a OK logged in']);

  await master.reload();
  await wait();
  await isWaiting(5);
  const [first = 0] = master.workers.slice(-2);
  process.kill(first, 'SIGKILL');
  await gone(first);
  await master.server.waitLog(/exited on signal 9/);
  for (let i = 0; i < 6; i++) await wait();
  while (Number(at(await api.get(`/mail/users/${user}/delay`), 'waiting')) < 10);

  await api.delete(`/mail/users/${user}/delay`);
  let served = 0;
  for (const wire of waiting) {
    const ending = await Promise.race([wire.match(/a OK logged in\r\n/), wire.closed()]);
    if (Array.isArray(ending)) served++;
  }
  assert.ok(served >= 10, `${served} logins went on`);
  assert.deepEqual(await api.get('/mail/users'), {});
});

test('a hold ends by itself, and a session that waits can be ended', async (t) => {
  const master = await start(t);
  const api = new ApiClient(master.server);
  const { user } = await master.stage();
  await api.send('POST', `/mail/users/${user}/delay`, { time: '10m' });
  const ended = await master.open();
  await ended.send(`a LOGIN ${user} secret\r\n`);
  while (at(await api.get('/mail/sessions?state=held'), 'count') !== 1);
  await api.delete('/mail/sessions?state=held');
  assert.equal(await ended.line(), '* BYE Session ended by the administrator\r\n');
  await api.send('POST', `/mail/users/${user}/delay`, { time: '300ms' });
  const wire = await master.open();
  await play(wire, [`C: a LOGIN ${user} secret`, 'S: a OK logged in']);
});

test('a master that is stuck: a change has no known outcome, and comes when the master goes on', async (t) => {
  const master = await start(t);
  const api = new ApiClient(master.server);
  const { user } = await master.stage();
  master.scope.after(() => master.signal('SIGCONT'));
  master.signal('SIGSTOP');
  const answer = await api.ask(`/mail/users/${user}/delay`, { method: 'POST', body: '{"time":"10m"}' });
  assert.deepEqual([answer.status, at(answer.json, 'error', 'code')], [504, 'MasterLate']);
  assert.deepEqual(await api.get('/mail/users'), {}, 'what this worker knows');
  master.signal('SIGCONT');
  while (at(await api.get('/mail/users'), user) === undefined);
});
