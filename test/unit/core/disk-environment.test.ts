// Files, directories and host names of this machine, as the configuration asks for them.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiskEnvironment } from '../../../src/core/disk-environment.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const folder = temporaryFolder({ after }, 'environment');

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const inFolder = (name: string): Buffer => Buffer.concat([latin1(`${folder}/`), latin1(name)]);

function environment(records: string[] = []): DiskEnvironment {
  return new DiskEnvironment({
    prefix: `${folder}/`,
    confPrefix: `${folder}/`,
    report: (level, text) => records.push(`${level} ${text}`),
  });
}

test('file names are bytes, not UTF-8', () => {
  writeFileSync(inFolder('na\xefve'), 'x');
  const env = environment();
  assert.deepEqual(env.readFile(`${folder}/na\xefve`), Buffer.from('x'));
  assert.deepEqual(env.listDirectory(folder), ['na\xefve']);
  rmSync(inFolder('na\xefve'));
});

test('names come in the order of their bytes', () => {
  mkdirSync(join(folder, 'order'));
  for (const name of ['b', 'B', '9', '10', '.a']) writeFileSync(join(folder, 'order', name), '');
  assert.deepEqual(environment().listDirectory(`${folder}/order`), ['.a', '10', '9', 'B', 'b']);
});

test('what cannot be read says why', () => {
  const env = environment();
  assert.deepEqual(env.readFile(`${folder}/nosuch`), { errno: 2, text: 'No such file or directory' });
  assert.deepEqual(env.readFile(folder), { errno: 21, text: 'Is a directory' });
  assert.deepEqual(env.listDirectory(`${folder}/nosuch`), { errno: 2, text: 'No such file or directory' });
  assert.deepEqual(env.readFile(`${folder}/a\0b`), { errno: 2, text: 'No such file or directory' });
});

test('a file is read once and remembered in order, with its bytes', () => {
  const file = `${folder}/twice`;
  writeFileSync(file, 'before');
  const env = environment();
  env.readFile(`${folder}/nosuch`);
  env.readFile(file);
  writeFileSync(file, 'after');
  assert.deepEqual(env.readFile(file), Buffer.from('before'));
  assert.deepEqual([...env.reads.keys()], [`${folder}/nosuch`, file]);
  assert.deepEqual(env.reads.get(file), Buffer.from('before'));
});

test('records are passed on', () => {
  const records: string[] = [];
  environment(records).report('warn', 'text');
  assert.deepEqual(records, ['warn text']);
});
