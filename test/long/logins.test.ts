// Many clients that log in at once, again and again: every one of them is served.
import { test } from 'node:test';
import { startArena } from './arena.ts';
import type { Security } from './dialogues.ts';

const LOGINS = 50 * 200;
const WAYS: readonly (readonly [Security, string])[] = [
  ['clear', 'in clear'],
  ['starttls', 'by STARTTLS'],
  ['tls', 'over TLS'],
];

for (const [security, words] of WAYS) {
  test(`50 clients at once log in 200 times each ${words}, over IMAP, POP3 and SMTP`, async (t) => {
    const arena = await startArena(t);
    const started = Date.now();
    await arena.logIn(arena.doors(security), LOGINS);
    t.diagnostic(`${LOGINS} logins in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    await arena.descriptorsReturn();
  });
}
