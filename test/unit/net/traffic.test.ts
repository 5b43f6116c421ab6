// What connections tell of themselves over either transport: that they stand, and how many bytes went through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, IGNORE } from '../../../src/net/connection.ts';
import type { TlsChooser } from '../../../src/net/tls/chooser.ts';
import type { ServerTls } from '../../../src/net/tls/context.ts';
import { Cleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { until } from '../../support/processes.ts';
import { buildTls } from '../../support/tls.ts';
import { listenOver, TRANSPORTS } from '../../support/transports.ts';
import { connect } from '../../support/wire.ts';

const address = '127.0.0.1';

const WAYS: readonly (readonly [string, ServerTls | TlsChooser])[] = [
  ['which is known', buildTls()],
  ['which is chosen when the ClientHello is there, and put back', { choose: () => buildTls(), plain: () => {} }],
];

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a connection that was dialled stands before anything comes, and counts to its end`, async () => {
    const scope = new Cleanup();
    const notes: string[] = [];
    const counted = ({ bytesReceived, bytesSent }: Connection): string =>
      `received ${bytesReceived}, sent ${bytesSent}`;
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
            notes.push(counted(conn));
            conn.destroy();
          },
          onClose: () => {
            notes.push(counted(conn));
            resolve();
          },
        },
      );
      conn.write(Buffer.from('ask'));
    });
    await scope.run();
    const all = 'received 6, sent 3';
    assert.deepEqual(notes, ['stands', 'read 3', all, all]);
  });

  for (const [how, tls] of WAYS) {
    test(`${transport.name}: what is put back counts once, and of TLS its clear text, ${how}`, async () => {
      const scope = new Cleanup();
      const counts: number[][] = [];
      const port = listenOver(transport, scope, ({ connection: conn }) => {
        const secure = (): void => {
          conn.handler = {
            ...IGNORE,
            onData: () => {
              conn.write(Buffer.from('bye\r\n'));
              counts.push([conn.bytesReceived, conn.bytesSent]);
              conn.finish();
            },
          };
          conn.resume();
        };
        const begin = (): void => {
          conn.discardInput();
          conn.write(Buffer.from('go\r\n'));
          counts.push([conn.bytesReceived, conn.bytesSent]);
          conn.startTls(tls, ['imap'], secure);
        };
        conn.handler = {
          ...IGNORE,
          onData: (chunk) => {
            conn.pause();
            conn.unread(chunk);
            conn.handler = { ...IGNORE, onData: begin };
            setImmediate(() => conn.resume());
          },
        };
        conn.resume();
      });
      const wire = await connect({ host: address, port });
      await wire.send('STLS\r\n');
      await wire.match(/go\r\n/);
      await wire.startTls();
      await wire.send('hello\r\n');
      await wire.match(/bye\r\n/);
      assert.deepEqual(counts, [
        [6, 4],
        [13, 9],
      ]);
      wire.end();
      await wire.closed();
      await scope.run();
    });
  }

  test(`${transport.name}: what turns out to be no TLS counts on`, async () => {
    const scope = new Cleanup();
    const counts: number[][] = [];
    const port = listenOver(transport, scope, ({ connection: conn }) => {
      const count = (): void => {
        counts.push([conn.bytesReceived, conn.bytesSent]);
      };
      const plain = (): void => {
        conn.handler = {
          ...IGNORE,
          onData: () => {
            count();
            conn.write(Buffer.from('ok\r\n'));
            count();
          },
        };
        conn.resume();
      };
      conn.startTls({ choose: () => buildTls(), plain }, ['imap'], () => assert.fail('no TLS'));
    });
    const wire = await connect({ host: address, port });
    await wire.send('clear\r\n');
    await wire.match(/ok\r\n/);
    await wire.send('more\r\n');
    await wire.match(/ok\r\n/);
    assert.deepEqual(counts, [
      [7, 0],
      [7, 4],
      [13, 4],
      [13, 8],
    ]);
    await scope.run();
    await wire.closed();
  });

  test(`${transport.name}: what has come counts though nobody takes it, and what was written though it waits`, async () => {
    const scope = new Cleanup();
    const much = Buffer.alloc(20_000_000);
    let accepted: Connection | undefined;
    const port = listenOver(transport, scope, ({ connection: conn }) => {
      accepted = conn;
      conn.handler = {
        ...IGNORE,
        onData: () => {
          conn.pause();
          conn.write(much);
          conn.write(much);
        },
      };
      conn.resume();
    });
    const wire = await connect({ host: address, port });
    await wire.send('first\r\n');
    await until(() => accepted?.bytesSent === 40_000_000, 'an answer that waits');
    await wire.send('second\r\n');
    await until(() => accepted?.bytesReceived === 15, 'the second line');
    assert.deepEqual([accepted?.bytesReceived, accepted?.bytesSent], [15, 40_000_000]);
    accepted?.destroy();
    await wire.closed();
    await scope.run();
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
