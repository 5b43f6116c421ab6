// Backends that go while many users log in: nobody is refused for it, and nobody moves whose backend is there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silence } from '../support/fake-backend.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const USERS = Array.from({ length: 60 }, (_, i) => `user${i}@example.org`);
const AT_ONCE = 12;

/** Runs them a few at a time. */
async function each(users: readonly string[], run: (user: string) => Promise<void>): Promise<void> {
  const left = [...users];
  const lane = async (): Promise<void> => {
    for (let user = left.shift(); user !== undefined; user = left.shift()) await run(user);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Where everybody comes to; all have to come in. */
async function homes({ visit }: Site): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await each(USERS, async (user) => {
    const reply = await visit(user);
    assert.match(reply, /^\+OK [abc]$/, user);
    found.set(user, reply);
  });
  return found;
}

/** Logs everybody in again and again, and lets something happen in the midst of it. */
async function under(site: Site, before: ReadonlyMap<string, string>, gone: string, happen: () => void): Promise<void> {
  const rounds = [...USERS, ...USERS, ...USERS];
  let logins = 0;
  let hasHappened = false;
  await each(rounds, async (user) => {
    if (++logins === USERS.length / 2) {
      hasHappened = true;
      happen();
    }
    const wasThere = hasHappened;
    const reply = await site.visit(user);
    if (before.get(user) !== gone) assert.equal(reply, before.get(user), `${user} has no reason to move`);
    else if (wasThere) assert.match(reply, /^\+OK [abc]$/, `${user} is refused`);
  });
}

test('one backend of three is killed and one hangs, under load', async (t) => {
  const site = await startSite(t, {
    backends: [named('a'), named('b'), named('c')],
    mail: `upstream all {
      hash $mail_user consistent; zone all 64k;
      server #0 fail_timeout=600s; server #1 fail_timeout=600s; server #2;
    }`,
    server: 'proxy_pass all; proxy_connect_timeout 5s;',
  });
  const [killed, hung] = site.backends;
  assert.ok(killed !== undefined && hung !== undefined);
  const first = await homes(site);
  await under(site, first, '+OK a', () => killed.close());
  const second = await homes(site);
  for (const [user, home] of first) {
    if (home === '+OK a') assert.notEqual(second.get(user), home);
    else assert.equal(second.get(user), home);
  }
  await under(site, second, '+OK b', () => {
    hung.script = silence;
  });
  const third = await homes(site);
  assert.deepEqual(new Set(third.values()), new Set(['+OK c']));
});

test('of N backends one that goes moves no more than the users that it had', async (t) => {
  const site = await startSite(t, {
    backends: [named('a'), named('b'), named('c')],
    mail: 'upstream all { hash $mail_user consistent; server #0; server #1; server #2; }',
    server: 'proxy_pass all;',
  });
  const first = await homes(site);
  site.backends[2]?.close();
  const second = await homes(site);
  const moved = USERS.filter((user) => second.get(user) !== first.get(user));
  const had = USERS.filter((user) => first.get(user) === '+OK c');
  assert.deepEqual(moved, had);
});
