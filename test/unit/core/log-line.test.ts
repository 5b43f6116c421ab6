// A line of a log while it is made: what is added is what strings of it would be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogLine } from '../../../src/core/log-line.ts';
import { seconds } from '../../../src/script/time-text.ts';

const made = (add: (line: LogLine) => void): string => {
  const line = new LogLine();
  add(line);
  return line.since(0);
};

const bytes = fc.uint8Array({ maxLength: 300 });

test('text and bytes follow each other, short or long', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 20 }), (parts) => {
      const texts = parts.map((part) => Buffer.from(part).toString('latin1'));
      const line = new LogLine();
      for (const [i, part] of parts.entries()) {
        line.text(texts[i] ?? '');
        line.bytes(part);
      }
      const whole = texts.map((text) => text + text).join('');
      assert.equal(line.since(0), whole);
      assert.equal(line.length, whole.length);
      assert.equal(line.toBuffer().toString('latin1'), whole);
    }),
  );
});

test('numbers are as String has them', () => {
  const known = [0, 9, 10, 99, 100, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e21, -1, 0.5, Number.NaN];
  for (const value of known)
    assert.equal(
      made((line) => line.number(value)),
      String(value),
    );
  fc.assert(fc.property(fc.maxSafeNat(), (value) => made((line) => line.number(value)) === String(value)));
});

test('hexadecimal has its zeros', () => {
  assert.equal(
    made((line) => line.hex(0xabc, 4)),
    '0abc',
  );
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      (value) => made((line) => line.hex(value, 16)) === value.toString(16).padStart(16, '0'),
    ),
  );
});

test('seconds are as variables have them', () => {
  for (const ms of [0, 1, 999, 1000, 1001, 61_234, 0.5, -5]) {
    assert.equal(
      made((line) => line.seconds(ms)),
      seconds(ms),
    );
  }
  fc.assert(fc.property(fc.nat(), (ms) => made((line) => line.seconds(ms)) === seconds(ms)));
});

test('what was added can be looked at and taken back', () => {
  const line = new LogLine();
  line.text('quoted "');
  const from = line.length;
  line.text('value');
  const quote = new Uint8Array(256);
  quote[0x22] = 1;
  assert.ok(line.has(quote, 0));
  assert.ok(!line.has(quote, from));
  assert.equal(line.since(from), 'value');
  line.cut(from);
  line.cut(from + 3);
  line.text('"');
  assert.equal(line.since(0), 'quoted ""');
});

test('it begins anew, whatever it was', () => {
  const line = new LogLine();
  line.text('x'.repeat(100_000));
  line.clear();
  assert.equal(line.length, 0);
  assert.equal(line.since(0), '');
  line.text('short');
  assert.equal(line.since(0), 'short');
});

test('lines that are complete wait before the one at hand, and leave it alone when they go', () => {
  const line = new LogLine(8, 64);
  line.text('one');
  line.keep();
  line.text('half of it');
  line.begin();
  line.text('two');
  assert.deepEqual([line.waiting, line.length, line.since(1)], [3, 3, 'wo']);
  line.cut(2);
  line.keep();
  line.text('x'.repeat(100));
  assert.deepEqual([line.kept.toString(), line.waiting, line.length], ['onetw', 5, 100]);
  const x = new Uint8Array(256);
  x[0x78] = 1;
  assert.ok(line.has(x, 99));
  assert.ok(!line.has(x, 100));
  line.forgetKept();
  assert.deepEqual([line.waiting, line.toBuffer().toString()], [0, 'x'.repeat(100)]);
  line.keep();
  line.forgetKept();
  assert.deepEqual([line.waiting, line.length, line.since(0)], [0, 0, '']);
  line.text('again');
  assert.equal(line.since(0), 'again');
});

test('what a long line took is given back when the lines before the one at hand go', () => {
  const line = new LogLine(8, 64);
  line.text('y'.repeat(60));
  line.keep();
  line.text('x'.repeat(30));
  line.keep();
  line.text('short');
  const room = (): number => line.kept.buffer.byteLength;
  assert.ok(room() > 64);
  line.forgetKept();
  assert.ok(room() <= 64);
  assert.equal(line.since(0), 'short');
  line.keep();
  line.text('next');
  assert.deepEqual([line.kept.toString(), line.since(0)], ['short', 'next']);
});
