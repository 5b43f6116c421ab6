// TCP_NODELAY: without it a reply waits for the acknowledgement of the one before, some 40 ms.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { IGNORE } from '../../../src/net/connection.ts';
import { dial } from '../../../src/net/dial.ts';
import { event } from '../../support/in-time.ts';

/** What Node.js remembers of setNoDelay. */
function sendsAtOnce(socket: object): unknown {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kSetNoDelay');
  return symbol === undefined ? undefined : Reflect.get(socket, symbol);
}

test('connections to auth servers and backends send at once', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await event(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const conn = dial({ kind: 'inet', address: '127.0.0.1', port: address.port }, IGNORE);
  t.after(() => conn.destroy());
  const [accepted] = await event(server, 'connection');
  t.after(() => accepted.destroy());
  assert.equal(sendsAtOnce(conn.stream), true);
});
