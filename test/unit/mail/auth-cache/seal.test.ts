// A password in the cache: only the key of its login opens it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { seal, unseal } from '../../../../src/mail/auth-cache/seal.ts';

test('what was sealed is opened with the same key', () => {
  const key = randomBytes(32);
  for (const secret of ['', 's', 'a password with \0 and \xff']) {
    const bytes = Buffer.from(secret, 'latin1');
    assert.deepEqual(unseal(key, seal(key, bytes)), bytes);
  }
});

test('another key, or a byte that is not the same, opens nothing', () => {
  const key = randomBytes(32);
  const sealed = seal(key, Buffer.from('secret'));
  assert.equal(unseal(randomBytes(32), sealed), undefined);
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.equal(unseal(key, changed), undefined);
  }
  assert.equal(unseal(key, sealed.subarray(0, 20)), undefined);
});

test('nothing of the password is to be seen, and no two are alike', () => {
  const key = randomBytes(32);
  const [one, two] = [seal(key, Buffer.from('secret')), seal(key, Buffer.from('secret'))];
  assert.ok(!one.includes('secret'));
  assert.notDeepEqual(one, two);
});
