// How bytes stand in an access log, those that no request line has included.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ESCAPES, type Escape } from '../../../src/script/log/escape.ts';
import { lineOf } from '../../support/log-line.ts';

/** As lines of logs have it. */
function amended(way: Escape, value: string): string {
  const line = lineOf(`"${value}`);
  way.amend(line, 1);
  return line.since(1);
}

const escapedBy = (name: string, value: string | undefined): string => {
  const escape_ = ESCAPES.get(name);
  assert.ok(escape_ !== undefined);
  const shown = escape_.shown(value);
  if (value !== undefined) assert.equal(amended(escape_, value), shown);
  return shown;
};

test('a missing value is a dash by default, and nothing otherwise', () => {
  assert.equal(escapedBy('default', undefined), '-');
  assert.equal(escapedBy('json', undefined), '');
  assert.equal(escapedBy('none', undefined), '');
  for (const name of ESCAPES.keys()) assert.equal(escapedBy(name, ''), '');
});

const bytes = fc.uint8Array({ maxLength: 64 }).map((data) => Buffer.from(data).toString('latin1'));

test('by default a value is printable ASCII without quotes, and can be read back', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const shown = escapedBy('default', value);
      assert.match(shown, /^[ !#-~]*$/);
      const back = shown.replace(/\\x([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      assert.equal(back, value);
    }),
  );
});

test('in JSON a value is what it was', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const read: unknown = JSON.parse(`"${escapedBy('json', value)}"`);
      assert.equal(read, value);
    }),
  );
  assert.equal(escapedBy('json', '\n\r\t\b\f\x00\x1f\x7f"\\/'), '\\n\\r\\t\\b\\f\\u0000\\u001F\x7f\\"\\\\/');
});
