import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineReader, TooLong } from '../../../src/demo/line-reader.ts';

const reader = (...chunks: string[]): LineReader =>
  new LineReader(Readable.from(chunks.map((c) => Buffer.from(c, 'latin1'))));

test('lines end in LF or CRLF, and a broken last line is none', async () => {
  const input = reader('one\r\ntw', 'o\n\r', '\nthree');
  assert.equal(await input.line(10), 'one');
  assert.equal(await input.line(10), 'two');
  assert.equal(await input.line(10), '');
  assert.equal(await input.line(10), undefined);
  assert.equal(await input.line(10), undefined);
});

test('counted bytes are taken between lines', async () => {
  const input = reader('{5}\r\na\r\nb\xff after\r\nxy');
  assert.equal(await input.line(10), '{5}');
  assert.equal((await input.bytes(5))?.toString('latin1'), 'a\r\nb\xff');
  assert.equal(await input.line(10), ' after');
  assert.equal(await input.bytes(3), undefined);
});

test('a line of the greatest length passes, a longer one does not', async () => {
  assert.equal(await reader('12345\r\n').line(5), '12345');
  await assert.rejects(reader('1234567\n').line(5), TooLong);
  await assert.rejects(reader('12345', '678').line(5), TooLong);
});

test('a broken connection is an end', async () => {
  const stream = new PassThrough();
  const input = new LineReader(stream);
  stream.write('start');
  const line = input.line(100);
  stream.destroy(new Error('ECONNRESET'));
  assert.equal(await line, undefined);
});

test('any split of the input gives the same lines', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', '\r', ' ', '\xff'), maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 10 }), fc.array(fc.nat(200)), async (lines, cuts) => {
      const text = lines.map((l) => `${l}\r\n`).join('');
      const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
      const chunks = at.slice(1).map((end, i) => text.slice(at[i], end));
      const input = reader(...chunks.filter((chunk) => chunk !== ''));
      for (const expected of lines) assert.equal(await input.line(100), expected);
      assert.equal(await input.line(100), undefined);
    }),
    { numRuns: 100 },
  );
});
