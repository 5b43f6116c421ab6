// IMAP through the proxy to a real Dovecot, driven by curl and mbsync.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/tmp.ts';
import { curl, mbsync, SECURITIES } from './clients.ts';
import { shared, USERS, without } from './mail-system.ts';

const skip = without('curl');
const system = shared(after);
const ALICE = ['alice', USERS.alice ?? ''] as const;
const MESSAGE = 'From: a@example.org\r\nTo: alice@example.net\r\nSubject: hello\r\n\r\nbody\r\n';
const LISTENER = { clear: 'imap', starttls: 'imap', tls: 'imaps' } as const;

for (const security of SECURITIES) {
  for (const mechanism of ['PLAIN', 'LOGIN', 'CRAM-MD5']) {
    test(`curl logs in by ${mechanism}, ${security}`, { skip }, async () => {
      const { dovecot, proxy } = await system();
      dovecot.deliver('alice', `1.${security}${mechanism}`, MESSAGE);
      const more = ['--request', 'EXAMINE INBOX', '--login-options', `AUTH=${mechanism}`];
      const ran = await curl({ scheme: 'imap', at: proxy.at(LISTENER[security]), security, user: ALICE, more });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /^\* \d+ EXISTS\r$/m);
    });
  }

  test(`curl stores and fetches a message, ${security}`, { skip }, async () => {
    const { proxy } = await system();
    const at = proxy.at(LISTENER[security]);
    const text = MESSAGE.replace('hello', `stored ${security}`);
    const stored = await curl({ scheme: 'imap', at, security, user: ALICE, path: 'INBOX', input: text });
    assert.equal(stored.code, 0, stored.stderr);
    const found = await curl({
      scheme: 'imap',
      at,
      security,
      user: ALICE,
      path: `INBOX?SUBJECT%20%22stored%20${security}%22`,
    });
    const [, number] = /^\* SEARCH.* (\d+)\r$/m.exec(found.stdout) ?? [];
    assert.notEqual(number, undefined, found.stdout);
    const fetched = await curl({ scheme: 'imap', at, security, user: ALICE, path: `INBOX;MAILINDEX=${number}` });
    assert.equal(fetched.stdout, text);
  });

  test(`mbsync logs in by LOGIN and fetches a mailbox, ${security}`, { skip: without('mbsync') }, async (t) => {
    const { dovecot, proxy } = await system();
    dovecot.deliver('bob', `1.${security}`, MESSAGE.replace('hello', `for mbsync ${security}`));
    const dir = temporaryFolder(t, 'mbsync');
    const ran = await mbsync(dir, proxy.at(LISTENER[security]), security, 'bob', USERS.bob ?? '');
    assert.equal(ran.code, 0, ran.stderr + ran.stdout);
    const inbox = join(dir, 'Maildir', 'INBOX');
    const texts = ['new', 'cur'].flatMap((part) =>
      readdirSync(join(inbox, part)).map((name) => readFileSync(join(inbox, part, name), 'latin1')),
    );
    assert.ok(
      texts.some((text) => text.includes(`for mbsync ${security}`)),
      texts.join('---'),
    );
  });
}

test('a wrong password is refused with the text of the auth service', { skip }, async () => {
  const { proxy } = await system();
  const ran = await curl({
    scheme: 'imap',
    at: proxy.at('imap'),
    security: 'clear',
    user: ['alice', 'wrong'],
    path: 'INBOX',
  });
  assert.equal(ran.code, 67, ran.stderr);
  await proxy.waitLog(
    /\[info\] \d+#\d+: \*\d+ client login failed: "Invalid login or password" while in http auth state, client: 127\.0\.0\.1, server: [\d.:]+, login: "alice"\n/,
  );
});

test('curl logs in over IPv6', { skip }, async (t) => {
  const { proxy6 } = await system();
  if (proxy6 === undefined) return t.skip('this machine has no IPv6');
  const ran = await curl({
    scheme: 'imap',
    at: proxy6.at('imaps'),
    security: 'tls',
    user: ALICE,
    path: 'INBOX',
    more: ['--request', 'NOOP'],
  });
  assert.equal(ran.code, 0, ran.stderr);
  await proxy6.waitLog(/client logged in, client: ::1, server: \[::1\]:\d+, login: "alice"/);
});
