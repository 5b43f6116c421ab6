// Values in lines of mail's access logs: whatever bytes they are, a line of JSON is JSON, and every line is one.
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import { MAIL_ESCAPES } from '../../../src/mail/log/escapes.ts';
import { lineOf } from '../../support/log-line.ts';

const VALUES = [
  'plain',
  '"quoted\\',
  '\0\x01\x1b[2J\r\n\t\x7f',
  '\xff\xfe',
  '\xc3\xa9', // é
  '\xc3', // its half
  '\xed\xa0\x80', // a surrogate
  '\xf0\x9f\x92\xa9',
  '\xe2\x80\xa8', // U+2028
  '\xc0\x80', // an overlong NUL
  `${'\xc3\xa9'.repeat(2000)}\xc3`,
  String.fromCharCode(...Array(256).keys()),
];

/** As lines of logs have it. */
function amended(name: string, value: string): string {
  const line = lineOf(`"${value}`);
  MAIL_ESCAPES.get(name)?.amend(line, 1);
  return line.since(1);
}

test('escape=json: every value is one of JSON and of UTF-8, and means its text, or its bytes', () => {
  for (const value of VALUES) {
    const bytes = Buffer.from(value, 'latin1');
    const line: Buffer = Buffer.from(`{"user":"${amended('json', value)}"}`, 'latin1');
    assert.ok(isUtf8(line), value);
    assert.deepEqual(JSON.parse(line.toString()), { user: isUtf8(bytes) ? bytes.toString() : value });
  }
});

test('escape=default and none: a line has no control byte, and with default no byte that is not ASCII', () => {
  for (const value of VALUES) {
    assert.match(amended('default', value), /^[ -~]+$/);
    assert.match(amended('none', value), /^[ -~\x80-\xff]+$/);
  }
});
