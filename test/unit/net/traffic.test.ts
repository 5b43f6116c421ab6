// What connections tell of themselves over either transport: that they stand, and how many bytes went through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, IGNORE, type Traffic } from '../../../src/net/connection.ts';
import { Cleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { listenOver, TRANSPORTS } from '../../support/transports.ts';

const address = '127.0.0.1';

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a connection that was dialled stands before anything comes, and counts to its end`, async () => {
    const scope = new Cleanup();
    const notes: (string | Traffic | undefined)[] = [];
    const port = listenOver(transport, scope, ({ connection }) => {
      connection.handler = {
        ...IGNORE,
        onData: (chunk) => {
          notes.push(`read ${chunk.length}`);
          connection.write(Buffer.from('answer'));
          connection.finish();
        },
      };
      connection.resume();
    });
    await new Promise<void>((resolve) => {
      const conn: Connection = transport.dial(
        { kind: 'inet', address, port },
        {
          ...IGNORE,
          onConnect: () => notes.push('stands'),
          onEof: () => {
            notes.push(conn.traffic?.());
            conn.destroy();
          },
          onClose: () => {
            notes.push(conn.traffic?.());
            resolve();
          },
        },
      );
      conn.write(Buffer.from('ask'));
    });
    await scope.run();
    const traffic = { received: 6, sent: 3 };
    assert.deepEqual(notes, ['stands', 'read 3', traffic, traffic]);
  });

  test(`${transport.name}: one that is refused never stands`, async () => {
    const port = await freePort(address);
    const notes: string[] = [];
    await new Promise<void>((resolve) => {
      transport.dial(
        { kind: 'inet', address, port },
        {
          ...IGNORE,
          onConnect: () => notes.push('stands'),
          onClose: () => {
            notes.push('closed');
            resolve();
          },
        },
      );
    });
    assert.deepEqual(notes, ['closed']);
  });
}
