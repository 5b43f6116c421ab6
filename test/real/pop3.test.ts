// POP3 through the proxy to a real Dovecot, driven by curl and fetchmail.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../support/tmp.ts';
import { curl, fetchmail, SECURITIES } from './clients.ts';
import { shared, USERS, without } from './mail-system.ts';

const skip = without('curl');
const system = shared(after);
const BOB = ['bob', USERS.bob ?? ''] as const;
const MESSAGE = 'From: a@example.org\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\nbody\r\n';
const LISTENER = { clear: 'pop3', starttls: 'pop3', tls: 'pop3s' } as const;

for (const security of SECURITIES) {
  for (const mechanism of ['+APOP', 'PLAIN', 'LOGIN', 'CRAM-MD5']) {
    test(`curl fetches a message by ${mechanism}, ${security}`, { skip }, async () => {
      const { dovecot, proxy } = await system();
      dovecot.deliver('bob', '1.message', MESSAGE);
      const more = ['--login-options', `AUTH=${mechanism}`];
      const at = proxy.at(LISTENER[security]);
      const ran = await curl({ scheme: 'pop3', at, security, user: BOB, path: '1', more });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.stdout, MESSAGE);
    });
  }

  for (const protocol of ['pop3', 'imap'] as const) {
    test(`fetchmail logs in by password and fetches by ${protocol}, ${security}`, {
      skip: without('fetchmail'),
    }, async (t) => {
      const { dovecot, proxy } = await system();
      dovecot.deliver('bob', '1.message', MESSAGE);
      const dir = temporaryFolder(t, 'fetchmail');
      const name = security === 'tls' ? `${protocol}s` : protocol;
      const ran = await fetchmail(dir, protocol, proxy.at(name), security, BOB);
      assert.equal(ran.code, 0, ran.stderr + ran.stdout);
      assert.match(readFileSync(join(dir, 'mbox'), 'latin1'), /^Subject: hello\r?$/m);
    });
  }
}

test('a wrong password is refused', { skip }, async () => {
  const { proxy } = await system();
  const ran = await curl({ scheme: 'pop3', at: proxy.at('pop3'), security: 'clear', user: ['bob', 'wrong'] });
  assert.equal(ran.code, 67, ran.stderr);
});
