// Crowds of sessions that do nothing, then leave: what they took is given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arena, startArena } from './arena.ts';
import type { Security } from './dialogues.ts';
import { becomesIdle, becomesTrue, MIB, mib, residentMemory } from './usage.ts';

/** How long memory may take to come back, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Half of them wait at the greeting, half are logged in. */
async function come(arena: Arena, security: Security, count: number): Promise<void> {
  const doors = arena.doors(security);
  for (const user of [undefined, 'idle']) {
    const answer = await arena.load.order({
      kind: 'hold',
      doors,
      count: count / 2,
      ...(user === undefined ? {} : { user }),
    });
    assert.deepEqual(answer.failures, []);
  }
  await becomesIdle(arena.server.pid);
}

async function leave(arena: Arena): Promise<void> {
  const answer = await arena.load.order({ kind: 'let-go', by: 'fin' });
  assert.deepEqual(answer.failures, []);
  await arena.descriptorsReturn();
  await becomesIdle(arena.server.pid);
}

const CROWD = 5000;

test(`memory is at most 1.2 times the start and 4 MiB after ${CROWD} idle sessions have left`, async (t) => {
  const arena = await startArena(t);
  const { pid } = arena.server;
  const start = residentMemory(pid);
  const limit = 1.2 * start + 4 * MIB;
  await come(arena, 'clear', CROWD);
  const held = residentMemory(pid);
  await leave(arena);
  await becomesTrue(() => residentMemory(pid) <= limit, PATIENCE_MS);
  const after = residentMemory(pid);
  const each = ((held - start) / CROWD / 1024).toFixed(1);
  t.diagnostic(`start ${mib(start)}, with them ${mib(held)} (${each} KiB each), afterwards ${mib(after)}`);
  assert.ok(after <= limit, `${mib(after)} is more than ${mib(limit)}`);
});

// What OpenSSL has freed stays with the C library's heap, which gives back only its top: memory after a crowd depends
// on the largest crowd so far. So that no part of it is a leak, more crowds of that size must not add to it.
const CROWDS = 50;
const TLS_CROWD = 100;
const MAX_APART = 5 * MIB;

test(`memory after ${CROWDS} crowds of ${TLS_CROWD} idle TLS sessions is that after half as many`, async (t) => {
  const arena = await startArena(t);
  const { pid } = arena.server;
  const start = residentMemory(pid);
  const readings: number[] = [];
  for (let i = 0; i < CROWDS; i++) {
    await come(arena, 'tls', TLS_CROWD);
    await leave(arena);
    readings.push(residentMemory(pid));
  }
  const half = readings[CROWDS / 2 - 1] ?? Number.NaN;
  const last = readings.at(-1) ?? Number.NaN;
  const shown = readings.filter((_, i) => i === 0 || (i + 1) % 10 === 0).map(mib);
  t.diagnostic(`start ${mib(start)}, after the first crowd and each tenth ${shown.join(', ')}`);
  assert.ok(last - half < MAX_APART, `${mib(half)} and ${mib(last)}`);
});
