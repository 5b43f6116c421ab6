// What a master with workers counts: all of them together, through a reload, and when one dies.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask } from '../support/http-exchange.ts';
import { play } from '../support/mail-spec/transcript.ts';
import { Master } from '../support/master.ts';
import { metric } from '../support/metrics.ts';
import { gone } from '../support/processes.ts';
import { STATS_SERVER, StatsPage } from '../support/stats-page.ts';
import type { Wire } from '../support/wire.ts';

const IMAP = { server: 'front', protocol: 'imap' } as const;
const BLOCKS = { imap: { protocol: 'imap', conf: 'status_zone front;' } } as const;
const OK = { ...IMAP, method: 'login', outcome: 'ok' } as const;

const start = (t: Parameters<typeof Master.start>[0], main: string, allow?: RegExp): Promise<Master> =>
  Master.start(t, {
    main: `${main}\n${STATS_SERVER}`,
    blocks: BLOCKS,
    logLevel: 'info',
    ...(allow === undefined ? {} : { allow }),
  });

/** Sessions in the relay, over all workers. */
async function relayed(master: Master, count: number): Promise<Wire[]> {
  const stage = await master.stage();
  return Promise.all(
    Array.from({ length: count }, async () => {
      const wire = await master.open();
      await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
      return wire;
    }),
  );
}

/** The worker that answers on the connection. */
async function workerOf(wire: Wire): Promise<number> {
  await wire.send('GET /pid HTTP/1.1\r\nHost: x\r\n\r\n');
  const [, pid = ''] = await wire.match(/\r\n\r\n(\d+)/);
  return Number(pid);
}

describe('what all workers count', { concurrency: 2 }, () => {
  for (const workers of [1, 2]) {
    test(`with ${workers} of them, through a reload with sessions that stay`, async (t) => {
      const master = await start(t, `worker_processes ${workers};`);
      const page = new StatsPage(master.server);
      const sessions = await relayed(master, 20);
      await page.until([
        ['postern_mail_relay_sessions', IMAP, 20],
        ['postern_mail_logins_total', OK, 20],
        ['postern_workers', { condition: 'serving' }, workers],
        ['postern_config_reloads_total', {}, 0],
      ]);
      const old = await master.reload();
      await page.until([
        ['postern_mail_relay_sessions', IMAP, 20],
        ['postern_mail_connections_total', IMAP, 20],
        ['postern_mail_logins_total', OK, 20],
        ['postern_config_reloads_total', {}, 1],
      ]);
      sessions.push(...(await relayed(master, 5)));
      await page.until([
        ['postern_mail_relay_sessions', IMAP, 25],
        ['postern_mail_logins_total', OK, 25],
      ]);
      for (const wire of sessions) wire.destroy();
      for (const pid of old) await gone(pid);
      const families = await page.until([
        ['postern_mail_sessions', IMAP, 0],
        ['postern_mail_relay_sessions', IMAP, 0],
        ['postern_mail_connections_total', IMAP, 25],
        ['postern_mail_logins_total', OK, 25],
        ['postern_workers', { condition: 'draining' }, 0],
      ]);
      assert.equal(metric(families, 'postern_mail_backend_login_duration_seconds_count', IMAP), 25);
      const nginx = await page.api('/9/nginx');
      assert.ok(typeof nginx === 'object' && nginx !== null && 'generation' in nginx);
      assert.equal(nginx.generation, 2);
    });
  }

  test('is not lost with a worker that dies, but for what it had open', async (t) => {
    const master = await start(t, 'worker_processes 2;', /exited on signal 9/);
    const page = new StatsPage(master.server);
    await relayed(master, 30);
    await page.until([['postern_mail_relay_sessions', IMAP, 30]]);
    const [victim = 0] = master.workers;
    process.kill(victim, 'SIGKILL');
    await gone(victim);
    const families = await page.until([
      ['postern_mail_connections_total', IMAP, 30],
      ['postern_mail_logins_total', OK, 30],
      ['postern_worker_respawns_total', {}, 1],
      ['postern_workers', { condition: 'serving' }, 2],
    ]);
    assert.ok(metric(families, 'postern_mail_relay_sessions', IMAP) < 30);
    assert.deepEqual(await page.api('/9/processes'), { respawned: 1 });
  });

  test('goes on where the server has another name after a reload, under that name', async (t) => {
    const master = await start(t, 'worker_processes 2;');
    const page = new StatsPage(master.server);
    const [wire] = await relayed(master, 1);
    await page.until([['postern_mail_logins_total', OK, 1]]);
    master.edit('status_zone front;', 'status_zone other;');
    await master.reload();
    await page.until([['postern_mail_logins_total', { ...OK, server: 'other' }, 0]]);
    const zones = await page.api('/9/mail/server_zones?fields=');
    assert.deepEqual(zones, ['other']);
    wire?.destroy();
  });
});

describe('health', { concurrency: 2 }, () => {
  test('a process that drains is not healthy, and one of a new configuration is', async (t) => {
    const master = await start(t, 'worker_processes 2;');
    const [session] = await relayed(master, 1);
    const web = await master.server.connect('web');
    t.after(() => web.destroy());
    const old = await workerOf(web);
    await web.send('GET /healthz HT');
    assert.ok((await master.reload()).includes(old));
    await web.send('TP/1.1\r\nHost: x\r\n\r\n');
    await web.match(/^HTTP\/1\.1 503 [\s\S]*\r\n\r\ndraining\n/);
    const answer = await ask(master.server, 'web', { target: '/healthz' });
    assert.ok(answer !== 'nothing');
    assert.deepEqual([answer.status, answer.body], [200, 'ok\n']);
    session?.destroy();
  });

  test('full is who has no place left, and no other worker either', async (t) => {
    const master = await Master.start(t, {
      main: `worker_processes 1;\nevents { worker_connections 12; }\n${STATS_SERVER}`,
      blocks: BLOCKS,
      logLevel: 'info',
      allow: /worker_connections are not enough/,
    });
    // The one who asks takes the last place.
    for (;;) {
      const answer = await ask(master.server, 'web', { target: '/healthz' });
      assert.ok(answer !== 'nothing', 'who asks is let in');
      if (answer.status === 503) {
        assert.equal(answer.body, 'full\n');
        return;
      }
      await master.open();
    }
  });
});
