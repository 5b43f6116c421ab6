import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../../../src/mail/sasl/base64.ts';
import { isSecretMemory } from '../../../support/secret-memory.ts';

const decode = (text: string): string | undefined => decodeBase64(Buffer.from(text, 'latin1'))?.toString('latin1');

test('base64 decodes with and without padding', () => {
  assert.equal(decode('AGEAYg=='), '\0a\0b');
  assert.equal(decode('AGEAYg='), '\0a\0b');
  assert.equal(decode('AGEAYg'), '\0a\0b');
  assert.equal(decode('/+8='), '\xff\xef');
  assert.equal(decode(''), '');
});

test('base64 ends at the first equals sign and ignores what follows', () => {
  assert.equal(decode('='), '');
  assert.equal(decode('====='), '');
  assert.equal(decode('YQ==!!! \0'), 'a');
  assert.equal(decode('YWI=YWI='), 'ab');
});

test('base64 refuses other bytes before the end', () => {
  for (const bad of ['*', '!', 'AGE!', 'AG A', '"AGEAYg=="', 'AGE-', 'AGE_', 'AGE\xe9', 'AGE\0', 'AGEA\r']) {
    assert.equal(decode(bad), undefined, JSON.stringify(bad));
  }
});

test('base64 refuses a length that is no whole number of bytes', () => {
  for (const bad of ['A', 'AGEAY', 'A=', 'AGEAY=', 'A===']) assert.equal(decode(bad), undefined, bad);
});

test('base64 ignores the bits behind the last byte', () => assert.equal(decode('YR'), 'a'));

test('base64 round trips any bytes, in memory of its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, padded) => {
      const data = Buffer.from(bytes);
      const text = encodeBase64(data).toString('latin1');
      assert.equal(text, data.toString('base64'));
      const decoded = decodeBase64(Buffer.from(padded ? text : text.replace(/=+$/, '')));
      assert.ok(decoded);
      assert.deepEqual(decoded, data);
      assert.ok(isSecretMemory(decoded));
    }),
  );
});

test('base64 agrees with the alphabet for any text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const head = Buffer.from(bytes).toString('latin1').split('=')[0] ?? '';
      const valid = /^[A-Za-z0-9+/]*$/.test(head) && head.length % 4 !== 1;
      assert.equal(decodeBase64(Buffer.from(bytes)) !== undefined, valid);
    }),
  );
});
