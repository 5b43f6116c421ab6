// Connections spread over the workers: held ones, after the death of a worker, beside a stuck one, without a master.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Master, recordsOf } from '../support/master.ts';
import { gone, until } from '../support/processes.ts';
import type { Wire } from '../support/wire.ts';

/** No worker may have more than so many times its fair share. */
const BOUND = 1.5;
const GROUP = 20;

/** Connects and waits for the greetings, in groups. */
async function hold(master: Master, count: number, group = GROUP): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    wires.push(...(await Promise.all(Array.from({ length: group }, () => master.open()))));
  }
  return wires;
}

/** How many sessions each of the workers has begun. */
function begun(master: Master): ReadonlyMap<number, number> {
  const counts = new Map(master.workers.map((pid) => [pid, 0]));
  for (const { pid, text } of recordsOf(master.text)) {
    if (text.includes(' connected to ') && counts.has(pid)) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  return counts;
}

function assertEven(master: Master, held: number): void {
  const counts = [...begun(master).values()];
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    held,
  );
  const most = (held / counts.length) * BOUND;
  assert.ok(
    counts.every((count) => count <= most),
    `${counts} of ${held}, no more than ${most} each`,
  );
}

const FOUR = { main: 'worker_processes 4;', logLevel: 'info' } as const;
const TWO = { main: 'worker_processes 2;', logLevel: 'info' } as const;

test('800 held connections are spread evenly over 4 workers, and again when one of them was killed', async (t) => {
  const master = await Master.start(t, { ...FOUR, allow: /exited on signal 9/ });
  await hold(master, 400, 1);
  const wires = await hold(master, 400);
  assert.equal(wires.length, 400);
  assertEven(master, 800);
  const [killed = 0] = master.workers;
  const lost = begun(master).get(killed) ?? 0;
  process.kill(killed, 'SIGKILL');
  await gone(killed);
  await until(() => master.workers.length === 4, 'another worker');
  const young = master.workers.at(-1) ?? 0;
  let more = 0;
  for (; begun(master).get(young) === 0; more++) await master.open();
  await hold(master, 200);
  assertEven(master, 1000 - lost + more);
});

test('what others leave to a worker that is stuck is served all the same', async (t) => {
  const master = await Master.start(t, TWO);
  const [stuck = 0] = master.workers;
  master.scope.after(() => {
    process.kill(stuck, 'SIGCONT');
  });
  process.kill(stuck, 'SIGSTOP');
  await hold(master, 100);
  assert.equal(begun(master).get(stuck), 0);
});

test('without their master, workers take what comes', async (t) => {
  const master = await Master.start(t, { ...TWO, end: 'SIGKILL' });
  const { workers } = master;
  await hold(master, 100);
  const [left = 0, other = 0] = workers;
  master.signal('SIGKILL');
  await gone(master.pid);
  process.kill(left, 'SIGKILL');
  await hold(master, 100);
  process.kill(other, 'SIGTERM');
  await gone(...workers);
});
