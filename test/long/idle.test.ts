// Thousands of sessions that do nothing, then leave: what they took is given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arena, startArena } from './arena.ts';
import type { Security } from './dialogues.ts';
import { becomesIdle, becomesTrue, MIB, mib, residentMemory } from './usage.ts';

const SESSIONS = 5000;
/** The garbage collector works when there is something to do: after the sessions have left, others come and go. */
const ROUNDS = 10;
const LOGINS_A_ROUND = 500;
/** How long memory may take to come back by itself, before the first round and after each, in milliseconds. */
const PATIENCE_MS = 5000;

const WAYS: readonly (readonly [Security, string])[] = [
  ['clear', 'in clear'],
  ['tls', 'over TLS'],
];

/** Half of them wait at the greeting, half are logged in. */
async function hold(arena: Arena, security: Security): Promise<void> {
  const doors = arena.doors(security);
  for (const user of [undefined, 'idle']) {
    const what = user === undefined ? {} : { user };
    const answer = await arena.load.order({ kind: 'hold', doors, count: SESSIONS / 2, ...what });
    assert.deepEqual(answer.failures, []);
  }
  await becomesIdle(arena.server.pid);
}

for (const [security, words] of WAYS) {
  test(`memory returns to 1.2 times the start and 4 MiB after ${SESSIONS} idle sessions ${words}`, async (t) => {
    const arena = await startArena(t);
    const { pid } = arena.server;
    const start = residentMemory(pid);
    const limit = 1.2 * start + 4 * MIB;
    await hold(arena, security);
    const held = residentMemory(pid);
    const left = await arena.load.order({ kind: 'let-go', by: 'fin' });
    assert.deepEqual(left.failures, []);
    await arena.descriptorsReturn();
    const back = (): boolean => residentMemory(pid) <= limit;
    let rounds = 0;
    while (!(await becomesTrue(back, PATIENCE_MS)) && rounds < ROUNDS) {
      await arena.logIn(arena.doors(security), LOGINS_A_ROUND);
      rounds++;
    }
    const each = ((held - start) / SESSIONS / 1024).toFixed(1);
    const after = residentMemory(pid);
    t.diagnostic(`start ${mib(start)}, held ${mib(held)} (${each} KiB each), after ${rounds} rounds ${mib(after)}`);
    assert.ok(after <= limit, `${mib(after)} after them, ${mib(start)} at the start`);
  });
}
