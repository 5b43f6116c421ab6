// Many clients that log in at once, again and again: every one of them is served.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startArena } from './arena.ts';
import type { Security } from './dialogues.ts';

const CLIENTS = 50;
const TIMES = 200;
const WAYS: readonly (readonly [Security, string])[] = [
  ['clear', 'in clear'],
  ['starttls', 'by STARTTLS'],
  ['tls', 'over TLS'],
];

for (const [security, words] of WAYS) {
  test(`${CLIENTS} clients at once log in ${TIMES} times each ${words}, over IMAP, POP3 and SMTP`, async (t) => {
    const { load, doors } = await startArena(t);
    const started = Date.now();
    const answer = await load.order({ kind: 'log-in', doors: doors(security), clients: CLIENTS, times: TIMES });
    t.diagnostic(`${answer.good} logins in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    assert.deepEqual(answer.failures, []);
    assert.equal(answer.good, CLIENTS * TIMES);
  });
}
