// A file as the body of an answer: its parts, its end, and its descriptor.
import assert from 'node:assert/strict';
import { fstatSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { FileBody } from '../../../src/http/answer/file-body.ts';
import { closed } from '../../support/in-time.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const SIZE = 200_000;

function open(t: TestContext): {
  readonly body: FileBody;
  readonly fd: number;
  readonly path: string;
  readonly data: Buffer;
} {
  const path = join(temporaryFolder(t), 'file');
  const data = Buffer.from(Array.from({ length: SIZE }, (_, i) => i % 253));
  writeFileSync(path, data);
  const fd = openSync(path, 'r');
  return { body: new FileBody(fd, SIZE), fd, path, data };
}

const isOpen = (fd: number): boolean => {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
};

test('the whole file, and then it is closed', async (t) => {
  const { body, fd, data } = open(t);
  const stream = body.open();
  assert.deepEqual(await buffer(stream), data);
  await closed(stream);
  assert.equal(isOpen(fd), false);
});

test('parts with text between them', async (t) => {
  const { body, data } = open(t);
  const [head, tail] = [Buffer.from('head'), Buffer.from('tail')];
  body.parts = [head, { from: 10, to: 150_000 }, { from: 7, to: 7 }, { from: 5, to: 6 }, tail];
  assert.deepEqual(
    await buffer(body.open()),
    Buffer.concat([head, data.subarray(10, 150_000), data.subarray(5, 6), tail]),
  );
});

test('a file that has become shorter is an error', async (t) => {
  const { body, path, fd } = open(t);
  truncateSync(path, 100);
  const stream = body.open();
  await assert.rejects(buffer(stream), /truncated/);
  await closed(stream);
  assert.equal(isOpen(fd), false);
});

test('a body that is not sent closes its file; so does one that is given up', async (t) => {
  const { body, fd } = open(t);
  body.destroy();
  assert.throws(() => body.open());
  const other = open(t);
  const stream = other.body.open();
  stream.read(0);
  stream.destroy();
  await closed(stream);
  assert.equal(isOpen(other.fd), false);
  for (let turns = 0; isOpen(fd) && turns < 10_000; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOpen(fd), false);
});
