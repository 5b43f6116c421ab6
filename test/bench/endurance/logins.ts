// Very many logins: memory is after the last of them what it was after the first twenty thousand.
import { becomesIdle, becomesTrue, MIB, mib, openDescriptors } from '../../long/usage.ts';
import type { Scope } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import { MailProxy, POSTERN } from '../proxy.ts';
import { slice } from '../rounds.ts';
import { median } from '../statistics.ts';
import type { Length } from './trial.ts';

const ABREAST = 64;
/** Memory is read after so many logins, and again after so many more. */
const FIRST = 20_000;
/** One order to the clients, and a reading after it. */
const PIECE = 1000;
/** V8 collects the old part of its heap every some thousand logins: a median of so many readings is even. */
const READINGS = 10;
const MAX_GROWTH = 5 * MIB;
const CLOSES_MS = 10_000;

export async function manyLogins(
  bench: Bench,
  scope: Scope,
  { logins }: Length,
  security: 'clear' | 'tls',
): Promise<string[]> {
  const proxy = await MailProxy.start(scope, bench, POSTERN);
  const { pid } = proxy.server;
  const door = security === 'tls' ? proxy.door('ec', '1.3') : proxy.door('imap');
  await becomesIdle(pid);
  const [start, descriptors] = [proxy.memory('Rss'), openDescriptors(pid)];
  const step = Math.min(FIRST, logins / 2);
  const medians: number[] = [];
  for (let done = 0; done < logins; done += step) {
    const readings: number[] = [];
    for (let left = step; left > 0; left -= PIECE) {
      await slice(bench, proxy, door, { mode: 'login', count: Math.min(PIECE, left), abreast: ABREAST });
      readings.push(proxy.memory('Rss'));
    }
    medians.push(median(readings.slice(-READINGS)));
    bench.say(`${security}: after ${done + step} logins ${mib(medians.at(-1) ?? 0)}`);
  }
  const [first = Number.NaN, ...later] = medians;
  const most = Math.max(...later);
  bench.say(
    `${security}: memory at the start ${mib(start)}, after ${step} logins ${mib(first)}, then ${mib(most)} at most`,
  );
  const faults: string[] = [];
  if (!(most - first <= MAX_GROWTH)) faults.push(`memory grew from ${mib(first)} to ${mib(most)}`);
  await becomesTrue(() => openDescriptors(pid) <= descriptors, CLOSES_MS);
  if (openDescriptors(pid) > descriptors) faults.push(`descriptors were ${descriptors}, are ${openDescriptors(pid)}`);
  return faults;
}
