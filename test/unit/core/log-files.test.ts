import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFiles } from '../../../src/core/log-files.ts';

const record = (text: string): Buffer => Buffer.from(`${text}\n`, 'latin1');

function inTemporaryFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'postern-logs-'));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a file named twice shares one sink', () => {
  const files = new LogFiles();
  assert.equal(files.file('/a'), files.file('/a'));
  assert.notEqual(files.file('/a'), files.file('/b'));
  assert.equal(files.usesStderr, false);
  assert.equal(files.stderr(), files.stderr());
  assert.equal(files.usesStderr, true);
});

test('files are opened in append mode with mode 0644', () => {
  inTemporaryFolder((folder) => {
    const files = new LogFiles();
    const path = join(folder, 'error.log');
    writeFileSync(join(folder, 'old.log'), 'old\n');
    const sink = files.file(path);
    const old = files.file(join(folder, 'old.log'));
    sink.write(record('lost: nothing is open yet'));
    assert.equal(files.openAll(), undefined);
    assert.equal(files.openAll(), undefined);
    sink.write(record('one'));
    sink.write(record('two\xff'));
    old.write(record('new'));
    files.closeAll();
    sink.write(record('lost: closed'));
    assert.equal(readFileSync(path, 'latin1'), 'one\ntwo\xff\n');
    assert.equal(readFileSync(join(folder, 'old.log'), 'latin1'), 'old\nnew\n');
    assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask());
  });
});

test('the first file that cannot be opened is named with its errno', () => {
  inTemporaryFolder((folder) => {
    const files = new LogFiles();
    files.file(join(folder, 'good.log'));
    files.file(join(folder, 'missing', 'error.log'));
    files.file(folder);
    assert.deepEqual(files.openAll(), { path: join(folder, 'missing', 'error.log'), errno: 2 });
    files.closeAll();
    const other = new LogFiles();
    other.file(folder);
    assert.deepEqual(other.openAll(), { path: folder, errno: 21 });
    const third = new LogFiles();
    third.file(`${folder}/nul\0byte`);
    assert.deepEqual(third.openAll(), { path: `${folder}/nul\0byte`, errno: 22 });
  });
});

test('after a rotation reopening writes to the new file', () => {
  inTemporaryFolder((folder) => {
    const files = new LogFiles();
    const path = join(folder, 'error.log');
    const sink = files.file(path);
    files.openAll();
    sink.write(record('before'));
    renameSync(path, `${path}.1`);
    sink.write(record('between'));
    assert.deepEqual(files.reopenAll(), []);
    sink.write(record('after'));
    files.closeAll();
    assert.equal(readFileSync(`${path}.1`, 'latin1'), 'before\nbetween\n');
    assert.equal(readFileSync(path, 'latin1'), 'after\n');
  });
});

test('a file that cannot be reopened keeps its old descriptor, the others are reopened', () => {
  inTemporaryFolder((folder) => {
    const files = new LogFiles();
    mkdirSync(join(folder, 'a'));
    const lost = files.file(join(folder, 'a', 'error.log'));
    const kept = files.file(join(folder, 'b.log'));
    files.openAll();
    renameSync(join(folder, 'a'), join(folder, 'moved'));
    renameSync(join(folder, 'b.log'), join(folder, 'b.log.1'));
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(files.reopenAll(), [{ path: join(folder, 'a', 'error.log'), errno: 2 }]);
    }
    lost.write(record('still here'));
    kept.write(record('new'));
    files.closeAll();
    assert.equal(readFileSync(join(folder, 'moved', 'error.log'), 'latin1'), 'still here\n');
    assert.equal(readFileSync(join(folder, 'b.log'), 'latin1'), 'new\n');
  });
});

test('a path is bytes: names of digits and names that are not UTF-8', () => {
  inTemporaryFolder((folder) => {
    const files = new LogFiles();
    for (const name of ['1', 'caf\xe9']) files.file(`${folder}/${name}`);
    assert.equal(files.openAll(), undefined);
    files.file(`${folder}/caf\xe9`).write(record('bytes'));
    files.file(`${folder}/1`).write(record('digit'));
    files.closeAll();
    assert.equal(readFileSync(Buffer.from(`${folder}/caf\xe9`, 'latin1'), 'latin1'), 'bytes\n');
    assert.equal(readFileSync(`${folder}/1`, 'latin1'), 'digit\n');
  });
});
