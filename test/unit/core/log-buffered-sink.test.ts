// Lines gathered before they are written: when they are, whole, packed or not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LogFiles } from '../../../src/core/log-files.ts';
import { put } from '../../support/log-line.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const whole = (text: string): string => `${text}\n`;
const PLAIN = { size: 8, flushMs: undefined, gzipLevel: undefined };

test('a buffer is written when the next line does not fit, a longer line at once', (t) => {
  const path = join(temporaryFolder(t, 'buffer'), 'a.log');
  const files = new LogFiles();
  const sink = files.buffered(path, PLAIN);
  files.openAll();
  const text = (): string => readFileSync(path, 'latin1');
  put(sink, whole('123'));
  put(sink, whole('456'));
  assert.equal(text(), '');
  put(sink, whole('7'));
  assert.equal(text(), '123\n456\n');
  put(sink, whole('much too long'));
  assert.equal(text(), '123\n456\n7\nmuch too long\n');
  put(sink, whole('\xff'));
  files.closeAll();
  assert.equal(text(), '123\n456\n7\nmuch too long\n\xff\n');
});

test('a buffer grows with what it holds, up to its size', (t) => {
  const path = join(temporaryFolder(t, 'buffer'), 'a.log');
  const files = new LogFiles();
  const sink = files.buffered(path, { ...PLAIN, size: 2 ** 40 });
  files.openAll();
  const lines = Array.from({ length: 300 }, (_, i) => whole(`${i} ${'x'.repeat(i * 7)}`));
  for (const one of lines) assert.equal(put(sink, one), undefined);
  assert.equal(readFileSync(path, 'latin1'), '');
  files.closeAll();
  assert.equal(readFileSync(path, 'latin1'), lines.join(''));
});

test('who names a file again shares its buffer', () => {
  const files = new LogFiles();
  const sink = files.buffered('/a', PLAIN);
  assert.equal(files.buffered('/a', { ...PLAIN, size: 9 }), sink);
  assert.notEqual(files.buffered('/b', PLAIN), sink);
  assert.deepEqual(files.paths, ['/a', '/b']);
});

test('a line does not wait longer than it may', async (t) => {
  const path = join(temporaryFolder(t, 'buffer'), 'a.log');
  const files = new LogFiles();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sink = files.buffered(path, { ...PLAIN, flushMs: 1000 });
  files.openAll();
  put(sink, whole('1'));
  t.mock.timers.tick(999);
  put(sink, whole('2'));
  assert.equal(readFileSync(path, 'latin1'), '');
  t.mock.timers.tick(1);
  assert.equal(readFileSync(path, 'latin1'), '1\n2\n');
  put(sink, whole('3'));
  t.mock.timers.tick(1000);
  assert.equal(readFileSync(path, 'latin1'), '1\n2\n3\n');
  files.closeAll();
});

test('packed lines are members that follow each other', (t) => {
  const path = join(temporaryFolder(t, 'buffer'), 'a.gz');
  const files = new LogFiles();
  const sink = files.buffered(path, { ...PLAIN, gzipLevel: 1 });
  files.openAll();
  for (const text of ['123', '456', '789', 'abc', 'def']) put(sink, whole(text));
  assert.equal(gunzipSync(readFileSync(path)).toString(), '123\n456\n789\nabc\n');
  files.closeAll();
  assert.equal(gunzipSync(readFileSync(path)).toString(), '123\n456\n789\nabc\ndef\n');
});
