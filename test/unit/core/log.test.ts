// Records to the byte: head, limits, escapes, and which target takes what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Level, Log, type LogContext, MAX_RECORD, printable, RecordFormat } from '../../../src/core/log.ts';

const HEAD = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\] (\d+)#0: /;

const context = (connection: number, suffix: string): LogContext => ({ connection, logSuffix: () => suffix });
const records = new RecordFormat();
const record = (level: Level, text: string, cx?: LogContext): string =>
  records.format(level, text, cx).toString('latin1');
const body = (text: string, cx?: LogContext): string => record(Level.info, text, cx).replace(HEAD, '');

test('a record has time, level and process, and ends in a line feed', () => {
  for (const [name, level] of Object.entries(Level)) {
    const [head = '', word, pid] = HEAD.exec(record(level, 'text')) ?? [];
    assert.deepEqual([word, pid], [name, String(process.pid)]);
    assert.equal(record(level, 'text').slice(head.length), 'text\n');
  }
});

test('the time is local, to the second', (t) => {
  let now = new Date(2026, 0, 2, 3, 4, 5, 678);
  t.mock.method(Date, 'now', () => now.getTime());
  assert.match(record(Level.info, ''), /^2026\/01\/02 03:04:05 /);
  now = new Date(2026, 10, 12, 13, 14, 15);
  assert.match(record(Level.info, ''), /^2026\/11\/12 13:14:15 /);
});

test('a session adds its number and its suffix; number 0 is none', () => {
  assert.equal(body('text', context(7, ' while x, client: y')), '*7 text while x, client: y\n');
  assert.equal(body('text', context(0, ', z')), 'text, z\n');
});

test('what a session logs is escaped, suffix and all; what the process logs is raw', () => {
  const cx = context(1, ', login: "\n\x7f"');
  assert.equal(body('a\r\0\x1b\\"\x80\xff', cx), '*1 a\\x0D\\x00\\x1B\\"\x80\xff, login: "\\x0A\\x7F"\n');
  assert.equal(body('a\tb'), 'a\tb\n');
});

test('every control byte is escaped in two upper-case hex digits, and no other byte', () => {
  for (let byte = 0; byte < 256; byte++) {
    const c = String.fromCharCode(byte);
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    assert.equal(printable(c), byte < 0x20 || byte === 0x7f ? `\\x${hex}` : c);
  }
});

test('a record is cut to 2048 bytes, its line feed included', () => {
  const head = record(Level.info, '').length - 1;
  const room = MAX_RECORD - 1 - head;
  for (const length of [room - 1, room, room + 1, 5000]) {
    const text = record(Level.info, 'x'.repeat(length));
    assert.equal(text.length, Math.min(length, room) + head + 1, `${length} bytes`);
    assert.ok(text.endsWith('x\n'));
  }
});

test('the limit holds after escaping, and the suffix is what is cut', () => {
  const cx = context(1, ', client: 192.0.2.1');
  const escaped = records.format(Level.info, '\0'.repeat(1000), cx);
  assert.equal(escaped.length, 2048);
  assert.equal(escaped.at(-1), 10);
  assert.doesNotMatch(escaped.toString('latin1'), /client/);
});

test('whatever a peer sent, a record is one line of at most 2048 bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 300 }), (text, suffix) => {
      const cx = context(1, Buffer.from(suffix).toString('latin1'));
      const data = records.format(Level.error, Buffer.from(text).toString('latin1'), cx);
      assert.ok(data.length <= MAX_RECORD);
      assert.equal(data.indexOf(10), data.length - 1);
      assert.ok(data.subarray(0, -1).every((byte) => byte >= 0x20 && byte !== 0x7f));
    }),
  );
});

/** A log at these levels, and what each of its targets got. */
function logAt(...levels: readonly Level[]): { log: Log; got: string[][] } {
  const got: string[][] = levels.map(() => []);
  const targets = levels.map((level, i) => ({
    level,
    sink: {
      write: (data: Buffer, of: Level): void => {
        got[i]?.push(`${of} ${data.toString('latin1').replace(HEAD, '').trimEnd()}`);
      },
    },
  }));
  return { log: new Log(targets), got };
}

test('a target takes its own level and what is more severe', () => {
  const { log, got } = logAt(Level.error, Level.info);
  log.write(Level.crit, 'a');
  log.write(Level.error, 'b');
  log.write(Level.warn, 'c');
  log.write(Level.info, 'd');
  log.write(Level.debug, 'e');
  assert.deepEqual(got, [
    ['3 a', '4 b'],
    ['3 a', '4 b', '5 c', '7 d'],
  ]);
});

test('the level of a log is that of its most talkative target', () => {
  assert.equal(logAt(Level.error, Level.info, Level.warn).log.level, Level.info);
  assert.equal(new Log([]).level, 0);
});

test('a suffix is asked for only when there is a record', () => {
  const { log } = logAt(Level.error);
  let asked = 0;
  const cx: LogContext = {
    connection: 1,
    logSuffix: () => {
      asked++;
      return '';
    },
  };
  log.write(Level.info, 'a', cx);
  assert.equal(asked, 0);
  log.write(Level.error, 'a', cx);
  assert.equal(asked, 1);
});

test('a verbose log has the same targets, and they take everything', () => {
  const { log, got } = logAt(Level.error, Level.info);
  log.verbose().write(Level.debug, 'a');
  log.write(Level.debug, 'b');
  assert.deepEqual(got, [['8 a'], ['8 a']]);
});
