// TCP_NODELAY: without it a reply waits for the acknowledgement of the one before, some 40 ms.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { Relay } from '../../../src/mail/session/relay.ts';
import { IGNORE } from '../../../src/net/connection.ts';
import { takeBindings } from '../../../src/net/handle/native.ts';
import type { TcpHandle } from '../../../src/net/handle/node-handles.d.ts';
import { StreamConnection } from '../../../src/net/stream-connection.ts';
import { event } from '../../support/in-time.ts';
import { TRANSPORTS } from '../../support/transports.ts';
import { MemoryStream } from './memory-stream.ts';

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a relay sends to the backend at once`, async (t) => {
    const bindings = takeBindings();
    assert.ok(typeof bindings !== 'string');
    let calls = 0;
    const { setNoDelay } = bindings.tcp.TCP.prototype;
    t.mock.method(bindings.tcp.TCP.prototype, 'setNoDelay', function (this: TcpHandle, on: boolean): number {
      calls++;
      return setNoDelay.call(this, on);
    });
    const server = net.createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await event(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const conn = transport.dial({ kind: 'inet', address: '127.0.0.1', port: address.port }, IGNORE);
    t.after(() => conn.destroy());
    const [accepted] = await event(server, 'connection');
    t.after(() => accepted.destroy());
    assert.equal(calls, 0, 'before, there is one write for each reply');
    const client = new StreamConnection(new MemoryStream(), IGNORE);
    t.after(() => client.destroy());
    const relay = new Relay({ conn: client }, conn, 1000, () => undefined);
    relay.start(Buffer.from('x'), Buffer.alloc(0));
    t.after(() => relay.destroy());
    await event(accepted, 'data');
    assert.ok(calls > 0);
  });
}
