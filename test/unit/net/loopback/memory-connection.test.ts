// Connections in memory: nothing is told from within a call, the buffers are bounded, and they end as TCP does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { IGNORE } from '../../../../src/net/connection.ts';
import { MemoryConnection } from '../../../../src/net/loopback/memory-connection.ts';
import { turnsUntil } from '../../../support/in-time.ts';
import { FakeClock } from '../fake-clock.ts';
import { scribe } from '../scribe.ts';

const MAX_UNREAD = 262_144;

interface Made {
  readonly near: MemoryConnection;
  readonly far: MemoryConnection;
  readonly notes: string[];
  /** All that is on its way has been told. */
  settle(): Promise<void>;
}

function make(): Made {
  const notes: string[] = [];
  const [near, far] = MemoryConnection.pair(scribe('near', notes));
  near.released = () => notes.push('near released');
  far.released = () => notes.push('far released');
  far.handler = scribe('far', notes);
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await turn();
  };
  return { near, far, notes, settle };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('bytes go both ways, and never from within a call', async () => {
  const { near, far, notes, settle } = make();
  far.handler = { ...far.handler, onData: (chunk) => void far.write(bytes(`got ${chunk}`)) };
  far.resume();
  assert.equal(near.write(bytes('hello')), true);
  assert.deepEqual(notes, []);
  await settle();
  assert.deepEqual(notes, ['near got hello']);
});

test('bytes are counted, also those that are put back only once', async () => {
  const { near, far, settle } = make();
  near.write(bytes('hello'));
  far.write(bytes('you'));
  far.handler = { ...far.handler, onData: () => far.pause() };
  far.resume();
  await settle();
  far.unread(bytes('hello'));
  far.resume();
  await settle();
  assert.deepEqual(
    [near, far].map(({ bytesReceived, bytesSent }) => ({ received: bytesReceived, sent: bytesSent })),
    [
      { received: 3, sent: 5 },
      { received: 5, sent: 3 },
    ],
  );
});

test('what is written is a copy', async () => {
  const { near, far, notes, settle } = make();
  far.resume();
  const secret = bytes('secret');
  near.write(secret);
  secret.fill(0);
  await settle();
  assert.deepEqual(notes, ['far secret']);
});

test('the accepted end is paused: nothing is told to it, not even the end', async () => {
  const { near, far, notes, settle } = make();
  assert.deepEqual([far.hasReceived, far.hasUnread], [false, false]);
  near.write(bytes('hello'));
  near.endOutput(() => notes.push('near sent'));
  await settle();
  assert.deepEqual(notes, ['near sent']);
  assert.deepEqual([far.hasReceived, far.hasUnread, far.ended], [true, true, false]);
  far.resume();
  await settle();
  assert.deepEqual(notes, ['near sent', 'far hello', 'far eof']);
  assert.deepEqual([far.hasReceived, far.hasUnread, far.ended], [true, false, true]);
});

test('a handler that pauses gets the next chunk after resume, and what it puts back comes first', async () => {
  const { near, far, notes, settle } = make();
  far.handler = {
    ...IGNORE,
    onData: (chunk) => {
      far.pause();
      far.unread(chunk.subarray(2));
      notes.push(`first ${chunk.subarray(0, 2)}`);
    },
  };
  far.resume();
  near.write(bytes('abcd'));
  near.write(bytes('efgh'));
  await settle();
  assert.deepEqual(notes, ['first ab']);
  far.handler = scribe('then', notes);
  far.resume();
  await settle();
  assert.deepEqual(notes, ['first ab', 'then cd', 'then efgh']);
});

test('a writer waits where the reader does not read, and goes on when it has', async () => {
  const { near, far, notes, settle } = make();
  const chunk = Buffer.alloc(MAX_UNREAD / 4);
  const taken = [1, 2, 3, 4, 5].map(() => near.write(chunk));
  assert.deepEqual(taken, [true, true, true, true, false]);
  await settle();
  assert.equal(notes.length, 0);
  far.handler = {
    ...IGNORE,
    onData: () => {
      notes.push('far data');
    },
  };
  far.resume();
  await settle();
  assert.deepEqual(notes, [...Array.from({ length: 5 }, () => 'far data'), 'near drain']);
  assert.equal(near.write(bytes('x')), true);
});

test('several chunks are written as one, and blocked as one', async () => {
  const { near, far, notes, settle } = make();
  far.resume();
  assert.equal(near.writeAll([bytes('a'), bytes('b')]), true);
  await settle();
  assert.equal(notes.join(), 'far a,far b');
  far.pause();
  assert.equal(near.writeAll([Buffer.alloc(MAX_UNREAD), bytes('b')]), false);
});

test('the end of the output waits behind what is blocked', async () => {
  const { near, far, notes, settle } = make();
  near.write(Buffer.alloc(MAX_UNREAD + 1));
  near.endOutput(() => notes.push('near sent'));
  await settle();
  assert.deepEqual(notes, []);
  far.handler = { ...scribe('far', notes), onData: () => {} };
  far.resume();
  await settle();
  assert.deepEqual(notes, ['far eof', 'near drain', 'near sent']);
});

test('closed in both directions, it is gone on both sides', async () => {
  const { near, far, notes, settle } = make();
  far.resume();
  near.endOutput(() => notes.push('near sent'));
  await settle();
  assert.deepEqual(notes, ['far eof', 'near sent']);
  far.endOutput(() => notes.push('far sent'));
  await settle();
  assert.deepEqual(notes.slice(2).sort(), [
    'far close',
    'far released',
    'far sent',
    'near close',
    'near eof',
    'near released',
  ]);
  assert.ok(near.isClosed && far.isClosed);
});

test('destroyed: the other end reads what was written before, and the end', async () => {
  const { near, far, notes, settle } = make();
  far.write(bytes('last words'));
  far.destroy();
  assert.deepEqual(notes, []);
  await settle();
  assert.deepEqual(notes.slice().sort(), ['far close', 'far released', 'near eof', 'near last words']);
  near.destroy();
  await settle();
  assert.deepEqual(notes.slice(-2), ['near released', 'near close']);
});

for (const how of ['destroy', 'reset'] as const) {
  test(`${how} with something unread is a reset to the other end`, async () => {
    const { near, far, notes, settle } = make();
    near.write(bytes('never read'));
    far.write(bytes('last words'));
    far[how]();
    await settle();
    assert.deepEqual(
      notes.filter((note) => note.startsWith('near')),
      ['near last words', 'near released', 'near close read ECONNRESET'],
    );
  });
}

test('a reset is a reset also where all was read', async () => {
  const { far, notes, settle } = make();
  far.reset();
  await settle();
  assert.ok(notes.includes('near close read ECONNRESET'), notes.join());
});

test('a reset ends who does not read only where it writes', async () => {
  const { near, far, notes, settle } = make();
  near.pause();
  far.reset();
  await settle();
  assert.ok(!near.isClosed);
  near.resume();
  await settle();
  assert.ok(notes.includes('near close read ECONNRESET'), notes.join());

  const blocked = make();
  blocked.near.pause();
  blocked.near.write(Buffer.alloc(MAX_UNREAD + 1));
  blocked.far.destroy();
  await blocked.settle();
  assert.ok(blocked.notes.includes('near close write ECONNRESET'), blocked.notes.join());
});

test('the first write to who is gone is lost, the next one fails', async () => {
  const { near, far, notes, settle } = make();
  far.destroy();
  await settle();
  assert.equal(near.write(bytes('a')), true);
  await settle();
  assert.ok(!near.isClosed);
  near.write(bytes('b'));
  await settle();
  assert.equal(notes.at(-1), 'near close write EPIPE');
});

test('nothing is told after the close, and nothing that is done then does harm', async () => {
  const { near, far, notes, settle } = make();
  far.resume();
  near.write(bytes('a'));
  near.destroy();
  near.destroy();
  near.reset();
  await settle();
  const before = notes.slice();
  assert.equal(near.write(bytes('b')), false);
  near.unread(bytes('c'));
  near.resume();
  near.pause();
  near.discardInput();
  near.endOutput(() => notes.push('sent'));
  near.deadline(1);
  await settle();
  assert.deepEqual(notes, before);
  assert.equal(notes.filter((note) => note === 'near released').length, 1);
});

test('a handler that closes its connection is told no more of what waits', async () => {
  const { near, far, notes, settle } = make();
  far.handler = { ...scribe('far', notes), onData: () => far.destroy() };
  near.write(bytes('a'));
  near.write(bytes('b'));
  far.resume();
  await settle();
  assert.deepEqual(notes, ['far released', 'far close', 'near released', 'near close read ECONNRESET']);
});

test('what was read and not delivered can be dropped, with the handler', async () => {
  const { near, far, notes, settle } = make();
  near.write(bytes('dropped'));
  far.discardInput();
  far.handler = scribe('far', notes);
  far.resume();
  near.write(bytes('kept'));
  await settle();
  assert.deepEqual(notes, ['far kept']);
});

test('a fault of a handler goes to onFault, and the rest is told all the same', async () => {
  const { near, far, notes, settle } = make();
  far.onFault = (error) => notes.push(`fault ${error}`);
  far.handler = {
    ...scribe('far', notes),
    onData: () => {
      throw new Error('no');
    },
  };
  far.resume();
  near.write(bytes('a'));
  near.endOutput(() => {});
  await settle();
  assert.deepEqual(notes, ['fault Error: no', 'far eof']);
});

test('finish sends what is queued, and waits for the other end to close', async () => {
  const { near, far, notes, settle } = make();
  near.write(bytes('bye'));
  near.finish(1000, (how) => notes.push(`finished ${how}`));
  await settle();
  assert.deepEqual(notes, ['finished sent']);
  far.resume();
  await settle();
  far.destroy();
  await settle();
  assert.ok(near.isClosed && far.isClosed);
});

test('the deadline is the same as of other connections', async (t) => {
  const clock = new FakeClock(t);
  const notes: string[] = [];
  const [near] = MemoryConnection.pair(scribe('near', notes));
  near.deadline(100);
  clock.tick(99);
  assert.deepEqual(notes, []);
  clock.tick(1);
  assert.deepEqual(notes, ['near timeout']);
});

test('a handshake fails', async () => {
  const { far } = make();
  const told: string[] = [];
  far.startTls({ choose: () => '', plain: () => {} }, [], ({ kind }) => told.push(kind));
  assert.deepEqual(told, []);
  await turnsUntil(() => told.length > 0);
  assert.deepEqual(told, ['failed']);
  assert.ok(far.isClosed);
});
