// TLS to a real Dovecot and a real Postfix that let nobody in without it, from the first byte and by STARTTLS.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { DOMAIN, type Postfix, startPostfix } from '../support/postfix.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS } from '../support/tls.ts';
import { arrival } from './arrival.ts';
import { curl } from './clients.ts';
import { USERS, without } from './mail-system.ts';

const skip = without('curl');
const ALICE = ['alice', USERS.alice ?? ''] as const;
const MESSAGE = 'From: a@example.org\r\nTo: alice@example.net\r\nSubject: hello\r\n\r\nbody\r\n';

interface System {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  readonly proxy: MailServer;
}

const scope = new Cleanup();
after(() => scope.run());
let started: Promise<System> | undefined;
const system = (): Promise<System> => {
  started ??= start();
  return started;
};

async function start(): Promise<System> {
  const dovecot = await startDovecot(scope, USERS, { certificate: serverCertificate });
  const postfix = await startPostfix(scope, dovecot, serverCertificate);
  const ports: Readonly<Record<string, number>> = {
    imap: dovecot.imap,
    imaps: dovecot.imaps,
    pop3: dovecot.pop3,
    pop3s: dovecot.pop3s,
    smtp: postfix.submission,
    xclient: postfix.xclient,
  };
  const auth = await startAuth(scope, (request) =>
    accept({ host: dovecot.host, port: ports[request.header('X-Backend') ?? ''] ?? 0 }),
  );
  const checked = `proxy_ssl_verify on; proxy_ssl_name mail.example; proxy_ssl_server_name on;
    proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};`;
  const server = (name: string, backend: string, protocol: string, conf: string): string =>
    `server { listen @${name}@; protocol ${protocol}; auth_http_header X-Backend ${backend}; ${conf} }`;
  const config = `mail { auth_http ${auth.url}; server_name mail.example; ${checked}
    ${server('imap', 'imap', 'imap', 'proxy_ssl starttls;')}
    ${server('imaps', 'imaps', 'imap', 'proxy_ssl on;')}
    ${server('quoted', 'imaps', 'imap', 'proxy_ssl on; proxy_imap_login quoted;')}
    ${server('sasl', 'imap', 'imap', 'proxy_ssl starttls; proxy_imap_auth plain;')}
    ${server('clear', 'imap', 'imap', '')}
    ${server('pop3', 'pop3', 'pop3', 'proxy_ssl starttls;')}
    ${server('pop3s', 'pop3s', 'pop3', 'proxy_ssl on;')}
    ${server('smtp', 'smtp', 'smtp', 'proxy_ssl starttls; proxy_smtp_auth on; xclient off;')}
    ${server('xclient', 'xclient', 'smtp', 'proxy_ssl starttls;')} }`;
  const proxy = await startServer(scope, { config });
  return { dovecot, postfix, proxy };
}

for (const listener of ['imap', 'imaps', 'quoted', 'sasl']) {
  test(`curl stores and fetches a message: ${listener}`, { skip }, async () => {
    const { proxy } = await system();
    const to = { scheme: 'imap', at: proxy.at(listener), security: 'clear', user: ALICE } as const;
    const text = `${MESSAGE}${'x'.repeat(78)}\r\n`.repeat(1000);
    for (let round = 0; round < 2; round++) {
      const stored = await curl({ ...to, path: 'INBOX', input: text });
      assert.equal(stored.code, 0, stored.stderr);
    }
    const fetched = await curl({ ...to, path: 'INBOX;MAILINDEX=*' });
    assert.equal(fetched.stdout, text, fetched.stderr);
  });
}

test('without TLS Dovecot lets nobody in', { skip }, async () => {
  const { proxy } = await system();
  const ran = await curl({ scheme: 'imap', at: proxy.at('clear'), security: 'clear', user: ALICE });
  assert.notEqual(ran.code, 0);
  await proxy.waitLog(/upstream sent invalid response: "NO \[PRIVACYREQUIRED\]/);
});

for (const listener of ['pop3', 'pop3s']) {
  test(`curl fetches a message: ${listener}`, { skip }, async () => {
    const { proxy, dovecot } = await system();
    dovecot.deliver('bob', `1.${listener}`, MESSAGE);
    const user = ['bob', USERS.bob ?? ''] as const;
    const ran = await curl({ scheme: 'pop3', at: proxy.at(listener), security: 'clear', user, path: '1' });
    assert.match(ran.stdout, /Subject: hello/, ran.stderr);
  });
}

for (const listener of ['smtp', 'xclient']) {
  test(`curl submits a message, which Postfix has got over TLS: ${listener}`, { skip }, async () => {
    const { proxy, dovecot, postfix } = await system();
    const subject = `by ${listener}`;
    const more = ['--mail-from', `alice@${DOMAIN}`, '--mail-rcpt', `alice@${DOMAIN}`];
    const input = MESSAGE.replace('hello', subject);
    const ran = await curl({ scheme: 'smtp', at: proxy.at(listener), security: 'clear', user: ALICE, more, input });
    assert.equal(ran.code, 0, ran.stderr + proxy.log.text() + postfix.log.text());
    const found = await arrival({ dovecot, postfix }, 'alice', subject);
    assert.match(found, /\(using TLSv1\.[23] with cipher /);
    if (listener === 'xclient') assert.match(found, /^Received: from .*\(/m);
  });
}
