// A worker that is killed under load: only its own sessions end, and who comes is served by others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PATIENCE_MS } from '../support/in-time.ts';
import { startLoad } from './load.ts';
import { CLIENTS, hold, Site } from './site.ts';

const KILLS = 3;
/** A worker to which so many have come is in the middle of it. */
const BUSY = 100;

/** How many sessions came to that worker. */
const arrivalsAt = (pid: number, log: string): number =>
  [...log.matchAll(new RegExp(`\\] ${pid}#\\d+: \\*\\d+ client \\S+ connected to `, 'g'))].length;

/** Waits until so many more have come to it. */
async function arrivesAt(site: Site, pid: number, count: number): Promise<void> {
  const enough = arrivalsAt(pid, site.log.text()) + count;
  const came = await site.log.waitUntil((text) => (arrivalsAt(pid, text) >= enough ? true : undefined), PATIENCE_MS);
  assert.ok(came, `${count} more at ${pid}`);
}

test(`while ${CLIENTS} clients log in and out, ${KILLS} times a worker is killed`, async (t) => {
  const site = await Site.start(t, { logLevel: 'info', allow: /exited on signal 9/ });
  const [coming, staying] = [startLoad(site.scope), startLoad(site.scope)];
  const doors = site.doors();
  await hold(staying, doors);
  const [first = 0] = site.workers();
  const held = arrivalsAt(first, site.log.text());
  assert.ok(held > 0 && held < CLIENTS, `${held}`);
  for (let i = 0; i < KILLS; i++) {
    // The first one has held sessions; after that it is the turn of the one that took its place.
    const victim = i === 0 ? first : (site.workers().at(-1) ?? 0);
    const logins = coming.order({ kind: 'log-in', doors, clients: CLIENTS, times: Number.POSITIVE_INFINITY });
    await arrivesAt(site, victim, BUSY);
    process.kill(victim, 'SIGKILL');
    const [, next] = await site.server.waitLog(
      new RegExp(` worker process ${victim} exited on signal 9\n[\\s\\S]*?start worker process (\\d+)\n`),
    );
    await arrivesAt(site, Number(next), BUSY);
    coming.enough();
    const { good, failures } = await logins;
    t.diagnostic(`${good} logins, ${failures.length} sessions ended with the worker`);
    assert.ok(good > CLIENTS);
    assert.ok(failures.length > 0 && failures.length <= CLIENTS, `${failures.length}`);
    // Nobody was refused, or left without an answer.
    assert.deepEqual(
      failures.filter((failure) => !/the server (?:had )?closed|ECONNRESET|EPIPE|disconnected/.test(failure)),
      [],
    );
  }
  const left = await staying.order({ kind: 'let-go', by: 'fin' });
  assert.deepEqual(left.failures, [`${held} of the held sessions had been closed`]);
});
