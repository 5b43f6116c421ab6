// The end of a TLS session over handles: both sides say it before they close, and nothing gets lost.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import { type Connection, type FinishEnd, IGNORE } from '../../../../src/net/connection.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { listen } from '../../../support/fake-auth.ts';
import { closed, event, inTime } from '../../../support/in-time.ts';
import { buildTls } from '../../../support/tls.ts';
import { RecordType, recordTypes } from '../../../support/tls-records.ts';
import { handleTransport, listenOver } from '../../../support/transports.ts';

/** Passes connections on. @returns its port, and what servers have sent */
async function tap(t: Scope, port: number): Promise<{ readonly port: number; readonly seen: Buffer[] }> {
  const seen: Buffer[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, upstream]) socket.on('error', () => {});
    upstream.on('data', (chunk: Buffer) => seen.push(chunk));
    client.pipe(upstream).pipe(client);
    t.after(() => {
      client.destroy();
      upstream.destroy();
    });
  });
  t.after(() => {
    server.close();
  });
  return { port: await listen(server, '127.0.0.1', 0), seen };
}

/** A server that answers the end of its client with its own. @param closed told how, when all is over */
function endsToo(conn: Connection, closed: (how: FinishEnd | undefined) => void): void {
  let how: FinishEnd | undefined;
  conn.released = () => closed(how);
  conn.handler = {
    ...IGNORE,
    onEof: () =>
      conn.finish(10_000, (end) => {
        how = end;
      }),
  };
  conn.resume();
}

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[]) {
  test(`a client that ends first gets the close without another word, as from nginx (${maxVersion})`, async (t) => {
    let settle: (how: FinishEnd | undefined) => void = () => {};
    const end = new Promise<FinishEnd | undefined>((resolve) => {
      settle = resolve;
    });
    const port = listenOver(handleTransport, t, ({ connection }) =>
      connection.startTls(buildTls(), ['imap'], () => {
        endsToo(connection, settle);
        connection.write(Buffer.from('hello'));
      }),
    );
    const between = await tap(t, port);
    const client = connect({ port: between.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion });
    t.after(() => client.destroy());
    await event(client, 'data');
    const before = recordTypes(Buffer.concat(between.seen)).length;
    client.end();
    await closed(client);
    assert.equal(await inTime(end, 'the end'), 'sent');
    const after = recordTypes(Buffer.concat(between.seen)).slice(before);
    assert.deepEqual(after, []);
  });
}

test('a server that ends first says so to a client', async (t) => {
  const port = listenOver(handleTransport, t, ({ connection }) =>
    connection.startTls(buildTls(), ['imap'], () => {
      connection.write(Buffer.from('bye'));
      connection.finish();
    }),
  );
  const between = await tap(t, port);
  const client = connect({ port: between.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  t.after(() => client.destroy());
  client.resume();
  await closed(client);
  assert.deepEqual(recordTypes(Buffer.concat(between.seen)).slice(-2), [RecordType.data, RecordType.alert]);
});

test('what waits for a client that has ended is sent before the end', async (t) => {
  const large = Buffer.alloc(16 * 1024 * 1024, 'x');
  const port = listenOver(handleTransport, t, ({ connection }) =>
    connection.startTls(buildTls(), ['imap'], () => {
      endsToo(connection, () => {});
      connection.write(large);
    }),
  );
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const client = connect({ socket, rejectUnauthorized: false });
  t.after(() => client.destroy());
  await event(client, 'secureConnect');
  client.end();
  let bytes = 0;
  client.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await event(client, 'end');
  assert.equal(bytes, large.length);
});
