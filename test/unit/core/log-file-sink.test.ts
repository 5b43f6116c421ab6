import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs, { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, type TestContext, test } from 'node:test';
import { FileSink } from '../../../src/core/log-sinks/file-sink.ts';
import { event } from '../../support/in-time.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-sink-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (n: number, size = 2048): Buffer => Buffer.from(`${String(n).padStart(size - 1, '.')}\n`);

/** A named pipe and the descriptor of its reader, which does not wait. */
function pipe(): { path: string; reader: number } {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return { path, reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

/** Everything that is in the pipe now. */
function drain(reader: number): string {
  const chunk = Buffer.alloc(65_536);
  let text = '';
  for (;;) {
    try {
      const n = readSync(reader, chunk);
      if (n === 0) return text;
      text += chunk.toString('latin1', 0, n);
    } catch {
      return text;
    }
  }
}

test('a record goes out in one write', (t) => {
  const sink = new FileSink(join(folder, 'log'));
  assert.equal(sink.open(), undefined);
  const write = t.mock.method(fs, 'writeSync');
  for (let i = 0; i < 20; i++) sink.write(record(i));
  assert.equal(write.mock.callCount(), 20);
  sink.close();
  assert.equal(readFileSync(join(folder, 'log')).length, 20 * 2048);
});

test('after no space left the log is skipped until the second changes', () => {
  let second = 100;
  const path = join(folder, 'log');
  symlinkSync('/dev/full', path);
  const sink = new FileSink(path, () => second);
  assert.equal(sink.open(), undefined);
  for (let i = 0; i < 1000; i++) sink.write(record(i));
  rmSync(path);
  assert.equal(sink.reopen(), undefined);
  sink.write(record(1));
  assert.equal(readFileSync(path, 'latin1'), '');
  second++;
  sink.write(record(2));
  sink.write(record(3));
  sink.close();
  // What failed is lost: it is neither kept nor written later.
  assert.equal(readFileSync(path, 'latin1'), `${record(2)}${record(3)}`);
});

test('a full pipe loses records, whole ones, and does not stop the process', () => {
  let second = 100;
  const { path, reader } = pipe();
  const sink = new FileSink(path, () => second);
  assert.equal(sink.open(), undefined);
  for (let i = 0; i < 100; i++) sink.write(record(i));
  const text = drain(reader);
  const lines = text.split('\n');
  assert.equal(lines.pop(), '');
  assert.ok(lines.length >= 16 && lines.length < 100);
  for (const [i, line] of lines.entries()) assert.equal(`${line}\n`, record(i).toString());
  sink.write(record(101));
  assert.equal(drain(reader), '', 'skipped within the second');
  second++;
  sink.write(record(102));
  assert.equal(drain(reader), record(102).toString());
  sink.close();
  closeSync(reader);
});

test('a pipe whose reader left takes records again for the next reader', () => {
  const { path, reader } = pipe();
  const sink = new FileSink(path);
  assert.equal(sink.open(), undefined);
  closeSync(reader);
  for (let i = 0; i < 5; i++) sink.write(record(i));
  const next = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  sink.write(record(6));
  assert.equal(drain(next), record(6).toString());
  sink.close();
  closeSync(next);
});

/** Runs a module that writes `count` records to the standard error, with `stderr` as such, and waits for its end. */
async function writeToStderr(count: number, stderr: 'pipe' | number): Promise<string> {
  const module = new URL('../../../src/core/log-sinks/file-sink.js', import.meta.url);
  const code = `import { FileSink } from ${JSON.stringify(module.href)};
    const sink = new FileSink(2, () => 1);
    if (sink.open() !== undefined || sink.reopen() !== undefined) process.exit(3);
    for (let i = 0; i < ${count}; i++) sink.write(Buffer.from(String(i).padStart(2047, '.') + '\\n'));
    sink.close();
    sink.write(Buffer.from('lost'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', stderr] });
  let text = '';
  child.stderr?.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  const [status] = await event(child, 'close');
  assert.equal(status, 0);
  return text;
}

test('the standard error is written to', async () => {
  assert.equal(await writeToStderr(2, 'pipe'), `${record(0)}${record(1)}`);
});

test('a standard error that nobody reads does not stop the process', async () => {
  const { path, reader } = pipe();
  const writer = openSync(path, 'w');
  await writeToStderr(100, writer);
  closeSync(writer);
  assert.ok(drain(reader).startsWith(`${record(0)}${record(1)}`));
  closeSync(reader);
});

/** The disk takes so many bytes of the next write, and nothing more until the second call. */
function fillDisk(t: TestContext, room: number): () => void {
  const real = fs.writeSync;
  let left = room;
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
  const mock = t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer) => {
    if (left === 0) throw full;
    const taken = real(fd, bytes, 0, Math.min(left, bytes.length));
    left -= taken;
    return taken;
  });
  return () => mock.mock.restore();
}

test('what a full disk has cut does not run together with the next record, and what went wrong is told', (t) => {
  let second = 100;
  const path = join(folder, 'log');
  const sink = new FileSink(path, () => second);
  sink.open();
  assert.equal(sink.write(Buffer.from('first\n')), undefined);
  const free = fillDisk(t, 3);
  assert.deepEqual(sink.write(Buffer.from('second\n')), { errno: 28, written: 3, length: 7 });
  assert.deepEqual(sink.write(Buffer.from('third\n')), { errno: 28, written: 0, length: 6 }, 'in the same second');
  second++;
  assert.deepEqual(sink.write(Buffer.from('fourth\n')), { errno: 28, written: 0, length: 8 }, 'still full');
  second++;
  free();
  assert.equal(sink.write(Buffer.from('fifth\n')), undefined);
  assert.equal(sink.write(Buffer.from('sixth\n')), undefined);
  sink.close();
  assert.equal(readFileSync(path, 'latin1'), 'first\nsec\nfifth\nsixth\n');
});

test('it does not either where another process has cut it, or ended it since', (t) => {
  let second = 100;
  const path = join(folder, 'log');
  const sink = new FileSink(path, () => second);
  sink.open();
  const free = fillDisk(t, 0);
  sink.write(Buffer.from('lost\n'));
  second++;
  free();
  fs.appendFileSync(path, 'of anoth');
  sink.write(Buffer.from('one\n'));
  const again = fillDisk(t, 2);
  sink.write(Buffer.from('two\n'));
  second++;
  again();
  fs.appendFileSync(path, '\nof another\n');
  sink.write(Buffer.from('three\n'));
  sink.close();
  assert.equal(readFileSync(path, 'latin1'), 'of anoth\none\ntw\nof another\nthree\n');
});

test('a new file begins without an empty line', (t) => {
  let second = 100;
  const path = join(folder, 'log');
  const sink = new FileSink(path, () => second);
  sink.open();
  const free = fillDisk(t, 2);
  sink.write(Buffer.from('one\n'));
  free();
  second++;
  fs.renameSync(path, `${path}.1`);
  assert.equal(sink.reopen(), undefined);
  sink.write(Buffer.from('two\n'));
  sink.close();
  assert.deepEqual([readFileSync(`${path}.1`, 'latin1'), readFileSync(path, 'latin1')], ['on', 'two\n']);
});

test('a pipe that took a part of a long record gets a line end first', () => {
  let second = 100;
  const { path, reader } = pipe();
  const sink = new FileSink(path, () => second);
  sink.open();
  const fault = sink.write(record(1, 100_000));
  assert.deepEqual([fault?.errno, fault?.length], [11, 100_000]);
  assert.ok(fault !== undefined && fault.written > 0 && fault.written < 100_000);
  drain(reader);
  second++;
  sink.write(record(2));
  assert.equal(drain(reader), `\n${record(2)}`);
  sink.close();
  closeSync(reader);
});
