// stub_status of a master with workers: all of them count, through a reload, the death of one, and one that is stuck.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Scope } from '../support/cleanup.ts';
import { Master } from '../support/master.ts';
import { gone } from '../support/processes.ts';
import { StatusPage } from '../support/status-page.ts';
import type { Wire } from '../support/wire.ts';

const WEB = `http {
  access_log off;
  server {
    listen @web@;
    location = /status { stub_status; }
    location = /numbers { return 200 "$connections_active"; }
    location = /pid { return 200 "$pid"; }
  }
}`;

const start = (scope: Scope, main: string, allow?: RegExp): Promise<Master> =>
  Master.start(scope, { main: `${main}\n${WEB}`, logLevel: 'info', ...(allow === undefined ? {} : { allow }) });

async function greeted(master: Master, count: number): Promise<Wire[]> {
  return Promise.all(Array.from({ length: count }, () => master.open()));
}

/** The worker that has the connection. */
async function workerOf(page: StatusPage): Promise<number> {
  return Number(await page.text());
}

describe('the numbers of all workers', { concurrency: 2 }, () => {
  for (const workers of [1, 2]) {
    test(`with ${workers} of them, through a reload with sessions that stay`, async (t) => {
      const master = await start(t, `worker_processes ${workers};`);
      const page = await StatusPage.open(t, master.server);
      const before = await page.read();
      const sessions = await greeted(master, 40);
      const open = await page.until({ active: 41, writing: 1 });
      assert.equal(open.accepted, before.accepted + 40);
      assert.equal(open.handled, open.accepted);

      await master.reload();
      // The old connection goes with the old workers, the sessions do not.
      const after = await StatusPage.open(t, master.server);
      const reloaded = await after.until({ active: 41, writing: 1, waiting: 0 });
      assert.equal(reloaded.accepted, open.accepted + 1);
      assert.ok(reloaded.requests > open.requests, `${reloaded.requests} after ${open.requests}`);

      const old = master.workers;
      for (const wire of sessions) wire.destroy();
      const ended = await after.until({ active: 1 });
      for (const pid of old.slice(0, workers)) await gone(pid);
      const alone = await after.until({ active: 1 });
      assert.equal(alone.accepted, ended.accepted);
      assert.equal(alone.handled, ended.handled);
    });
  }

  test('are not lost with a worker that dies', async (t) => {
    const master = await start(t, 'worker_processes 2;', /exited on signal 9/);
    const page = await StatusPage.open(t, master.server, 'web', '/pid');
    const mine = await workerOf(page);
    const victim = master.workers.find((pid) => pid !== mine) ?? 0;
    await greeted(master, 40);
    const status = await StatusPage.open(t, master.server);
    const known = await status.until({ active: 42 });
    process.kill(victim, 'SIGKILL');
    await gone(victim);
    const other = await StatusPage.open(t, master.server);
    const left = await other.read();
    assert.ok(left.accepted > known.accepted, `${left.accepted} after ${known.accepted}`);
    assert.ok(left.active < known.active, `${left.active} after ${known.active}`);
  });

  test('come in time when a worker is stuck: it counts as it was known', async (t) => {
    const master = await start(t, 'worker_processes 2;');
    const pids = await StatusPage.open(t, master.server, 'web', '/pid');
    const mine = await workerOf(pids);
    // A status page at the worker that goes on.
    let status = await StatusPage.open(t, master.server);
    const stuck = master.workers.find((pid) => pid !== mine) ?? 0;
    await greeted(master, 40);
    const known = await status.until({ active: 42 });
    process.kill(stuck, 'SIGSTOP');
    master.scope.after(() => void process.kill(stuck, 'SIGCONT'));
    status = await StatusPage.open(t, master.server);
    const numbers = await status.read();
    assert.ok(numbers.active >= known.active, `${numbers.active} of ${known.active}`);
    assert.ok(numbers.accepted > known.accepted);
  });

  test('as variables are those of all workers, a second later at most', async (t) => {
    const master = await start(t, 'worker_processes 2;');
    const variable = await StatusPage.open(t, master.server, 'web', '/numbers');
    await greeted(master, 40);
    let text = await variable.text();
    while (text !== '41') text = await variable.text();
  });
});
