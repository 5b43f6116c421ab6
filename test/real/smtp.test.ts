// SMTP through the proxy to a real Postfix, driven by swaks and curl; what was sent is looked for in the mailbox.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DOMAIN } from '../support/postfix.ts';
import { arrival } from './arrival.ts';
import { curl, SECURITIES, swaks } from './clients.ts';
import { shared, USERS, without } from './mail-system.ts';

const skip = without('swaks');
const system = shared(after);
const ALICE = ['alice', USERS.alice ?? ''] as const;
const LISTENER = { clear: 'smtp', starttls: 'smtp', tls: 'smtps' } as const;

for (const security of SECURITIES) {
  for (const mechanism of ['PLAIN', 'LOGIN', 'CRAM-MD5']) {
    test(`swaks sends by ${mechanism}, ${security}; XCLIENT tells Postfix who it is`, { skip }, async () => {
      const mailSystem = await system();
      const { proxy } = mailSystem;
      const subject = `swaks ${mechanism} ${security}`;
      const login = [mechanism, ...ALICE] as const;
      const ran = await swaks({ at: proxy.at(LISTENER[security]), security, to: `alice@${DOMAIN}`, subject, login });
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
      const mail = await arrival(mailSystem, 'alice', subject);
      assert.match(mail, /^Received: from client\.example\.org \((?:unknown|localhost) \[127\.0\.0\.1\]\)/m);
      assert.match(mail, /\(Authenticated sender: alice\)/);
    });
  }
}

test('curl sends by STARTTLS', { skip: without('curl') }, async () => {
  const mailSystem = await system();
  const { proxy } = mailSystem;
  const input = 'Subject: sent by curl\r\n\r\nbody\r\n';
  const more = ['--mail-from', 'a@example.org', '--mail-rcpt', `bob@${DOMAIN}`];
  const ran = await curl({ scheme: 'smtp', at: proxy.at('smtp'), security: 'starttls', user: ALICE, input, more });
  assert.equal(ran.code, 0, ran.stderr);
  await arrival(mailSystem, 'bob', 'sent by curl');
});

test('proxy_smtp_auth: Postfix asks Dovecot for the same login', { skip }, async () => {
  const mailSystem = await system();
  const { proxy } = mailSystem;
  const login = ['LOGIN', ...ALICE] as const;
  const ran = await swaks({
    at: proxy.at('smtp-auth'),
    security: 'starttls',
    to: `bob@${DOMAIN}`,
    subject: 'by SASL',
    login,
  });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(await arrival(mailSystem, 'bob', 'by SASL'), /\(Authenticated sender: alice\)/);
});

test('smtp_auth none: mail is accepted at RCPT and delivered', { skip }, async () => {
  const mailSystem = await system();
  const { proxy } = mailSystem;
  const ran = await swaks({ at: proxy.at('mx'), security: 'clear', to: `bob@${DOMAIN}`, subject: 'no login' });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  await arrival(mailSystem, 'bob', 'no login');
});

test('smtp_auth none: an unknown recipient is refused by Postfix, word for word', { skip }, async () => {
  const { proxy } = await system();
  const ran = await swaks({ at: proxy.at('mx'), security: 'clear', to: `nobody@${DOMAIN}`, subject: 'lost' });
  assert.equal(ran.code, 24, ran.stdout);
  assert.match(ran.stdout, /<\*\* 550 5\.1\.1 .*User unknown/);
});

test('a wrong password is refused with 535', { skip }, async () => {
  const { proxy } = await system();
  const login = ['PLAIN', 'alice', 'wrong'] as const;
  const ran = await swaks({ at: proxy.at('smtps'), security: 'tls', to: `bob@${DOMAIN}`, subject: 'never', login });
  assert.equal(ran.code, 28, ran.stdout);
  assert.match(ran.stdout, /535 5\.7\.0 Invalid login or password/);
});

test('swaks sends over IPv6', { skip }, async (t) => {
  const mailSystem = await system();
  const { proxy6 } = mailSystem;
  if (proxy6 === undefined) return t.skip('this machine has no IPv6');
  const login = ['PLAIN', ...ALICE] as const;
  const ran = await swaks({ at: proxy6.at('smtps'), security: 'tls', to: `bob@${DOMAIN}`, subject: 'by IPv6', login });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(await arrival(mailSystem, 'bob', 'by IPv6'), /\[IPv6:::1\]/);
});
