// xtext, as a backend decodes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { xtext } from '../../../../src/mail/smtp/xtext.ts';
import { bytes } from '../doubles.ts';

const decoded = (text: string): string =>
  text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

test('plus, equals, space, control bytes and bytes from 0x7F are escaped, and nothing else', () => {
  assert.equal(xtext(bytes('joe+x=y z@example.org')), 'joe+2Bx+3Dy+20z@example.org');
  assert.equal(xtext(bytes('\0\r\n\x1f\x7f\x80\xff')), '+00+0D+0A+1F+7F+80+FF');
  assert.equal(xtext(bytes('!"#$%&\'()*,-./09:;<>?@AZ[\\]^_`az{|}~')), '!"#$%&\'()*,-./09:;<>?@AZ[\\]^_`az{|}~');
});

test('every value comes back, and is one word', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
      const text = Buffer.from(data).toString('latin1');
      const escaped = xtext(Buffer.from(data));
      assert.equal(decoded(escaped), text);
      assert.match(escaped, /^[!-~]*$/);
      assert.doesNotMatch(escaped, /=|\+(?![0-9A-F]{2})/);
    }),
  );
});
