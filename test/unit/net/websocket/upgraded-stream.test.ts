// The stream that a WebSocket reads and writes: what is held back, and what its owner hears.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { IGNORE } from '../../../../src/net/connection.ts';
import { MemoryConnection } from '../../../../src/net/loopback/memory-connection.ts';
import { UpgradedStream } from '../../../../src/net/websocket/upgraded-stream.ts';
import { inTime } from '../../../support/in-time.ts';
import { BINARY, frame } from '../../../support/websocket-client.ts';

interface Made {
  readonly peer: MemoryConnection;
  readonly stream: UpgradedStream;
  readonly heard: string[];
  /** What the peer got, in bytes. */
  readonly taken: () => number;
}

function make(): Made {
  const heard: string[] = [];
  const note = (what: string) => (): void => {
    if (heard.at(-1) !== what) heard.push(what);
  };
  let taken = 0;
  const [peer, conn] = MemoryConnection.pair({
    ...IGNORE,
    onData: (chunk) => {
      taken += chunk.length;
    },
  });
  const owner = {
    heard: note('heard'),
    drained: note('drained'),
    timedOut: note('timed out'),
    ending: note('ending'),
    gone: note('gone'),
  };
  return { peer, stream: new UpgradedStream(conn, owner), heard, taken: () => taken };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

test('what comes is read; held back, it waits', async () => {
  const { peer, stream, heard } = make();
  let read = '';
  stream.on('data', (chunk: Buffer) => {
    read += chunk.toString('latin1');
    stream.hold();
  });
  const one = frame(BINARY, 'a');
  peer.write(one);
  await settle();
  peer.write(one);
  await settle();
  assert.equal(read, one.toString('latin1'));
  assert.deepEqual([stream.isHeld, heard], [true, ['heard']]);
  stream.release();
  await settle();
  assert.equal(read, `${one.toString('latin1')}${one.toString('latin1')}`);
});

test('a reader that wants nothing stops the connection', async () => {
  const { peer, stream } = make();
  const piece = frame(BINARY, 'x'.repeat(10_000));
  let written = 0;
  while (peer.write(piece)) written++;
  await settle();
  assert.ok(stream.readableLength <= 2 * piece.length, `${stream.readableLength} of ${written * piece.length}`);
  stream.destroy();
});

test('a peer that does not read blocks it; what it takes later is told', async () => {
  const { peer, stream, heard, taken } = make();
  peer.pause();
  const bytes = Buffer.alloc(100_000, 1);
  for (let i = 0; i < 5; i++) stream.write(bytes);
  await settle();
  assert.equal(stream.isBlocked, true);
  peer.resume();
  await settle();
  assert.deepEqual([stream.isBlocked, taken(), stream.bytesWritten], [false, 500_000, 500_000]);
  assert.ok(heard.includes('drained'));
});

test('more than may wait for a peer: nothing is read from it either', async () => {
  const { peer, stream } = make();
  let read = 0;
  stream.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  peer.pause();
  for (let i = 0; i < 10; i++) stream.write(Buffer.alloc(100_000));
  const ping = frame(9, '');
  peer.write(ping);
  peer.write(ping);
  await settle();
  assert.equal(read, 0);
  peer.resume();
  await settle();
  assert.equal(read, 2 * ping.length);
});

test('ends: of the peer, of ours, and without a word', async () => {
  const first = make();
  first.stream.resume();
  const ended = once(first.stream, 'end');
  first.peer.endOutput(() => {});
  await inTime(ended, 'the end');
  first.stream.end();
  await inTime(once(first.stream, 'close'), 'the close');
  await settle();
  assert.deepEqual(first.heard, ['ending', 'gone']);

  const second = make();
  second.stream.resume();
  second.peer.destroy();
  await inTime(once(second.stream, 'end'), 'the end of another one');

  const third = make();
  third.stream.destroy(new Error('whoever owns it knows why'));
  await inTime(once(third.stream, 'close'), 'the close of the third one');
});
