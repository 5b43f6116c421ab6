// Frames that carry nothing: a thousand in ten seconds, and then anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmptyFrames } from '../../../../src/net/websocket/empty-frames.ts';

test('a thousand in ten seconds', () => {
  let now = 50_000;
  const frames = new EmptyFrames(() => now);
  for (let i = 0; i < 1000; i++) assert.ok(frames.admits(), `${i}`);
  assert.equal(frames.admits(), false);
  now += 10_000;
  assert.equal(frames.admits(), false);
  now += 1;
  for (let i = 0; i < 1000; i++) assert.ok(frames.admits(), `${i}`);
  assert.equal(frames.admits(), false);
});

test('where the clock of the day is set back, it is ten seconds all the same', (t) => {
  const frames = new EmptyFrames();
  assert.ok(frames.admits());
  const later = performance.now() + 10_001;
  t.mock.method(Date, 'now', () => 0);
  t.mock.method(performance, 'now', () => later);
  for (let i = 0; i < 1000; i++) assert.ok(frames.admits(), `${i}`);
});
