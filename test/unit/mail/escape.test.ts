// Percent escapes of the auth request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeControl, escapeValue } from '../../../src/mail/escape.ts';
import { isSecretMemory } from '../../support/secret-memory.ts';
import { bytes } from './doubles.ts';

/** What an auth service does with a value. */
function decoded(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const value = (text: string): string => escapeValue(bytes(text)).toString('latin1');
const control = (text: string): string => escapeControl(bytes(text)).toString('latin1');

test('control bytes, space and percent are escaped in credentials, and nothing else', () => {
  assert.equal(value('a b%c\r\n\0\x1f'), 'a%20b%25c%0D%0A%00%1F');
  assert.equal(value('\x7f\x80\xff"+\\:@'), '\x7f\x80\xff"+\\:@');
  assert.equal(value(''), '');
});

test('control bytes are escaped in envelopes, but for the tab, and nothing else', () => {
  assert.equal(control('a\tb'), 'a\tb');
  assert.equal(control('MAIL FROM:<a b>\r\n\0%41\x7f\xff'), 'MAIL FROM:<a b>%0D%0A%00%41%7F\xff');
});

test('a value without anything to escape is not copied', () => {
  const plain = bytes('secret');
  assert.equal(escapeValue(plain), plain);
  assert.equal(escapeControl(plain), plain);
});

test('an escaped value has memory of its own', () => {
  assert.ok(isSecretMemory(escapeValue(bytes('a b'))));
});

test('every value comes back, and can end neither a line nor a word', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      const text = Buffer.from(data).toString('latin1');
      const escaped = value(text);
      assert.equal(decoded(escaped), text);
      assert.ok(escapeValue(Buffer.from(data)).every((byte) => byte > 0x20));
      assert.doesNotMatch(escaped, /%(?![0-9A-F]{2})/);
      assert.ok(escapeControl(Buffer.from(data)).every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 9));
    }),
  );
});
