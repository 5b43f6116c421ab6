// Files of large bodies: their names, what is written and read, and that they are closed when nobody uses them.
import assert from 'node:assert/strict';
import { existsSync, fstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BodyFile } from '../../../src/http/request/body-file.ts';
import { type OpenFault, TemporaryFolder } from '../../../src/http/request/temporary-folder.ts';
import { closed, turnsUntil } from '../../support/in-time.ts';
import { temporaryFolder } from '../../support/tmp.ts';

/** Numbers from the given one on. */
function folder(t: TestContext, first: number, levels: readonly number[] = []) {
  const path = temporaryFolder(t);
  let number = first;
  return { path, folder: new TemporaryFolder({ path, levels }, () => number++) };
}

const create = (from: TemporaryFolder) => new Promise<BodyFile | OpenFault>((done) => BodyFile.create(from, done));

async function created(from: TemporaryFolder): Promise<BodyFile> {
  const file = await create(from);
  assert.ok(file instanceof BodyFile);
  return file;
}

const append = (file: BodyFile, ...chunks: string[]): Promise<void> =>
  new Promise((done, fail) =>
    file.append(
      chunks.map((chunk) => Buffer.from(chunk)),
      (error) => (error === undefined ? done() : fail(error)),
    ),
  );

async function read(file: BodyFile): Promise<string> {
  let text = '';
  for await (const chunk of file.open()) text += chunk;
  return text;
}

/** The descriptors of this process that are files without a name. */
const hidden = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      const stats = fstatSync(Number(fd));
      return stats.isFile() && stats.nlink === 0;
    } catch {
      return false;
    }
  }).length;

test('a number that is taken is passed over, and the name is gone at once', async (t) => {
  const { path, folder: from } = folder(t, 7);
  writeFileSync(join(path, '0000000007'), 'somebody else');
  const file = await created(from);
  t.after(() => file.release());
  assert.equal(file.path, join(path, '0000000008'));
  assert.deepEqual(readdirSync(path), ['0000000007']);
});

test('the last digits are the first folder, those before them the next', async (t) => {
  const { path, folder: from } = folder(t, 1_234_567_890, [1, 2, 3]);
  const file = await created(from);
  t.after(() => file.release());
  assert.equal(file.path, join(path, '0', '89', '567', '1234567890'));
});

test('a folder that cannot be made, and one that is none', async (t) => {
  const { path, folder: from } = folder(t, 12, [1, 1]);
  mkdirSync(join(path, '2'));
  writeFileSync(join(path, '2', '1'), '');
  const file = await create(from);
  assert.ok(!(file instanceof BodyFile));
  assert.deepEqual([file.call, file.path, file.errno], ['open', join(path, '2', '1', '0000000012'), 20]);
  const missing = await create(new TemporaryFolder({ path: join(path, 'no'), levels: [] }, () => 1));
  assert.ok(!(missing instanceof BodyFile) && missing.errno === 2);
});

test('what was appended is read from the beginning, as often as it is asked for', async (t) => {
  const file = await created(folder(t, 1).folder);
  t.after(() => file.release());
  assert.equal(await read(file), '');
  await append(file, 'ab', '', 'cde');
  await append(file, 'f'.repeat(200_000));
  assert.equal(file.length, 200_005);
  assert.deepEqual(await Promise.all([read(file), read(file)]), Array(2).fill(`abcde${'f'.repeat(200_000)}`));
});

test('a file is closed when its request has ended and the last reader is gone', {
  skip: !existsSync('/proc/self/fd'),
}, async (t) => {
  const file = await created(folder(t, 1).folder);
  await append(file, 'x'.repeat(100_000));
  const before = hidden();
  const [whole, broken] = [read(file), file.open()];
  broken.resume();
  file.release();
  assert.equal(hidden(), before, 'it is being read');
  broken.destroy();
  await closed(broken);
  assert.equal((await whole).length, 100_000);
  await turnsUntil(() => hidden() === before - 1);
  file.release();
});
