// Listening sockets: every failure is told before anything is accepted, and nothing stays open after one.
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatAddress, parseUrl, type SocketAddress } from '../../../../src/core/address.ts';
import { acceptOn, type BoundSocket, bindSocket } from '../../../../src/net/listen/bind.ts';
import type { Listening, ListeningOptions } from '../../../../src/net/listen/listening.ts';
import { listen } from '../../../support/fake-auth.ts';
import { event } from '../../../support/in-time.ts';
import { temporaryFolder } from '../../../support/tmp.ts';

/** No port: the system chooses one. */
const ANY_PORT = '127.0.0.1';

function address(text: string): SocketAddress {
  const url = parseUrl(text, { defaultPort: 0, listen: true, resolve: () => [] });
  assert.ok('addresses' in url, text);
  return url.addresses[0];
}

function listening(
  text: string,
  options: Partial<ListeningOptions> = {},
  accept: (socket: Socket) => void = (socket) => socket.destroy(),
): Listening {
  const at = address(text);
  const all = { backlog: 5, ipv6only: true, keepaliveS: undefined, ...options };
  return { address: at, text: formatAddress(at), options: all, accept };
}

/** Binds; whatever came of it, nothing is left. */
function tryBind(text: string): string {
  const result = bindSocket(listening(text));
  if (!('handle' in result)) return `${result.call} ${result.errno}`;
  result.handle.close();
  return 'bound';
}

function bound(t: TestContext, of: Listening): BoundSocket & { readonly server: () => Server } {
  const result = bindSocket(of);
  assert.ok('handle' in result, 'call' in result ? `${result.call} ${result.errno}` : '');
  return {
    ...result,
    server: () => {
      const server = acceptOn(of, result.handle, assert.fail);
      t.after(() => server.close());
      return server;
    },
  };
}

function portOf(server: Server): number {
  const at = server.address();
  assert.ok(at !== null && typeof at === 'object');
  return at.port;
}

test('an address in use is told at once, as bind would tell it', async (t) => {
  const holder = createServer();
  t.after(() => holder.close());
  const port = await listen(holder, '127.0.0.1', 0);
  assert.equal(tryBind(`127.0.0.1:${port}`), `bind() to 127.0.0.1:${port} 98`);
});

test('an address that is not ours', () => {
  assert.equal(tryBind('192.0.2.1:143'), 'bind() to 192.0.2.1:143 99');
});

test('connections that come before anybody accepts are served later, paused, without losing a byte', async (t) => {
  const accepted: Socket[] = [];
  const { server } = bound(
    t,
    listening(ANY_PORT, {}, (socket) => accepted.push(socket)),
  );
  const running = server();
  const client = connect(portOf(running), '127.0.0.1');
  t.after(() => client.destroy());
  client.write('early');
  await event(running, 'connection');
  const [socket] = accepted;
  assert.ok(socket !== undefined);
  t.after(() => socket.destroy());
  assert.equal(socket.isPaused(), true);
  socket.resume();
  const [chunk] = await event(socket, 'data');
  assert.equal(String(chunk), 'early');
});

test('an accepted connection stays open when its peer has finished sending', async (t) => {
  const { server } = bound(
    t,
    listening(ANY_PORT, {}, (socket) => {
      socket.on('end', () => setImmediate(() => socket.end('answer')));
      socket.resume();
    }),
  );
  const client = connect(portOf(server()), '127.0.0.1');
  t.after(() => client.destroy());
  client.end();
  const [chunk] = await event(client, 'data');
  assert.equal(String(chunk), 'answer');
});

test('a unix socket is for everyone', async (t) => {
  const path = join(temporaryFolder(t), 's');
  const { server } = bound(
    t,
    listening(`unix:${path}`, {}, (socket) => socket.end('hi').resume()),
  );
  assert.equal(statSync(path).mode & 0o777, 0o666);
  server();
  const client = connect(path);
  t.after(() => client.destroy());
  const [chunk] = await event(client, 'data');
  assert.equal(String(chunk), 'hi');
});

test('a unix socket that nobody accepts on goes when it is closed', (t) => {
  const path = join(temporaryFolder(t), 's');
  assert.equal(tryBind(`unix:${path}`), 'bound');
  assert.equal(existsSync(path), false);
});

test('a file in the place of a unix socket is never removed', (t) => {
  const path = join(temporaryFolder(t), 's');
  writeFileSync(path, '');
  assert.equal(tryBind(`unix:${path}`), `bind() to unix:${path} 98`);
  assert.equal(existsSync(path), true);
});

test('a folder that is not there', () => {
  assert.equal(tryBind('unix:/nonexistent/s'), 'bind() to unix:/nonexistent/s 2');
});

test('a name in UTF-8 is the name of the socket; one that cannot be said is refused', (t) => {
  const folder = temporaryFolder(t);
  const umlaut = Buffer.from(`${folder}/ü`).toString('latin1');
  const result = bindSocket(listening(`unix:${umlaut}`));
  assert.ok('handle' in result);
  assert.equal(existsSync(`${folder}/ü`), true);
  result.handle.close();
  assert.equal(tryBind(`unix:${folder}/\xff`), `bind() to unix:${folder}/\xff 84`);
});

test('an IPv6 wildcard leaves the port to IPv4 unless ipv6only is off', async (t) => {
  const wildcard = listening('[::]');
  const result = bindSocket(wildcard);
  if (!('handle' in result)) {
    t.skip(`this machine has no IPv6: ${result.call} fails with errno ${result.errno}`);
    return;
  }
  const server = acceptOn(wildcard, result.handle, assert.fail);
  t.after(() => server.close());
  assert.equal(tryBind(`127.0.0.1:${portOf(server)}`), 'bound');
});
