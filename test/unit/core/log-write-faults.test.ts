// Lines that cannot be written: packed ones that a full disk cut, files that are opened for each line, and what is said.
import assert from 'node:assert/strict';
import fs, { appendFileSync, readFileSync, renameSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Level } from '../../../src/core/log.ts';
import { LogBook } from '../../../src/core/log-book.ts';
import { LogFiles } from '../../../src/core/log-files.ts';
import { BufferedSink } from '../../../src/core/log-sinks/buffered-sink.ts';
import { FileSink } from '../../../src/core/log-sinks/file-sink.ts';
import { LineFile } from '../../../src/core/log-sinks/line-file.ts';
import { FaultTeller } from '../../../src/core/log-sinks/write-fault.ts';
import { put } from '../../support/log-line.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const FULL = { errno: 28, written: 0, length: 4 };

/** The disk takes so many bytes more. */
function fillDisk(
  t: TestContext,
  room: number,
  [code, errno]: readonly [string, number] = ['ENOSPC', -28],
): () => void {
  const real = fs.writeSync;
  let left = room;
  const full = Object.assign(new Error(code), { code, errno, syscall: 'write' });
  const mock = t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer, from = 0) => {
    if (left === 0) throw full;
    const taken = real(fd, bytes, from, Math.min(left, bytes.length - from));
    left -= taken;
    return taken;
  });
  const sync = (): void => syncBuiltinESMExports();
  sync();
  t.after(sync);
  return () => {
    mock.mock.restore();
    sync();
  };
}

const line = (text: string): string => `${text}\n`;
const bytes = (text: string): Buffer => Buffer.from(line(text), 'latin1');

test('a packed member that was cut is finished before the next one', (t) => {
  let second = 100;
  const path = join(temporaryFolder(t, 'packed'), 'log.gz');
  const file = new FileSink(path, () => second);
  file.open();
  const sink = new BufferedSink(file, { size: 4, flushMs: undefined, gzipLevel: 1 });
  const faults: unknown[] = [];
  sink.onFault = (fault) => faults.push(fault);
  put(sink, line('one'));
  const free = fillDisk(t, 12);
  sink.flush();
  assert.equal(faults.length, 1);
  assert.equal(put(sink, line('lost, since the disk is full'))?.written, 0);
  second++;
  put(sink, line('two'));
  sink.flush();
  assert.equal(faults.length, 2, 'still full, and what is left is kept');
  second++;
  free();
  put(sink, line('3'));
  sink.flush();
  put(sink, line('4'));
  sink.flush();
  file.close();
  assert.equal(gunzipSync(readFileSync(path)).toString(), 'one\n3\n4\n');
});

test('what is left of a member does not go to the next file', (t) => {
  const path = join(temporaryFolder(t, 'packed'), 'log.gz');
  const files = new LogFiles();
  const sink = files.buffered(path, { size: 100, flushMs: undefined, gzipLevel: 1 });
  assert.equal(files.openAll(), undefined);
  put(sink, line('one'));
  const free = fillDisk(t, 5, ['EIO', -5]);
  sink.flush();
  free();
  renameSync(path, `${path}.1`);
  assert.deepEqual(files.reopenAll(), []);
  put(sink, line('two'));
  files.closeAll();
  assert.equal(gunzipSync(readFileSync(path)).toString(), 'two\n');
});

test('a file that is opened for each line begins a line of its own', (t) => {
  let second = 100;
  const path = join(temporaryFolder(t, 'lines'), 'log');
  const file = new LineFile(() => second);
  assert.equal(file.append(path, bytes('one')), undefined);
  const free = fillDisk(t, 2);
  assert.deepEqual(file.append(path, bytes('two')), { errno: 28, written: 2, length: 4 });
  free();
  assert.equal(file.append(path, bytes('in the same second')), undefined);
  second++;
  assert.equal(file.append(path, bytes('three')), undefined);
  appendFileSync(path, 'of another');
  assert.equal(file.append(path, bytes('four')), undefined, 'nothing went wrong before: nothing is looked for');
  assert.equal(readFileSync(path, 'latin1'), 'one\ntw\nthree\nof anotherfour\n');
  assert.deepEqual(file.append('/nowhere/log', bytes('five')), { errno: 2 });
});

test('a fault is told once in a minute', () => {
  let now = 1;
  const teller = new FaultTeller(() => now);
  assert.equal(teller.tell('/log', undefined), undefined);
  const text = 'write() to "/log" failed (28: No space left on device)';
  assert.deepEqual(teller.tell('/log', FULL), { level: Level.alert, text });
  now += 59_999;
  assert.equal(teller.tell('/log', FULL), undefined);
  now += 1;
  const incomplete = { level: Level.alert, text: 'write() to "/log" was incomplete: 3 of 4' };
  assert.deepEqual(teller.tell('/log', { ...FULL, written: 3 }), incomplete);
});

test('all who write lines to a file are told of it once, and a buffer tells by itself', (t) => {
  const files = new LogFiles();
  const troubles: string[] = [];
  const book = new LogBook(
    files,
    () => assert.fail(),
    (_level, text) => troubles.push(text),
  );
  const plain = { kind: 'file', path: '/dev/full' } as const;
  const [one, two] = [book.openLines(plain), book.openLines(plain)];
  const path = join(temporaryFolder(t, 'lines'), 'log');
  const buffered = book.openLines({
    kind: 'file',
    path,
    buffer: { size: 100, flushMs: undefined, gzipLevel: undefined },
  });
  assert.equal(files.openAll(), undefined);
  const faults = [put(one, line('a')), put(two, line('b')), put(one, line('c'))];
  assert.deepEqual(
    faults.map((fault) => fault?.text),
    ['write() to "/dev/full" failed (28: No space left on device)', undefined, undefined],
  );
  assert.equal(put(buffered, line('gathered')), undefined);
  const free = fillDisk(t, 0);
  files.closeAll();
  free();
  assert.deepEqual(troubles, [`write() to "${path}" failed (28: No space left on device)`]);
});
