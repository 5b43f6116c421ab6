// Both transports, for tests of what has to be the same over either.
import assert from 'node:assert/strict';
import net, { type Server } from 'node:net';
import { inetAddress } from '../../src/core/address.ts';
import { takeBindings } from '../../src/net/handle/native.ts';
import { HandleTransport } from '../../src/net/handle/transport.ts';
import { streamTransport } from '../../src/net/stream-transport.ts';
import type { Arrival, Transport } from '../../src/net/transport.ts';
import type { Scope } from './cleanup.ts';

const bindings = takeBindings();
assert.ok(typeof bindings !== 'string', 'every Node.js that is tested has the handles');

export const handleTransport = new HandleTransport(bindings);
export const TRANSPORTS: readonly Transport[] = [streamTransport, handleTransport];

/** What POSTERN_TEST_TRANSPORT names; handles, as a server that is left to choose. */
export const testTransport = process.env.POSTERN_TEST_TRANSPORT === 'net' ? streamTransport : handleTransport;

/** Accepts on loopback until the scope ends; what was accepted is closed then. @returns the port */
export function listenOver(transport: Transport, scope: Scope, accept: (arrival: Arrival) => void): number {
  const source = net._createServerHandle('127.0.0.1', 0, 4);
  assert.ok(typeof source !== 'number');
  const open = new Set<Arrival['connection']>();
  const server: Server = transport.listen(
    {
      address: inetAddress(Uint8Array.of(127, 0, 0, 1), 0),
      text: '127.0.0.1',
      options: { backlog: 511, ipv6only: true, keepaliveS: undefined },
      accept: (arrival) => {
        open.add(arrival.connection);
        arrival.connection.released = () => open.delete(arrival.connection);
        accept(arrival);
      },
    },
    source,
    (error) => assert.fail(error),
  );
  scope.after(() => {
    for (const connection of open) connection.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
