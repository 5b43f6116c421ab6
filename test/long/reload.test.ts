// Reloads and an upgrade under load: nobody is refused, nothing is cut, and nothing is left of what was before.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { workersIn } from '../support/master.ts';
import { gone, isRunning, processesOf, until } from '../support/processes.ts';
import { startLoad } from './load.ts';
import { CLIENTS, hold, Site, WORKERS } from './site.ts';
import { becomesIdle, MIB, machineLoad, mib } from './usage.ts';

const RELOADS = 20;
/** Nobody who connects later than this after the signal may see the configuration before it, in milliseconds. */
const SEEN_WITHIN_MS = 1000;
/** Where others have more of the machine than this, before or after, nothing can be said about times. */
const CALM = 0.2;

test(`${CLIENTS} clients log in and out and ${CLIENTS} hold their sessions through ${RELOADS} reloads and an upgrade`, async (t) => {
  const site = await Site.start(t);
  const [coming, staying] = [startLoad(site.scope), startLoad(site.scope)];
  const doors = site.doors();
  await hold(staying, doors);
  const first = site.workers();
  const before = await machineLoad();
  const logins = coming.order({ kind: 'log-in', doors, clients: CLIENTS, times: Number.POSITIVE_INFINITY });
  for (let i = 0; i < RELOADS / 2; i++) await site.reload();
  const old = await site.upgrade();
  for (let i = 0; i < RELOADS / 2; i++) await site.reload();
  coming.enough();
  const answer = await logins;
  const delays = Array.from(site.seenLate, (ms = 0) => Math.round(ms));
  const others = Math.max(before, await machineLoad());
  t.diagnostic(`${answer.good} logins; the old configuration was seen for ${delays} ms`);
  assert.deepEqual(answer.failures, []);
  assert.ok(answer.good > CLIENTS);
  if (others <= CALM) assert.ok(Math.max(...delays) < SEEN_WITHIN_MS, `${delays}`);
  else t.diagnostic(`not compared with ${SEEN_WITHIN_MS} ms: others used ${Math.round(100 * others)} % of the machine`);
  assert.ok(first.some(isRunning), 'somebody has the held sessions');
  const left = await staying.order({ kind: 'let-go', by: 'fin' });
  assert.deepEqual(left.failures, []);
  await gone(old);
  const expected = [site.master, ...site.workers().slice(-WORKERS)];
  await until(() => processesOf(site.server.dir).length === expected.length, 'the end of the old workers');
  assert.deepEqual([...processesOf(site.server.dir)].sort(), expected.sort());
});

const MANY = 200;
/** V8 compiles code for a second time that has run often, which takes some MiB, once. */
const EARLY = 100;
/** Readings of the master's memory are the median of so many, a reload apart. */
const READINGS = 9;
const MAX_APART = 4 * MIB;

/** Of the master alone. */
function memoryOf(pid: number): number {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) * 1024;
}

test(`the master has as much memory and as many descriptors after ${MANY} reloads as after ${EARLY}`, async (t) => {
  const site = await Site.start(t);
  const pid = site.master;
  const once = async (): Promise<void> => {
    const old = site.workers();
    site.change();
    process.kill(pid, 'SIGHUP');
    await until(() => workersIn(site.log.text()).length === WORKERS * (site.generation + 1), 'new workers', 20_000);
    await gone(...old);
  };
  const usageAfter = async (count: number): Promise<readonly [memory: number, descriptors: number]> => {
    while (site.generation < count - READINGS) await once();
    const readings: number[] = [];
    for (let i = 0; i < READINGS; i++) {
      await once();
      readings.push(memoryOf(pid));
    }
    await becomesIdle(pid);
    return [readings.sort((a, b) => a - b)[READINGS >> 1] ?? Number.NaN, readdirSync(`/proc/${pid}/fd`).length];
  };
  const [early, fewer] = await usageAfter(EARLY);
  const [late, more] = await usageAfter(MANY);
  t.diagnostic(`${mib(early)} and ${fewer} descriptors after ${EARLY}, ${mib(late)} and ${more} after ${MANY}`);
  assert.equal(await site.seen(), MANY);
  assert.equal(more, fewer, 'descriptors');
  assert.ok(late - early < MAX_APART, `${mib(early)} and ${mib(late)}`);
});
