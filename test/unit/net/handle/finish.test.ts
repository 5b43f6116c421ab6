// When a connection over a handle closes at once, and when it gives its peer the time to close first.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Connection, type FinishEnd, IGNORE } from '../../../../src/net/connection.ts';
import { event, inTime } from '../../../support/in-time.ts';
import { handleTransport } from '../../../support/transports.ts';

interface Dialled {
  readonly conn: Connection;
  readonly server: Socket;
  /** `released` was called. */
  readonly isReleased: () => boolean;
  /** Resolves when it is. */
  readonly release: Promise<void>;
  /** The next bytes of the server. */
  readonly data: () => Promise<string>;
}

async function dialled(t: TestContext): Promise<Dialled> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  t.after(() => listener.close());
  await event(listener, 'listening');
  const address = listener.address();
  assert.ok(address !== null && typeof address === 'object');
  const accepted: Promise<Socket[]> = event(listener, 'connection');
  const conn = handleTransport.dial({ kind: 'inet', address: '127.0.0.1', port: address.port }, IGNORE);
  t.after(() => conn.destroy());
  let isReleased = false;
  const release = new Promise<void>((resolve) => {
    conn.released = () => {
      isReleased = true;
      resolve();
    };
  });
  const [server] = await inTime(accepted, 'the connection');
  assert.ok(server !== undefined);
  server.on('error', () => {});
  t.after(() => server.destroy());
  const data = (): Promise<string> =>
    inTime(
      new Promise((resolve) => {
        conn.handler = { ...IGNORE, onData: (chunk) => resolve(chunk.toString('latin1')) };
      }),
      'data',
    );
  return { conn, server, isReleased: () => isReleased, release, data };
}

test('a server that has answered one thing gets the other as well', async (t) => {
  const { conn, server, isReleased, release, data } = await dialled(t);
  const answer = data();
  conn.write(Buffer.from('one'));
  assert.equal(String((await event(server, 'data'))[0]), 'one');
  server.pause();
  conn.write(Buffer.alloc(5000, 'two'));
  server.write('answer');
  await answer;
  const sent = new Promise<FinishEnd>((resolve) => conn.finish(60_000, resolve));
  assert.equal(await inTime(sent, 'the end of the output'), 'sent');
  server.write('answer'); // a connection that is closed would answer with a reset
  let bytes = 0;
  server.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await event(server.resume(), 'end');
  assert.equal(bytes, 5000);
  assert.equal(isReleased(), false);
  server.end();
  await inTime(release, 'the close');
});

test('a server that has not answered gets all, then the end, and the time to close', async (t) => {
  const { conn, server, isReleased, release, data } = await dialled(t);
  const answer = data();
  server.write('hello');
  await answer;
  conn.write(Buffer.from('question'));
  const sent = new Promise<FinishEnd>((resolve) => conn.finish(60_000, resolve));
  assert.equal(await inTime(sent, 'the end of the output'), 'sent');
  assert.equal(isReleased(), false);
  assert.equal(String((await event(server, 'data'))[0]), 'question');
  await event(server.resume(), 'end');
  server.write('answer'); // would be refused by a connection that is closed
  assert.equal(isReleased(), false);
  server.end();
  await inTime(release, 'the close');
});

test('a connection that is abandoned tells nobody but who counts it', async (t) => {
  const { conn, server, isReleased } = await dialled(t);
  const notes: string[] = [];
  conn.handler = { ...IGNORE, onData: () => notes.push('data'), onClose: () => notes.push('close') };
  server.write('hello');
  conn.abandon();
  conn.abandon();
  conn.destroy();
  assert.equal(isReleased(), true);
  await event(server.resume(), 'close').catch(() => {}); // perhaps with a reset
  assert.deepEqual(notes, []);
});
