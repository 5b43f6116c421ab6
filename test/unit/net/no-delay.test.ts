// TCP_NODELAY: without it a reply waits for the acknowledgement of the one before, some 40 ms.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { IGNORE } from '../../../src/net/connection.ts';
import { takeBindings } from '../../../src/net/handle/native.ts';
import type { TcpHandle } from '../../../src/net/handle/node-handles.d.ts';
import { event } from '../../support/in-time.ts';
import { TRANSPORTS } from '../../support/transports.ts';

for (const transport of TRANSPORTS) {
  test(`${transport.name}: connections to auth servers and backends send at once`, async (t) => {
    const bindings = takeBindings();
    assert.ok(typeof bindings !== 'string');
    const calls: boolean[] = [];
    const { setNoDelay } = bindings.tcp.TCP.prototype;
    t.mock.method(bindings.tcp.TCP.prototype, 'setNoDelay', function (this: TcpHandle, on: boolean): number {
      calls.push(on);
      return setNoDelay.call(this, on);
    });
    const server = net.createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await event(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const conn = transport.dial({ kind: 'inet', address: '127.0.0.1', port: address.port }, IGNORE);
    t.after(() => conn.destroy());
    conn.write(Buffer.from('x'));
    const [accepted] = await event(server, 'connection');
    t.after(() => accepted.destroy());
    await event(accepted, 'data');
    assert.deepEqual(calls, [true]);
  });
}
