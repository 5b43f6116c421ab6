// What is watched for a file: every link on its way, and what is missing.
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WatchSet } from '../../../../src/process/watch/watch-set.ts';
import { temporaryFolder } from '../../../support/tmp.ts';

function folderOf(t: TestContext): string {
  return realpathSync(temporaryFolder(t, 'watch'));
}

const setOf = (...files: string[]): WatchSet => new WatchSet(files, []);

test('a plain file is watched in its folder, and nothing else there', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'a.conf');
  writeFileSync(file, '');
  const set = setOf(file);
  assert.deepEqual([...set.directories], [folder]);
  assert.ok(set.covers(file));
  assert.ok(set.covers(folder));
  assert.ok(!set.covers(join(folder, 'b.conf')));
});

test('a link is watched, and so is what it leads to, link by link', (t) => {
  const folder = folderOf(t);
  for (const name of ['live', 'archive', 'real']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'real/a1.pem'), '');
  symlinkSync('../real/a1.pem', join(folder, 'archive/a.pem'));
  symlinkSync(join(folder, 'archive/a.pem'), join(folder, 'live/a.pem'));
  const set = setOf(join(folder, 'live/a.pem'));
  assert.deepEqual(
    [...set.directories].sort(),
    ['archive', 'live', 'real'].map((name) => join(folder, name)),
  );
  for (const name of ['live/a.pem', 'archive/a.pem', 'real/a1.pem']) assert.ok(set.covers(join(folder, name)), name);
});

test('a link in the middle of a path is watched', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'v1'));
  writeFileSync(join(folder, 'v1/a'), '');
  symlinkSync('v1', join(folder, 'current'));
  const set = setOf(join(folder, 'current/a'));
  assert.deepEqual([...set.directories].sort(), [folder, join(folder, 'v1')]);
  assert.ok(set.covers(join(folder, 'current')));
  assert.ok(set.covers(join(folder, 'v1/a')));
});

test('what is missing is waited for where it would be', (t) => {
  const folder = folderOf(t);
  symlinkSync('gone/a', join(folder, 'link'));
  const set = setOf(join(folder, 'x/y/z'), join(folder, 'link'));
  assert.deepEqual([...set.directories], [folder]);
  assert.ok(set.covers(join(folder, 'x')));
  assert.ok(set.covers(join(folder, 'gone')));
});

test('links that go in circles end', (t) => {
  const folder = folderOf(t);
  symlinkSync('b', join(folder, 'a'));
  symlinkSync('a', join(folder, 'b'));
  assert.deepEqual([...setOf(join(folder, 'a')).directories], [folder]);
});

test('in a folder that was listed the names count that were looked for', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'conf.d'));
  const wants = (name: string): boolean => name.endsWith('.conf');
  const set = new WatchSet([], [[join(folder, 'conf.d/'), { wants }]]);
  assert.ok(set.directories.has(join(folder, 'real')));
  assert.ok(set.covers(join(folder, 'real/new.conf')));
  assert.ok(!set.covers(join(folder, 'real/new.conf~')));
});

test('a file or a folder in the place of another makes another set', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'conf'));
  const file = join(folder, 'conf/a');
  writeFileSync(file, '');
  const before = setOf(file).identity;
  writeFileSync(file, 'more');
  assert.equal(setOf(file).identity, before);
  writeFileSync(`${file}.new`, '');
  renameSync(`${file}.new`, file);
  assert.notEqual(setOf(file).identity, before);
});
