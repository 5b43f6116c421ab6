// The PROXY header of both versions at a real Dovecot, which knows the client by it: in clear and before TLS.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { USERS, without } from './mail-system.ts';

interface System {
  readonly dovecot: Dovecot;
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
  const dovecot = await startDovecot(scope, USERS, { certificate: serverCertificate, haproxy: true });
  const ports: Readonly<Record<string, number>> = { on: dovecot.imaps, starttls: dovecot.imap };
  // Which version the backend of a login gets, its answer says, and else the configuration.
  const auth = await startAuth(scope, (request) => {
    const wish = request.header('X-Wish') ?? '';
    const backend = { host: dovecot.host, port: ports[request.header('X-Mode') ?? ''] ?? 0 };
    return accept(backend, ...(wish === '' ? [] : [`Auth-Upstream-Protocol: ${wish}`]));
  });
  const server = (name: string, mode: string, conf: string, wish = ''): string =>
    `server { listen @${name}@ proxy_protocol; protocol imap; proxy_ssl ${mode}; auth_http_header X-Mode ${mode};
      ${wish === '' ? '' : `auth_http_header X-Wish ${wish};`} ${conf} }`;
  const config = `mail { auth_http ${auth.url}; set_real_ip_from 127.0.0.0/8; proxy_ssl_pin ${digest()};
    ${server('on-v1', 'on', 'proxy_protocol on;')}
    ${server('on-v2', 'on', 'proxy_protocol v2;')}
    ${server('starttls-v1', 'starttls', '', 'v1')}
    ${server('starttls-v2', 'starttls', 'proxy_protocol on;', 'v2')} }`;
  return { dovecot, proxy: await startServer(scope, { config }) };
}

const digest = (): string => new X509Certificate(readFileSync(serverCertificate.cert)).fingerprint256;

for (const [i, listener] of ['on-v1', 'on-v2', 'starttls-v1', 'starttls-v2'].entries()) {
  test(`Dovecot knows the client: ${listener}`, { skip: without() }, async (t) => {
    const { dovecot, proxy } = await system();
    const clients = [[`192.0.2.${i + 1}`, '198.51.100.1', 'TCP4']];
    // Version 1 has no way to say that a client of IPv6 came in by IPv4, as it does here.
    if (listener.endsWith('v2')) clients.push([`2001:db8::${i + 1}`, '2001:db8:1::1', 'TCP6']);
    for (const [client, server, family] of clients) {
      const wire = await proxy.connect(listener);
      t.after(() => wire.destroy());
      await wire.send(`PROXY ${family} ${client} ${server} 40001 143\r\n`);
      await wire.expectLine('* OK IMAP4 ready\r\n');
      await wire.send(`a LOGIN bob ${USERS.bob}\r\n`);
      await wire.match(/^a OK .*\r\n/m, 20_000);
      await dovecot.log.wait(new RegExp(`Login: user=<bob>, .*rip=${client}, .*TLS`));
      wire.destroy();
    }
  });
}

test('without the header Dovecot lets nobody in', { skip: without() }, async (t) => {
  const { dovecot } = await system();
  const auth = await startAuth(scope, () => accept({ host: dovecot.host, port: dovecot.imaps }));
  const config = `mail { auth_http ${auth.url}; proxy_ssl on; proxy_ssl_pin ${digest()};
    server { listen @none@; protocol imap; } }`;
  const other = await startServer(scope, { config });
  const wire = await other.connect('none');
  t.after(() => wire.destroy());
  await wire.expectLine('* OK IMAP4 ready\r\n');
  await wire.send(`a LOGIN bob ${USERS.bob}\r\n`);
  await wire.expectLine('* BAD internal server error\r\n');
});
