// Error log records as JSON: one object a line, whatever is in it, and never longer than a record may be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFormat } from '../../../src/core/json-record.ts';
import { Level, Log, type LogContext } from '../../../src/core/log.ts';

const format = new JsonFormat();

const context = (told: Partial<LogContext>): LogContext => ({ connection: 7, logSuffix: () => ' while x', ...told });

function parsed(record: Buffer): Record<string, unknown> {
  const text = record.toString();
  assert.match(text, /^[^\n]+\n$/);
  return JSON.parse(text);
}

test('a record of the process has time, level, number and text', () => {
  const { time, ...rest } = parsed(format.format(Level.notice, 'exit'));
  assert.deepEqual(rest, { level: 'notice', pid: process.pid, message: 'exit' });
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('every level has its name', () => {
  for (const [name, level] of Object.entries(Level)) assert.equal(parsed(format.format(level, 'x')).level, name);
});

test('a record with a context has its fields and tags, and none that are missing', () => {
  const fields = { client: '10.0.0.1', login: 'zo\xc3\xab', upstream: undefined, odd: '\xff"\n' };
  const told = context({ logFields: () => fields, logTags: () => ['mail', '\xc3\xab'] });
  const { time, pid, level, ...rest } = parsed(format.format(Level.info, 'a\r\nb', told));
  assert.deepEqual(rest, {
    connection: 7,
    client: '10.0.0.1',
    login: 'zo\u00eb',
    odd: '\xff"\n',
    tags: ['mail', '\u00eb'],
    message: 'a\r\nb',
  });
});

test('a context without fields has the rest in the text', () => {
  assert.equal(parsed(format.format(Level.info, 'a', context({}))).message, 'a while x');
});

test('what is too long is cut, and says so', () => {
  const long = 'x'.repeat(5000);
  for (const [text, login, tag] of [
    [long, 'u', 't'],
    ['a', long, 't'],
    ['a', 'u', long],
    ['\x01'.repeat(1000), '"'.repeat(2000), long],
  ] as const) {
    const told = context({ logFields: () => ({ login }), logTags: () => [tag] });
    const record = format.format(Level.info, text, told);
    assert.ok(record.length <= 2048);
    assert.equal(parsed(record).truncated, true);
  }
  assert.equal(parsed(format.format(Level.info, 'short')).truncated, undefined);
});

test('any bytes make a line of JSON', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 }).map((data) => Buffer.from(data).toString('latin1'));
  fc.assert(
    fc.property(bytes, bytes, (text, login) => {
      const record = format.format(Level.error, text, context({ logFields: () => ({ login }), logTags: () => [text] }));
      assert.ok(record.length <= 2048);
      parsed(record);
    }),
  );
});

test('a log has a form and a filter of its own beside others', () => {
  const got: Record<string, string[]> = { text: [], json: [], tagged: [] };
  const sink = (name: string) => ({ write: (record: Buffer) => void got[name]?.push(record.toString()) });
  const log = new Log([
    { sink: sink('text'), level: Level.error },
    { sink: sink('json'), level: Level.info, format },
    { sink: sink('tagged'), level: Level.debug, tags: new Set(['a', 'b']) },
  ]);
  const told = context({ logTags: () => ['b'] });
  log.write(Level.info, 'process');
  log.write(Level.info, 'untagged', context({}));
  log.write(Level.error, 'tagged', told);
  log.verbose().write(Level.debug, 'verbose', told);
  const shown = (name: string): (string | undefined)[] =>
    (got[name] ?? []).map((text) => /process|\w*tagged|verbose/.exec(text)?.[0]);
  assert.deepEqual(shown('text'), ['tagged', 'verbose']);
  assert.deepEqual(shown('json'), ['process', 'untagged', 'tagged', 'verbose']);
  assert.deepEqual(shown('tagged'), ['tagged', 'verbose']);
  assert.match(got.tagged?.[0] ?? '', /^\d{4}\/.* tagged while x\n$/);
  assert.equal(new Set(got.json?.map((text) => text[0])).size, 1);
});
