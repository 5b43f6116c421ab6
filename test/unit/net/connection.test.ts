// One face for every stream: events go to the handler of the moment, and nothing is left behind at the end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IGNORE } from '../../../src/net/connection.ts';
import { MemoryStream, settle } from './memory-stream.ts';
import { make, scribe, timed } from './scribe.ts';

test('events go to the handler of the moment', async () => {
  const { stream, conn, notes } = make();
  stream.sends('1');
  await settle();
  conn.handler = scribe('b', notes);
  stream.sends('2');
  await settle();
  stream.ends();
  await settle();
  assert.deepEqual(notes, ['a 1', 'b 2', 'b eof']);
});

test('a handler may hand over in the middle of an event; the next chunk is for its successor', async () => {
  const { stream, conn, notes } = make();
  conn.handler = {
    ...IGNORE,
    onData: () => {
      conn.handler = scribe('b', notes);
    },
  };
  stream.sends('1');
  stream.sends('2');
  await settle();
  assert.deepEqual(notes, ['b 2']);
});

test('what arrives while the connection is paused waits for resume', async () => {
  const { stream, conn, notes } = make();
  conn.pause();
  stream.sends('1');
  await settle();
  assert.deepEqual(notes, []);
  conn.handler = scribe('b', notes);
  conn.resume();
  await settle();
  assert.deepEqual(notes, ['b 1']);
});

test('bytes that were put back come first', async () => {
  const { stream, conn, notes } = make();
  conn.handler = {
    ...IGNORE,
    onData: (chunk) => {
      conn.pause();
      conn.handler = scribe('b', notes);
      conn.unread(chunk.subarray(2));
    },
  };
  stream.sends('xxrest');
  await settle();
  stream.sends('more');
  conn.resume();
  await settle();
  assert.equal(notes.map((note) => note.slice(2)).join(''), 'restmore');
});

test('discarded input reaches no handler, before and after', async () => {
  const { stream, conn, notes } = make();
  conn.pause();
  stream.sends('1');
  stream.sends('2');
  await settle();
  conn.discardInput();
  conn.handler = scribe('b', notes);
  conn.resume();
  stream.sends('3');
  await settle();
  assert.deepEqual(notes, ['b 3']);
});

test('an end that came while nobody listened is known', async () => {
  const { stream, conn, notes } = make();
  conn.pause();
  conn.handler = IGNORE;
  stream.ends();
  await settle();
  assert.deepEqual(notes, []);
  assert.equal(conn.ended, true);
});

test('an end behind bytes that were not delivered is not there yet', async () => {
  const { stream, conn, notes } = make();
  conn.pause();
  stream.sends('1');
  stream.ends();
  await settle();
  assert.equal(conn.ended, false);
  conn.resume();
  await settle();
  assert.deepEqual(notes, ['a 1', 'a eof']);
  assert.equal(conn.ended, true);
});

test('a write says stop when enough waits, and drain tells when it has gone', async () => {
  const { stream, conn, notes } = make(10);
  stream.hold();
  assert.equal(conn.write(Buffer.from('12345')), true);
  assert.equal(conn.write(Buffer.from('67890')), false);
  assert.equal(conn.pendingBytes, 10);
  await settle();
  assert.deepEqual(notes, []);
  stream.release();
  await settle();
  assert.deepEqual(notes, ['a drain']);
  assert.equal(conn.pendingBytes, 0);
  assert.equal(stream.taken, '1234567890');
});

test('a deadline passes once', (t) => {
  const { clock, conn, notes } = timed(t);
  conn.deadline(100);
  clock.tick(99);
  assert.deepEqual(notes, []);
  clock.tick(1);
  clock.tick(1000);
  assert.deepEqual(notes, ['a timeout']);
});

test('there is one deadline: arming it again moves it, 0 takes it away', (t) => {
  const { clock, conn, notes } = timed(t);
  conn.deadline(100);
  clock.tick(60);
  conn.deadline(100); // the same length
  clock.tick(60);
  assert.deepEqual(notes, []);
  conn.deadline(10); // another
  assert.equal(clock.armed, 1);
  clock.tick(10);
  assert.deepEqual(notes, ['a timeout']);
  conn.deadline(10); // after it has passed
  clock.tick(10);
  assert.deepEqual(notes, ['a timeout', 'a timeout']);
  conn.deadline(10);
  conn.deadline(0);
  clock.tick(1000);
  assert.equal(notes.length, 2);
});

test('a deadline of years does not pass at once', (t) => {
  const { clock, conn, notes } = timed(t);
  conn.deadline(Number.MAX_SAFE_INTEGER);
  clock.tick(86_400_000);
  assert.deepEqual(notes, []);
  assert.equal(clock.armed, 1);
});

test('a deadline is told to the handler of the moment', (t) => {
  const { clock, conn, notes } = timed(t);
  conn.deadline(100);
  conn.handler = scribe('b', notes);
  clock.tick(100);
  assert.deepEqual(notes, ['b timeout']);
});

test('a closed connection is told once, with its error, and leaves no timer', async (t) => {
  const { clock, stream, conn, notes } = timed(t);
  conn.deadline(100);
  stream.breaks('ECONNRESET', 104, 'read');
  await settle();
  assert.deepEqual(notes, ['a close ECONNRESET']);
  assert.equal(clock.armed, 0);
  conn.finish();
  conn.destroy();
  await settle();
  assert.equal(notes.length, 1);
  assert.equal(clock.armed, 0, 'nothing lingers on a connection that is gone');
});

test('destroy closes without an error and without what waits', async () => {
  const { stream, conn, notes } = make();
  stream.hold();
  conn.write(Buffer.from('x'));
  conn.destroy();
  await settle();
  assert.deepEqual(notes, ['a close']);
  assert.equal(stream.taken, '');
});

test('what a handler throws goes to onFault, whatever the event', async (t) => {
  const { clock, stream, conn } = timed(t);
  const faults: unknown[] = [];
  const fault = (): never => {
    throw new Error('ours');
  };
  conn.handler = { onData: fault, onDrain: fault, onEof: fault, onTimeout: fault, onClose: fault };
  conn.onFault = (error) => faults.push(error);
  stream.sends('x');
  await settle();
  conn.deadline(1);
  clock.tick(1);
  stream.emit('drain');
  stream.ends();
  await settle();
  stream.destroy();
  await settle();
  assert.equal(faults.length, 5);
});

test('a stream that takes the place of another comes paused, and is heard instead of it', async () => {
  const { stream, conn, notes } = make();
  const inner = new MemoryStream();
  conn.swap(inner);
  assert.equal(conn.stream, inner);
  inner.sends('early ');
  await settle();
  assert.deepEqual(notes, []);
  conn.resume();
  await settle();
  assert.deepEqual(notes.splice(0), ['a early ']);
  stream.sends('old');
  inner.sends('new');
  conn.write(Buffer.from('x'));
  await settle();
  assert.equal(inner.taken, 'x');
  assert.equal(stream.taken, '');
  stream.breaks('ECONNRESET', 104, 'read');
  await settle();
  assert.deepEqual(notes, ['a new']);
  inner.destroy();
  await settle();
  assert.deepEqual(notes, ['a new', 'a close']);
});

test('a TLS error is the error of the close that follows it', async () => {
  const { stream, notes } = make();
  stream.emit('_tlsError', new Error('bad record'));
  stream.destroy();
  await settle();
  assert.deepEqual(notes, ['a close bad record']);
});

test('the first error counts', async () => {
  const { stream, notes } = make();
  stream.emit('_tlsError', new Error('first'));
  stream.destroy(new Error('second'));
  await settle();
  assert.deepEqual(notes, ['a close first']);
});
