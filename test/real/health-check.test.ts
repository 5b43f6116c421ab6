// Health checks of a real Dovecot, which is stopped and started, and of a real Postfix, by STARTTLS and by TLS.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { startDovecot } from '../support/dovecot.ts';
import { startPostfix } from '../support/postfix.ts';
import { startServer } from '../support/server.ts';
import { CERTS } from '../support/tls.ts';
import { curl } from './clients.ts';
import { USERS, without } from './mail-system.ts';

const skip = without('curl');
const ALICE = ['alice', USERS.alice ?? ''] as const;
const CHECK = 'health_check interval=200ms mandatory';

const scope = new Cleanup();
after(() => scope.run());

test('a Dovecot that is stopped gets no logins, and gets them when it is back', { skip }, async () => {
  const dovecot = await startDovecot(scope, USERS, { certificate: serverCertificate });
  const postfix = await startPostfix(scope, dovecot, serverCertificate);
  const group = (name: string, port: number, more = ''): string =>
    `upstream ${name} { zone ${name} 64k; server ${dovecot.host}:${port}; ${more} }`;
  const proxy = await startServer(scope, {
    logLevel: 'info',
    config: `mail { auth_http off; server_name mail.example; proxy_ssl_verify on; proxy_ssl_name mail.example;
      proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};
      match ready { expect ~ "^\\\\+OK .*\\r\\n"; }
      ${group('imap', dovecot.imap)} ${group('pop3s', dovecot.pop3s)}
      ${group('smtp', postfix.submission)} ${group('pop3', dovecot.pop3, `${CHECK} match=ready;`)}
      server { listen @imap@; protocol imap; proxy_pass imap; proxy_ssl starttls; ${CHECK}; }
      server { listen @pop3@; protocol pop3; proxy_pass pop3s; proxy_ssl on; ${CHECK}; }
      server { listen @smtp@; protocol smtp; proxy_pass smtp; proxy_smtp_auth on; proxy_ssl starttls; ${CHECK}; }
    }`,
  });
  const turned = (how: string, name: string, times: number): Promise<unknown> =>
    proxy.waitLog(new RegExp(`(?:peer is ${how} [^\\n]* in upstream "${name}"\\n[^]*){${times}}`));
  const login = async (): Promise<number | null> =>
    (await curl({ scheme: 'imap', at: proxy.at('imap'), security: 'clear', user: ALICE })).code;
  for (const name of ['imap', 'pop3s', 'pop3', 'smtp']) await turned('healthy', name, 1);
  assert.equal(await login(), 0);
  await dovecot.stop();
  for (const name of ['imap', 'pop3s', 'pop3']) await turned('unhealthy', name, 1);
  assert.notEqual(await login(), 0);
  assert.match(proxy.log.text(), /no live upstreams while connecting to upstream/);
  await dovecot.start();
  for (const name of ['imap', 'pop3s', 'pop3']) await turned('healthy', name, 2);
  assert.equal(await login(), 0);
  assert.doesNotMatch(proxy.log.text(), /peer is unhealthy [^\n]*in upstream "smtp"/);
});
