// The pid file.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Level } from '../../../src/core/log.ts';
import { checkPidFile, PidFile, probePidFile, readPidFile } from '../../../src/process/pid-file.ts';
import { temporaryFolder } from '../../support/tmp.ts';

test('the file holds the number of the process and a line feed, and takes the place of an old one', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  writeFileSync(path, 'a longer text than any number');
  const file = new PidFile(path);
  assert.equal(file.write(), undefined);
  assert.equal(readFileSync(path, 'latin1'), `${process.pid}\n`);
  assert.deepEqual(readPidFile(path), { pid: process.pid });
  assert.equal(file.remove(), undefined);
  assert.equal(existsSync(path), false);
});

test('nobody but its owner may write it, whatever the umask', (t) => {
  const folder = temporaryFolder(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  new PidFile(join(folder, 'a')).write();
  probePidFile(join(folder, 'b'));
  for (const name of ['a', 'b']) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o644, name);
});

test('a test of the configuration makes the file, and leaves it as it is where it is there', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  assert.equal(probePidFile(path), undefined);
  assert.equal(readFileSync(path, 'latin1'), '');
  writeFileSync(path, '123\n');
  assert.equal(probePidFile(path), undefined);
  assert.equal(readFileSync(path, 'latin1'), '123\n');
});

test('it moves with the configuration; where that is not possible, it stays', (t) => {
  const folder = temporaryFolder(t);
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const file = new PidFile(a);
  assert.equal(file.move(b), undefined);
  assert.equal(existsSync(b), false, 'nothing to move yet');
  file.write();
  assert.deepEqual(readPidFile(b), { pid: process.pid });
  assert.equal(file.move(b), undefined);
  assert.equal(file.move(join(folder, 'no', 'c')), `open() "${folder}/no/c" failed (2: No such file or directory)`);
  assert.equal(file.path, b);
  assert.equal(file.move(a), undefined);
  assert.deepEqual([existsSync(a), existsSync(b)], [true, false]);
});

test('what is not there any more, or is a successor, is not removed; what never was is not missed', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const file = new PidFile(path);
  assert.equal(file.remove(), undefined);
  file.write();
  writeFileSync(path, '1\n');
  assert.equal(file.remove(), undefined);
  assert.deepEqual(readPidFile(path), { pid: 1 });
  unlinkSync(path);
  assert.equal(file.remove(), `unlink() "${path}" failed (2: No such file or directory)`);
});

test('whether it can be written is found out without writing it', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'pid');
  assert.equal(checkPidFile(path), undefined);
  assert.equal(existsSync(path), false);
  writeFileSync(path, '1\n');
  assert.equal(checkPidFile(path), undefined);
  assert.equal(
    checkPidFile(join(folder, 'no', 'pid')),
    `open() "${folder}/no/pid" failed (2: No such file or directory)`,
  );
});

test('what the system refuses is said in the words of nginx', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'no', 'pid');
  const missing = (call: string): string => `${call} "${path}" failed (2: No such file or directory)`;
  assert.equal(new PidFile(path).write(), missing('open()'));
  assert.equal(probePidFile(path), missing('open()'));
  assert.deepEqual(readPidFile(path), { level: Level.error, fault: missing('open()') });
  mkdirSync(join(folder, 'dir'));
  assert.equal(new PidFile(join(folder, 'dir')).write(), `open() "${join(folder, 'dir')}" failed (21: Is a directory)`);
  assert.deepEqual(readPidFile(folder), {
    level: Level.crit,
    fault: `pread() "${folder}" failed (21: Is a directory)`,
  });
});

test('a name of bytes that are no UTF-8', (t) => {
  const path = `${join(temporaryFolder(t), 'p')}\xff`;
  const file = new PidFile(path);
  assert.equal(file.write(), undefined);
  assert.deepEqual(readPidFile(path), { pid: process.pid });
  assert.equal(existsSync(Buffer.from(path, 'latin1')), true);
  assert.equal(file.remove(), undefined);
});

const TEXTS: readonly (readonly [string, number | string])[] = [
  ['123\n', 123],
  ['123', 123],
  ['123\r\n\n', 123],
  ['000123\n', 123],
  ['', ''],
  ['\n', ''],
  ['abc\n', 'abc'],
  ['12 3\n', '12 3'],
  [' 123\n', ' 123'],
  ['-1\n', '-1'],
  ['0\n', '0'],
  ['1.5\n', '1.5'],
  ['12345678901\n', '12345678901'],
  ['x'.repeat(5000), 'x'.repeat(22)],
  ['12 \x003\n', '12 \x003'],
];

for (const [text, expected] of TEXTS) {
  test(`a pid file with ${JSON.stringify(text)}`, (t) => {
    const path = join(temporaryFolder(t), 'pid');
    writeFileSync(path, text);
    const invalid = `invalid PID number "${expected}" in "${path}"`;
    const fault = { level: Level.error, fault: invalid };
    assert.deepEqual(readPidFile(path), typeof expected === 'number' ? { pid: expected } : fault);
  });
}
