// Connections spread over the workers: held ones, after the death of a worker, beside a stuck one, without a master.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Master, recordsOf } from '../support/master.ts';
import { gone, isRunning, titleOf, until } from '../support/processes.ts';
import type { Wire } from '../support/wire.ts';

/** No worker may have more than so many times its fair share. */
const BOUND = 1.5;
const HELD = 2000;
const GROUP = 20;
/** The title of one that accepts. */
const WORKER = 'nginx: worker process';

/** Connects and waits for the greetings, in groups. */
async function hold(master: Master, count: number, group = GROUP): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  while (wires.length < count) {
    const length = Math.min(group, count - wires.length);
    wires.push(...(await Promise.all(Array.from({ length }, () => master.open()))));
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

/** Every one is held, and nobody has many more than the others. */
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

test('2,000 held connections over 4 workers: one after the other', async (t) => {
  const blocks = { imap: { protocol: 'imap', listen: '@imap@ reuseport' } } as const; // accepted, and no different
  const master = await Master.start(t, { ...FOUR, blocks });
  await hold(master, HELD, 1);
  assertEven(master, HELD);
});

test('2,000 held connections over 4 workers: in groups, and again when three workers were killed', async (t) => {
  const master = await Master.start(t, { ...FOUR, allow: /exited on signal 9/ });
  await hold(master, HELD);
  assertEven(master, HELD);
  const [left = 0, ...killed] = master.workers;
  const before = begun(master).get(left) ?? 0;
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await gone(...killed);
  await until(() => master.workers.filter((pid) => titleOf(pid) === WORKER).length === 4, 'three more workers');
  // With its part of these, the one that was left would have more than it may.
  await hold(master, HELD - before);
  assertEven(master, HELD);
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
  master.scope.after(() => {
    for (const pid of workers.filter(isRunning)) process.kill(pid, 'SIGTERM'); // nobody else does
  });
  await hold(master, 100);
  const [left = 0] = workers;
  master.signal('SIGKILL');
  await gone(master.pid);
  await hold(master, 200);
  const numbers = recordsOf(master.text).flatMap(
    ({ text }) => / (\*\d+) client .* connected to /.exec(text)?.[1] ?? [],
  );
  assert.deepEqual([numbers.length, new Set(numbers).size], [300, 300], 'no two connections have the same number');
  process.kill(left, 'SIGKILL');
  await hold(master, 100);
});
