// The dashboard over two workers: it shows those of both, through a reload and the death of one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Page } from '../support/dashboard-site.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { Master } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import type { Wire } from '../support/wire.ts';

const WEB = 'http { access_log off; server { listen @web@; location /dashboard { mail_dashboard; } } }';
const RESTARTED = 1012;
const KILLED = 9;

const start = (t: Parameters<typeof Master.start>[0], allow?: RegExp): Promise<Master> =>
  Master.start(t, {
    main: `worker_processes 2;\n${WEB}`,
    blocks: { imap: { protocol: 'imap' } },
    logLevel: 'info',
    ...(allow === undefined ? {} : { allow }),
  });

async function watch(master: Master): Promise<Page> {
  const wire = await master.server.connect('web');
  master.scope.after(() => wire.destroy());
  return Page.open(wire);
}

/** Sessions in the relay, over both workers. */
async function relayed(master: Master, count: number): Promise<Wire[]> {
  const { user } = await master.stage();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const wire = await master.open();
      await play(wire, [`C: a LOGIN ${user} secret`, 'S: a OK logged in']);
      return wire;
    }),
  );
}

test('sessions and events of both workers, through a reload', async (t) => {
  const master = await start(t);
  const page = await watch(master);
  const hello = await page.next('hello');
  assert.equal(hello.api, undefined);
  await page.ask({ tail: true });
  await page.next('sessions');
  const wires = await relayed(master, 20);
  const now = await page.next('now', ({ sessions }) => sessions.imap === 20);
  assert.deepEqual(now.workers.map(({ slot }) => slot).sort(), [0, 1]);
  const list = await page.next('sessions', ({ total, sessions }) => total === 20 && sessions.length === 20);
  const pidsOf = (ids: readonly { readonly id: string }[]): Set<string> =>
    new Set(ids.map(({ id }) => id.replace(/-.*/, '')));
  assert.equal(pidsOf(list.sessions).size, 2);
  for (const wire of wires.splice(0, 10)) wire.destroy();
  const ids: { readonly id: string }[] = [];
  while (ids.length < 10) {
    const { events } = await page.next('events');
    ids.push(...events.filter(({ what }) => what === 'end'));
  }
  assert.equal(pidsOf(ids).size, 2);

  await master.reload();
  assert.equal(await page.client.closeCode(), RESTARTED);
  const again = await watch(master);
  const { history } = await again.next('hello');
  assert.ok(history.length > 0);
  assert.equal(history[0]?.sessions.imap ?? 0, 0);
  const after = await again.next('now', ({ workers }) => workers.length > 2);
  assert.equal(after.generation, 2);
  assert.equal(after.sessions.imap, 10);
  assert.ok(after.workers.some(({ condition }) => condition === 'draining'));
});

test('a worker that is killed is replaced, and the history stays', async (t) => {
  const master = await start(t, /exited on signal 9/);
  const page = await watch(master);
  const { history } = await page.next('hello');
  const { workers } = await page.next('now');
  const [own, other] = workers.map(({ pid }) => pid);
  assert.ok(own !== undefined && other !== undefined);
  process.kill(other, KILLED);
  await gone(other);
  const now = await page.next('now', ({ respawned }) => respawned === 1);
  assert.ok(now.workers.every(({ pid }) => pid !== other));
  process.kill(own, KILLED);
  await page.client.wire.closed();
  const again = await watch(master);
  const hello = await again.next('hello');
  assert.equal(hello.history[0]?.atMs, history[0]?.atMs);
  await again.next('now', ({ respawned, workers: both }) => respawned === 2 && both.length === 2);
});

test('a worker that is stuck holds nobody up', async (t) => {
  const master = await start(t, /exited on signal 9/);
  const page = await watch(master);
  const { workers } = await page.next('now');
  const [, stuck] = workers; // the first one feeds the page
  assert.ok(stuck !== undefined);
  process.kill(stuck.pid, 'SIGSTOP');
  await page.ask({ tail: true });
  for (let i = 0; i < 3; i++) {
    const now = await page.next('now');
    assert.ok(
      now.workers.some(({ pid }) => pid === stuck.pid),
      'as it was known',
    );
  }
  const { total } = await page.next('sessions');
  assert.equal(total, 0);
  process.kill(stuck.pid, KILLED);
  await gone(stuck.pid);
});
