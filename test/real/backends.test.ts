// Groups of real backends without an auth server: Dovecot and Postfix decide, and one Dovecot of two is stopped.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { type Postfix, startPostfix } from '../support/postfix.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { curl } from './clients.ts';
import { USERS, without } from './mail-system.ts';

const skip = without('curl');
const BOB = ['bob', USERS.bob ?? ''] as const;
const ALICE = ['alice', USERS.alice ?? ''] as const;
const WRONG = ['bob', 'wrong'] as const;
/** curl's code for a login that was refused. */
const DENIED = 67;

const configuration = (one: Dovecot, two: Dovecot, postfix: Postfix): string => `mail {
  auth_http off; server_name mail.example;
  upstream imap {
    hash $mail_user consistent; zone imap 64k;
    server ${one.host}:${one.imap}; server ${two.host}:${two.imap};
  }
  upstream pop3 {
    affinity $mail_user zone=users:64k; zone pop3 64k;
    server ${one.host}:${one.pop3}; server ${two.host}:${two.pop3};
  }
  server { listen @imap@; protocol imap; proxy_pass imap; }
  server { listen @pop3@; protocol pop3; proxy_pass pop3; }
  server {
    listen @smtp@; protocol smtp; smtp_auth plain login;
    proxy_pass ${postfix.host}:${postfix.submission}; proxy_smtp_auth on; xclient off;
  }
}`;

describe('backends without an auth server', { skip }, () => {
  const scope = new Cleanup();
  const first = new Cleanup();
  let proxy: MailServer;
  let postfix: Postfix;

  before(async () => {
    scope.after(() => first.run());
    const one = await startDovecot(first, USERS);
    const two = await startDovecot(scope, USERS);
    postfix = await startPostfix(scope, two);
    for (const dovecot of [one, two]) dovecot.deliver('bob', '1.message', 'Subject: hello\r\n\r\nbody\r\n');
    proxy = await startServer(scope, { config: configuration(one, two, postfix) });
  });
  after(() => scope.run());

  const login = async (scheme: 'imap' | 'pop3', user: readonly [string, string]): Promise<number | null> =>
    (await curl({ scheme, at: proxy.at(scheme), security: 'clear', user })).code;

  for (const scheme of ['imap', 'pop3'] as const) {
    test(`${scheme}: Dovecot lets in, and refuses`, async () => {
      for (const user of [BOB, ALICE]) assert.equal(await login(scheme, user), 0);
      assert.equal(await login(scheme, WRONG), DENIED);
      assert.equal(await login(scheme, BOB), 0, 'a refusal says nothing of the backend');
    });
  }

  for (const mechanism of ['PLAIN', 'LOGIN']) {
    test(`smtp: Postfix lets in by ${mechanism}, and refuses`, async () => {
      const send = (user: readonly [string, string]) =>
        curl({
          scheme: 'smtp',
          at: proxy.at('smtp'),
          security: 'clear',
          user,
          input: 'Subject: hello\r\n\r\nbody\r\n',
          more: [
            '--login-options',
            `AUTH=${mechanism}`,
            '--mail-from',
            'a@example.org',
            '--mail-rcpt',
            'bob@example.net',
          ],
        });
      const sent = await send(BOB);
      assert.equal(sent.code, 0, sent.stderr);
      assert.equal((await send(WRONG)).code, DENIED);
    });
  }

  test('with one Dovecot stopped everybody still comes in', async () => {
    await first.run();
    for (const scheme of ['imap', 'pop3'] as const) {
      for (const user of [BOB, ALICE, BOB]) assert.equal(await login(scheme, user), 0, `${user[0]} by ${scheme}`);
      assert.equal(await login(scheme, WRONG), DENIED);
    }
  });
});
