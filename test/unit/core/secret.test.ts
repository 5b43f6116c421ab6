import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { secretBuffer, secretCopy } from '../../../src/core/secret.ts';

test('no two secrets share a byte, and each begins with zeros', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }), (lengths) => {
      const secrets = lengths.map((length, i) => {
        const secret = secretBuffer(length);
        assert.equal(secret.length, length);
        assert.ok(secret.every((byte) => byte === 0));
        return secret.fill(i + 1);
      });
      for (const [i, secret] of secrets.entries()) assert.ok(secret.every((byte) => byte === i + 1));
    }),
  );
});

test('a secret lies in no memory that others write to', () => {
  const pool = Buffer.from('anything').buffer;
  for (const length of [1, 64, 65, 512, 513, 5000]) {
    const secret = secretCopy(Buffer.alloc(length, 7));
    assert.notEqual(secret.buffer, pool);
    assert.equal(secret.buffer.byteLength, length > 512 ? length : 4096);
    assert.deepEqual(secret, Buffer.alloc(length, 7));
  }
});
