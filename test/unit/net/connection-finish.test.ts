// How a connection ends in order: what waits is sent, the peer gets its time, and nothing stays armed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FinishEnd } from '../../../src/net/connection.ts';
import type { FakeClock } from './fake-clock.ts';
import { type MemoryStream, settle } from './memory-stream.ts';
import { make, timed } from './scribe.ts';

test('finish sends what waits, then the end, and tells the handler nothing more', async (t) => {
  const { clock, stream, conn, notes } = timed(t);
  conn.pause();
  stream.hold();
  conn.write(Buffer.from('bye'));
  conn.deadline(1);
  conn.finish();
  clock.tick(2);
  stream.sends('more'); // taken and thrown away
  stream.release();
  await settle();
  assert.equal(stream.taken, 'bye');
  assert.equal(stream.finished, true);
  assert.equal(stream.destroyed, false, 'the peer has not closed');
  stream.ends();
  await settle();
  assert.equal(stream.destroyed, true);
  assert.deepEqual(notes, []);
  assert.equal(clock.armed, 0);
});

test('finish waits for the peer no longer than it is told', async (t) => {
  const { clock, stream, conn, notes } = timed(t);
  stream.hold();
  conn.write(Buffer.from('bye'));
  conn.finish(50);
  clock.tick(49);
  assert.equal(stream.destroyed, false);
  clock.tick(1);
  await settle();
  assert.equal(stream.destroyed, true);
  assert.deepEqual(notes, []);
  assert.equal(clock.armed, 0);
});

test('finish tells when the last byte has gone, and waits for that as long as it is told', async (t) => {
  const { clock, stream, conn } = timed(t);
  const how: string[] = [];
  stream.hold();
  conn.write(Buffer.from('bye'));
  conn.finish(60_000, (end) => how.push(end));
  clock.tick(59_999);
  assert.equal(stream.destroyed, false);
  stream.release();
  await settle();
  assert.equal(stream.taken, 'bye');
  assert.deepEqual(how, ['sent']);
  clock.tick(4999);
  assert.equal(stream.destroyed, false, 'the peer may close as well');
  clock.tick(1);
  assert.equal(stream.destroyed, true, 'but it does not get a minute for that');
  assert.deepEqual(how, ['sent']);
});

const LOST: readonly (readonly [string, FinishEnd, (stream: MemoryStream, clock: FakeClock) => void])[] = [
  ['the time is over', 'timeout', (_, clock) => clock.tick(50)],
  ['the peer resets', 'closed', (stream) => stream.breaks('ECONNRESET', 104, 'read')],
];

for (const [what, expected, lose] of LOST) {
  test(`finish tells when bytes were lost: ${what}`, async (t) => {
    const { clock, stream, conn } = timed(t);
    const how: FinishEnd[] = [];
    stream.hold();
    conn.write(Buffer.from('bye'));
    conn.finish(50, (end) => how.push(end));
    lose(stream, clock);
    await settle();
    assert.deepEqual(how, [expected]);
    assert.equal(clock.armed, 0);
    conn.finish(50, (end) => how.push(end));
    assert.deepEqual(how, [expected, 'closed'], 'on a connection that is gone');
  });
}

test('finishing twice is finishing', async () => {
  const { stream, conn, notes } = make();
  conn.finish();
  conn.finish();
  stream.ends();
  await settle();
  assert.equal(stream.destroyed, true);
  assert.deepEqual(notes, []);
});
