// Outgoing connections over real sockets.
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { IGNORE } from '../../../src/net/connection.ts';
import type { DialTarget } from '../../../src/net/dial-target.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { event, inTime } from '../../support/in-time.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { TRANSPORTS } from '../../support/transports.ts';

/** A server that answers what it gets in capitals, and closes when its peer has. */
async function serve(t: TestContext, where: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('end', () => socket.end(text.toUpperCase()));
  });
  server.listen(where);
  t.after(() => server.close());
  await event(server, 'listening');
  return server;
}

/** Sends at once, finishes, and gives what came back. */
function talk(transport: Transport, target: DialTarget): Promise<string> {
  const end = new Promise<string>((resolve) => {
    let text = '';
    const conn = transport.dial(target, {
      ...IGNORE,
      onData: (chunk) => {
        text += chunk.toString('latin1');
      },
      onEof: () => conn.destroy(),
      onClose: (error) => resolve(error === undefined ? text : error.message),
    });
    conn.write(Buffer.from('abc'));
    conn.resume();
    conn.endOutput(() => {});
  });
  return inTime(end, 'the end of the connection');
}

for (const transport of TRANSPORTS) {
  test(`${transport.name}: bytes may be written before the connection stands, and our end does not close the other direction`, async (t) => {
    const server = await serve(t, { port: 0, host: '127.0.0.1' });
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    assert.equal(await talk(transport, { kind: 'inet', address: '127.0.0.1', port: address.port }), 'ABC');
  });

  test(`${transport.name}: unix sockets`, async (t) => {
    const path = join(temporaryFolder(t), 's');
    await serve(t, { path });
    assert.equal(await talk(transport, { kind: 'unix', path }), 'ABC');
  });

  test(`${transport.name}: a failure is a close with the error of connect`, async () => {
    const close = new Promise<Error | undefined>((resolve) => {
      transport.dial({ kind: 'unix', path: '/nonexistent/s' }, { ...IGNORE, onClose: resolve });
    });
    const error = await inTime(close, 'the close');
    assert.ok(error !== undefined && 'syscall' in error && 'code' in error);
    assert.deepEqual([error.syscall, error.code], ['connect', 'ENOENT']);
  });

  for (const [local, to, code] of [
    ['192.0.2.1', '127.0.0.1', 'EADDRNOTAVAIL'],
    ['::1', '127.0.0.1', 'EINVAL'],
    ['127.0.0.1', '::1', 'EINVAL'],
  ] as const) {
    test(`${transport.name}: ${local} is no address to reach ${to} from`, async () => {
      const close = new Promise<Error | undefined>((resolve) => {
        const target = { kind: 'inet', address: to, port: 9, local: { address: local, port: 0 } } as const;
        const conn = transport.dial(target, { ...IGNORE, onClose: resolve });
        conn.write(Buffer.from('never sent'));
        conn.resume();
      });
      const error = await inTime(close, 'the close');
      assert.ok(error !== undefined && 'syscall' in error && 'code' in error && 'address' in error);
      assert.deepEqual([error.syscall, error.code, error.address], ['bind', code, local]);
    });
  }

  test(`${transport.name}: the end of the peer leaves our direction open`, async (t) => {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    t.after(() => server.close());
    await event(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const accepted: Promise<Socket[]> = event(server, 'connection');
    const ended = new Promise<void>((resolve) => {
      const conn = transport.dial(
        { kind: 'inet', address: '127.0.0.1', port: address.port },
        {
          ...IGNORE,
          onEof: () => {
            conn.write(Buffer.from('still here'));
            conn.finish();
            resolve();
          },
        },
      );
      conn.resume();
    });
    const [socket] = await accepted;
    assert.ok(socket !== undefined);
    socket.end();
    await inTime(ended, 'the end of the peer');
    const [chunk] = await event(socket, 'data');
    assert.equal(String(chunk), 'still here');
  });
}
