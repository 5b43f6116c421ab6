// The limit of connections and that of descriptors: who gets a place, and what the log says where there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionBudget } from '../../../src/core/connection-budget.ts';
import { exceededOpenFiles, openFilesLimit, spareDescriptors } from '../../../src/core/open-files.ts';
import { Recording } from '../mail/doubles.ts';

const LISTEN = '127.0.0.1:143';
const SESSION = { connection: 7, logSuffix: () => ' while in http auth state' };
/** Kept for other files than connections. */
const RESERVE = 16;

function stage(limit: number, spare = 1000, delayMs = 500) {
  const { log, lines } = new Recording();
  const state = { spare, now: 0, shortages: [] as number[] };
  const budget = new ConnectionBudget({
    limit,
    log,
    delayMs,
    onShortage: (ms) => void state.shortages.push(ms),
    spare: () => state.spare,
    now: () => state.now,
  });
  return { budget, log, lines, state };
}

test('what the process has from the start counts, and what is released does not', () => {
  const { budget, lines } = stage(5);
  budget.occupy(3);
  assert.deepEqual([budget.accept(LISTEN), budget.accept(LISTEN), budget.accept(LISTEN)], [true, true, false]);
  assert.deepEqual(lines, ['[alert] 5 worker_connections are not enough']);
  budget.release();
  assert.equal(budget.used, 4);
  assert.equal(budget.accept(LISTEN), true);
});

test('a connection to be opened is refused in the log of its session', () => {
  const { budget, log, lines } = stage(1);
  assert.deepEqual([budget.open(log, SESSION), budget.open(log, SESSION)], [true, false]);
  assert.deepEqual(lines, ['[alert] *7 1 worker_connections are not enough while in http auth state']);
});

test('without descriptors nothing is accepted, which is said once in a while', () => {
  const { budget, lines, state } = stage(100, RESERVE + 1);
  budget.occupy(0);
  assert.equal(budget.accept(LISTEN), true);
  state.spare = RESERVE;
  const crit = `[crit] accept4() failed (24: Too many open files) while accepting new connection on ${LISTEN}`;
  assert.deepEqual([budget.accept(LISTEN), budget.accept(LISTEN)], [false, false]);
  assert.deepEqual([lines, state.shortages], [[crit], [500]]);
  state.now = 499;
  assert.equal(budget.accept(LISTEN), false);
  assert.equal(lines.length, 1);
  state.now = 500;
  assert.equal(budget.accept(LISTEN), false);
  assert.deepEqual(
    [lines, state.shortages],
    [
      [crit, crit],
      [500, 500],
    ],
  );
});

test('without descriptors nothing is opened', () => {
  const { budget, log, lines } = stage(100, RESERVE);
  budget.occupy(0);
  assert.equal(budget.open(log, SESSION), false);
  assert.deepEqual(lines, ['[alert] *7 socket() failed (24: Too many open files) while in http auth state']);
});

test('descriptors that are there again are found after the delay, or at once where one is released', () => {
  const { budget, state } = stage(100, RESERVE + 1);
  budget.occupy(0);
  assert.deepEqual([budget.accept(LISTEN), budget.accept(LISTEN)], [true, false]);
  budget.release();
  assert.equal(budget.accept(LISTEN), true);
  state.spare = RESERVE + 1;
  assert.equal(budget.accept(LISTEN), false);
  state.now = 500;
  assert.deepEqual([budget.accept(LISTEN), budget.accept(LISTEN)], [true, false]);
});

test('the system tells the limit and what is left of it', () => {
  const limit = openFilesLimit();
  assert.ok(limit !== undefined && limit.soft > 0 && limit.soft <= limit.hard);
  assert.ok(spareDescriptors() > 0 && spareDescriptors() < limit.soft);
});

test('more connections than files are a warning', () => {
  const limit = { soft: 1000, hard: 1000 };
  const text = (of: number): string => `2000 worker_connections exceed open file resource limit: ${of}`;
  assert.equal(exceededOpenFiles(2000, undefined, limit), text(1000));
  assert.equal(exceededOpenFiles(2000, 1500, limit), text(1500));
  assert.equal(exceededOpenFiles(2000, 2500, limit), undefined);
  assert.equal(exceededOpenFiles(1000, undefined, limit), undefined);
  assert.equal(exceededOpenFiles(300, 200, limit), undefined, 'the process itself may have more');
});
