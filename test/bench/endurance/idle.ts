// Sessions that do nothing for minutes: they use no processor time, their memory stays, and none is lost.
import { setTimeout as delay } from 'node:timers/promises';
import { MIB, mib } from '../../long/usage.ts';
import type { Scope } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import { MailProxy, POSTERN } from '../proxy.ts';
import { numberOf, slice } from '../rounds.ts';
import type { Length } from './trial.ts';

const WORKERS = 2;
const OPENING = 64;
const WARM_UP = 200;
/** V8 goes on collecting for a while, every eight seconds. */
const SETTLED_MS = 20_000;
const SETTLES_MS = 300_000;
/** How often it is looked at. */
const EVERY_MS = 10_000;
/** Of processor time a second, in milliseconds, for master and workers together. */
const MAX_CPU_MS = 0.5;
const MAX_GROWTH = MIB;

/** Half of them over TLS, all of them logged in. */
export async function idleSessions(bench: Bench, scope: Scope, { minutes, sessions }: Length): Promise<string[]> {
  const proxy = await MailProxy.start(scope, bench, POSTERN, { workers: WORKERS });
  const doors = [proxy.door('imap'), proxy.door('ec', '1.3')];
  for (const door of doors) await slice(bench, proxy, door, { mode: 'login', count: WARM_UP, abreast: OPENING });
  const count = Math.ceil(sessions / doors.length);
  const loads = [];
  for (const door of doors) {
    const load = await bench.load(scope, door, { mode: 'hold', count, abreast: OPENING, login: 1 });
    const good = numberOf(await load.carryOut(), 'good');
    if (good !== count) return [`only ${good} of ${count} sessions came`];
    loads.push(load);
  }
  await settles(bench, proxy);
  const [cpuBefore, memoryBefore, began] = [proxy.cpuMs(), proxy.memory('Rss'), performance.now()];
  let most = memoryBefore;
  while (performance.now() - began < minutes * 60_000) {
    await delay(EVERY_MS);
    bench.halt.check();
    most = Math.max(most, proxy.memory('Rss'));
  }
  const seconds = (performance.now() - began) / 1000;
  const cpuMs = proxy.cpuMs() - cpuBefore;
  const after = proxy.memory('Rss');
  bench.say(
    `idle: ${count * loads.length} sessions, ${seconds.toFixed(0)} s, ${cpuMs.toFixed(1)} ms of processor time, ` +
      `memory ${mib(memoryBefore)} to ${mib(after)}, at most ${mib(most)}`,
  );
  const faults: string[] = [];
  if (cpuMs / seconds > MAX_CPU_MS) faults.push(`${(cpuMs / seconds).toFixed(2)} ms of processor time a second`);
  if (most - memoryBefore > MAX_GROWTH) faults.push(`memory grew from ${mib(memoryBefore)} to ${mib(most)}`);
  for (const load of loads) {
    const alive = await load.finish();
    if (alive !== count) faults.push(`${count - alive} of ${count} sessions were lost`);
  }
  return faults;
}

/** Waits until next to nothing is done for a while. */
async function settles(bench: Bench, proxy: MailProxy): Promise<void> {
  const end = performance.now() + SETTLES_MS;
  let last = Number.NEGATIVE_INFINITY;
  for (let quietMs = 0; quietMs < SETTLED_MS && performance.now() < end; ) {
    const used = proxy.cpuMs();
    quietMs = used - last < (MAX_CPU_MS * EVERY_MS) / 1000 ? quietMs + EVERY_MS : 0;
    last = used;
    await delay(EVERY_MS);
    bench.halt.check();
  }
}
