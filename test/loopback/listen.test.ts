// listen: which server answers on which address, with IPv4, IPv6, wildcards and port ranges, and what the log calls it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { accept, startAuth } from '../support/fake-auth.ts';
import { type BackendScript, pop3Backend, startBackend } from '../support/fake-backend.ts';
import { freePort, hasIpv6, ownAddress } from '../support/ports.ts';
import { startServer } from '../support/server.ts';
import { connect } from '../support/wire.ts';

const smtp = (name: string, ...listens: readonly string[]): string =>
  `server { protocol smtp; server_name ${name}; ${listens.map((l) => `listen ${l};`).join(' ')} }`;
const mail = (...servers: readonly string[]): string => `mail { auth_http 127.0.0.1:9; ${servers.join('\n')} }`;

/** The name in the greeting at an address. */
async function nameAt(host: string, port: number): Promise<string> {
  const wire = await connect({ host, port });
  const line = await wire.line();
  wire.destroy();
  return line;
}

test('a wildcard takes the addresses of its port, and the one that is connected to decides', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const [first, second] = [ownAddress(0), ownAddress(1)];
  const port = await freePort('0.0.0.0');
  const config = mail(smtp('any', `*:${port}`), smtp('one', `${first}:${port}`));
  const server = await startServer(scope, { config });
  assert.equal(await nameAt(first, port), '220 one ESMTP ready\r\n');
  assert.equal(await nameAt(second, port), '220 any ESMTP ready\r\n');
  await server.log.wait(new RegExp(`connected to ${first.replaceAll('.', '\\.')}:${port}\\n`));
  await server.log.wait(new RegExp(`connected to 0\\.0\\.0\\.0:${port}\\n`));
});

test('a range of ports, a name, and several addresses in one server', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const host = ownAddress();
  const port = await freePort(host); // the next one is free as well: nobody else uses the address
  const other = await freePort('127.0.0.1');
  await startServer(scope, { config: mail(smtp('many', `${host}:${port}-${port + 1}`, `127.0.0.1:${other}`)) });
  for (const [at, number] of [
    [host, port],
    [host, port + 1],
    ['127.0.0.1', other],
  ] as const) {
    assert.equal(await nameAt(at, number), '220 many ESMTP ready\r\n');
  }
});

test('IPv6: the client, the server and the backend in log and auth request', async (t) => {
  if (!(await hasIpv6())) {
    t.skip('this machine has no IPv6');
    return;
  }
  const scope = new Cleanup();
  t.after(() => scope.run());
  const behindHeader: BackendScript = async (peer, index) => {
    await peer.expectLine(/^PROXY /);
    await pop3Backend(peer, index);
  };
  const backend = await startBackend(scope, behindHeader, { host: '::1' });
  const auth = await startAuth(scope, () => accept(backend));
  const port = await freePort('::1');
  const config = `mail { auth_http ${auth.url}; proxy_protocol on; server { protocol pop3; listen [::1]:${port}; } }`;
  const server = await startServer(scope, { config });
  const wire = await connect({ host: '::1', port });
  scope.after(() => wire.destroy());
  const from = wire.localPort;
  await wire.send('USER u\r\nPASS p\r\nQUIT\r\n');
  await wire.expectBytes('+OK POP3 ready\r\n+OK\r\n+OK logged in\r\n+OK 250 [QUIT]\r\n');
  await wire.closed();
  wire.destroy();
  assert.equal(auth.requests[0]?.header('Client-IP'), '::1');
  assert.equal(backend.peers[0]?.received.toString('latin1').split('\r\n')[0], `PROXY TCP6 ::1 ::1 ${from} ${port}`);
  const [text] = await server.log.wait(/client \[[\s\S]*proxied session done.*\n/);
  const suffix = `client: ::1, server: [::1]:${port}, login: "u", upstream: ::1:${backend.port}`;
  assert.deepEqual(
    text.split('\n').map((line) => line.replace(/^.*?: \*1 /, '')),
    [
      `client [::1]:${from} connected to [::1]:${port}`,
      `client logged in, ${suffix}`,
      `proxied session done, ${suffix}`,
      '',
    ],
  );
});
