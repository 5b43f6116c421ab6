// Many clients that log in at once, again and again: every one of them is served.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startArena } from './arena.ts';

test('50 clients at once log in 200 times each, over IMAP, POP3 and SMTP', async (t) => {
  const { load, doors } = await startArena(t);
  const started = Date.now();
  const answer = await load.order({ kind: 'log-in', doors: doors('clear'), clients: 50, times: 200 });
  t.diagnostic(`${answer.good} logins in ${Date.now() - started} ms`);
  assert.deepEqual(answer.failures, []);
  assert.equal(answer.good, 10_000);
});
