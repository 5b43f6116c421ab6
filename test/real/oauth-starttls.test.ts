// Tokens at a Dovecot that lets nobody in without TLS: by STARTTLS, for clients with a token, and for those without.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { accept, refuse, startAuth } from '../support/fake-auth.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS } from '../support/tls.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { curl, mbsync } from './clients.ts';
import { startIntrospection, TOKEN } from './introspection.ts';
import { USERS, without } from './mail-system.ts';

interface System {
  readonly dovecot: Dovecot;
  readonly proxy: MailServer;
  readonly lookedUp: string[];
}

const scope = new Cleanup();
after(() => scope.run());
let started: Promise<System> | undefined;
const system = (): Promise<System> => {
  started ??= start();
  return started;
};

async function start(): Promise<System> {
  const lookedUp: string[] = [];
  const introspection = await startIntrospection(scope, lookedUp);
  const dovecot = await startDovecot(scope, USERS, { introspection, certificate: serverCertificate });
  // Who has a password gets a token for it, which the client never sees.
  const auth = await startAuth(scope, (request) => {
    const backend = { host: dovecot.host, port: dovecot.imap };
    if (request.header('Auth-Method') !== 'plain') return accept(backend);
    if (request.header('Auth-Pass') !== USERS.bob) return refuse('Invalid login or password');
    return accept(backend, 'Auth-User: alice', `Auth-Pass: ${TOKEN}`, 'Auth-Method: OAUTHBEARER');
  });
  const server = (name: string, conf: string): string =>
    `server { listen @${name}@; protocol imap; proxy_imap_auth pass; ${conf} }`;
  const config = `mail { auth_http ${auth.url}; starttls only; auth_http_buffer 8k; proxy_pass_error_message on;
    ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};
    proxy_ssl starttls; proxy_ssl_verify on; proxy_ssl_name mail.example;
    proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};
    ${server('imap', '')}
    ${['xoauth2', 'oauthbearer'].map((name) => server(name, `imap_auth ${name};`)).join('\n')} }`;
  return { dovecot, lookedUp, proxy: await startServer(scope, { config }) };
}

test('mbsync logs in by a password, and the backend gets a token', { skip: without('mbsync') }, async (t) => {
  const { dovecot, proxy, lookedUp } = await system();
  dovecot.deliver('alice', '1.token', 'From: a@example.org\r\nSubject: by a token\r\n\r\nbody\r\n');
  const dir = temporaryFolder(t, 'mbsync');
  const ran = await mbsync(dir, proxy.at('imap'), 'starttls', 'bob', USERS.bob ?? '');
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  const inbox = join(dir, 'Maildir', 'INBOX');
  const texts = ['new', 'cur'].flatMap((part) =>
    readdirSync(join(inbox, part)).map((name) => readFileSync(join(inbox, part, name), 'latin1')),
  );
  assert.match(texts.join('\n'), /Subject: by a token/);
  assert.equal(lookedUp.at(-1), TOKEN);
  await dovecot.log.wait(/imap-login: Info: Login: user=<alice>, method=OAUTHBEARER, .*TLS/);
  const wrong = await mbsync(temporaryFolder(t, 'mbsync'), proxy.at('imap'), 'starttls', 'bob', 'wrong');
  assert.notEqual(wrong.code, 0);
});

for (const mechanism of ['xoauth2', 'oauthbearer']) {
  test(`curl logs in by ${mechanism}, and so are we`, { skip: without('curl') }, async () => {
    const { dovecot, proxy, lookedUp } = await system();
    const to = { scheme: 'imap', at: proxy.at(mechanism), security: 'starttls', user: ['alice', ''] } as const;
    const more = ['--request', 'EXAMINE INBOX', '--oauth2-bearer'];
    const ran = await curl({ ...to, more: [...more, TOKEN] });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(lookedUp.at(-1), TOKEN);
    await dovecot.log.wait(new RegExp(`Login: user=<alice>, method=${mechanism.toUpperCase()}, .*TLS`));
    const wrong = await curl({ ...to, more: [...more, 'wrong'] });
    assert.equal(wrong.code, 67, wrong.stderr);
    assert.doesNotMatch(proxy.log.text(), /Zm9vYmFy|eyJhbGci/);
  });
}
