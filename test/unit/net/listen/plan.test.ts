// Which sockets are opened, and which server a connection belongs to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '../../../../src/core/address.ts';
import { coreModule } from '../../../../src/mail/core-module.ts';
import { choosePort, type Port, planSockets, type SocketPlan } from '../../../../src/net/listen/plan.ts';
import { serverStores } from '../../mail/doubles.ts';

/** A server for each list of `listen` values. */
function plan(...servers: readonly (readonly string[])[]): SocketPlan<number>[] {
  const blocks = servers.map((values) => `server { protocol imap; ${values.map((v) => `listen ${v};`).join(' ')} }`);
  const stores = serverStores(`auth_http 127.0.0.1:9; ${blocks.join('\n')}`);
  const ports = stores.flatMap((store, server) =>
    store.get(coreModule.srv).listens.map((listen): Port<number> => ({ listen, server })),
  );
  return planSockets(ports);
}

const text = ({ listen, server }: Port<number>): string => `${formatAddress(listen.address)} ${server}`;
const sockets = (...servers: readonly (readonly string[])[]): string[][] =>
  plan(...servers).map(({ own, others }) => [text(own), ...others.map(text)]);

test('without a wildcard every address has its own socket', () => {
  assert.deepEqual(sockets(['127.0.0.1:143', '127.0.0.2:143'], ['[::1]:143']), [
    ['127.0.0.1:143 0'],
    ['127.0.0.2:143 0'],
    ['[::1]:143 1'],
  ]);
});

test('a wildcard serves the addresses of its port and family, of other servers too', () => {
  assert.deepEqual(sockets(['127.0.0.1:143'], ['143'], ['127.0.0.2:143', '127.0.0.2:144']), [
    ['0.0.0.0:143 1', '127.0.0.1:143 0', '127.0.0.2:143 2'],
    ['127.0.0.2:144 2'],
  ]);
});

test('the families do not share', () => {
  assert.deepEqual(sockets(['143', '[::1]:143'], ['[::]:144', '127.0.0.1:144']), [
    ['0.0.0.0:143 0'],
    ['[::1]:143 0'],
    ['[::]:144 1'],
    ['127.0.0.1:144 1'],
  ]);
  assert.deepEqual(sockets(['[::]:143', '[::1]:143']), [['[::]:143 0', '[::1]:143 0']]);
});

test('an address that asks for its own socket gets it, before the wildcard', () => {
  for (const option of [
    'bind',
    'backlog=10',
    'rcvbuf=1k',
    'sndbuf=1k',
    'ipv6only=on',
    'so_keepalive=on',
    'multipath',
  ]) {
    assert.deepEqual(sockets(['143', `127.0.0.1:143 ${option}`, '127.0.0.2:143']), [
      ['127.0.0.1:143 0'],
      ['0.0.0.0:143 0', '127.0.0.2:143 0'],
    ]);
  }
  for (const option of ['proxy_protocol', '']) {
    assert.deepEqual(sockets(['143', `127.0.0.1:143 ${option}`]), [['0.0.0.0:143 0', '127.0.0.1:143 0']]);
  }
});

test('ports come in the order of the file', () => {
  assert.deepEqual(sockets(['127.0.0.1:993', '143'], ['127.0.0.2:993', '110']), [
    ['127.0.0.1:993 0'],
    ['127.0.0.2:993 1'],
    ['0.0.0.0:143 0'],
    ['0.0.0.0:110 1'],
  ]);
});

test('unix sockets share nothing', () => {
  assert.deepEqual(sockets(['unix:/a', '143'], ['unix:/b']), [['unix:/a 0'], ['0.0.0.0:143 0'], ['unix:/b 1']]);
});

test('a connection belongs to the address that it came to, or else to the socket', () => {
  const [v4, v6] = plan(['143', '[::]:143'], ['127.0.0.1:143', '[::1]:143'], ['127.0.0.2:143']);
  assert.ok(v4 !== undefined && v6 !== undefined);
  const chosen = (local: string | undefined): string => text(choosePort(v4, local));
  assert.equal(chosen('127.0.0.1'), '127.0.0.1:143 1');
  assert.equal(chosen('127.0.0.2'), '127.0.0.2:143 2');
  assert.equal(chosen('127.0.0.3'), '0.0.0.0:143 0');
  assert.equal(chosen(undefined), '0.0.0.0:143 0');
  assert.equal(text(choosePort(v6, '::1')), '[::1]:143 1');
  assert.equal(text(choosePort(v6, '::2')), '[::]:143 0');
});
