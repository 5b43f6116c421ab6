// Frames that carry nothing: a thousand in ten seconds, and then anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmptyFrames } from '../../../../src/net/websocket/empty-frames.ts';

test('a thousand in ten seconds', (t) => {
  let now = 50_000;
  t.mock.method(Date, 'now', () => now);
  const frames = new EmptyFrames();
  for (let i = 0; i < 1000; i++) assert.ok(frames.admits(), `${i}`);
  assert.equal(frames.admits(), false);
  now += 10_000;
  assert.equal(frames.admits(), false);
  now += 1;
  for (let i = 0; i < 1000; i++) assert.ok(frames.admits(), `${i}`);
  assert.equal(frames.admits(), false);
});
