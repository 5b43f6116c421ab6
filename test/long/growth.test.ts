// Memory does not grow with the number of sessions that have been.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arena, startArena } from './arena.ts';
import type { Security } from './dialogues.ts';
import type { Door } from './orders.ts';
import { MIB, mib, residentMemory } from './usage.ts';

const EARLY = 1000;
const LATE = 20_000;
const MAX_APART = 5 * MIB;
/** Readings at each point, 50 sessions apart: their median does not depend on where the garbage collector is. */
const READINGS = 5;
const STEP = 50;

/** Logs in until `count` sessions have been since `before`. @returns the median of the memory at the end */
async function memoryAfter(arena: Arena, doors: readonly Door[], before: number, count: number): Promise<number> {
  await arena.logIn(doors, count - before - READINGS * STEP);
  const readings: number[] = [];
  for (let i = 0; i < READINGS; i++) {
    await arena.logIn(doors, STEP);
    readings.push(residentMemory(arena.server.pid));
  }
  return readings.sort((a, b) => a - b)[READINGS >> 1] ?? Number.NaN;
}

const WAYS: readonly (readonly [string, readonly Security[]])[] = [
  ['in clear', ['clear']],
  ['over TLS', ['tls', 'starttls']],
];

for (const [words, securities] of WAYS) {
  test(`memory after ${EARLY} sessions ${words} and after ${LATE} is less than ${mib(MAX_APART)} apart`, async (t) => {
    const arena = await startArena(t);
    const doors = securities.flatMap((security) => arena.doors(security));
    const start = residentMemory(arena.server.pid);
    const early = await memoryAfter(arena, doors, 0, EARLY);
    const late = await memoryAfter(arena, doors, EARLY, LATE);
    t.diagnostic(`start ${mib(start)}, after ${EARLY} ${mib(early)}, after ${LATE} ${mib(late)}`);
    assert.ok(Math.abs(late - early) < MAX_APART, `${mib(early)} and ${mib(late)}`);
    await arena.descriptorsReturn();
  });
}
