// A password against what stands in the file of users.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue } from '../../../../src/http/auth-basic/hash-queue.ts';
import { type Verdict, verify } from '../../../../src/http/auth-basic/verify.ts';
import { latin1 } from '../../../support/bytes.ts';

const ask = (password: string, stored: string): Promise<Verdict> =>
  verify(latin1(password), latin1(stored), new HashQueue(), () => true);

test('passwords that match, and others', async () => {
  for (const [password, stored] of [
    ['secret', '{PLAIN}secret'],
    ['', '{PLAIN}'],
    ['l\xe9', '{PLAIN}l\xe9'],
    ['password', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['secret', '{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0'],
    ['', '{SSHA}spXRFxNal2PaKC59rnOlyn0+WxFzYWx0'],
    ['nosalt', '{SSHA}sDhj8Sx2c/UfYmZl+PeAdCoFIRQ='],
    ['secret', 'abNANd1rDfiNc'],
    ['secret', '$1$saltsalt$9xy1btjgzLYfb7hivXtC//'],
    ['secret', '$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0'],
    ['', '$5$$3c2QQ0KjIU1OLtB29cl8Fplc2WN7X89bnoEjaR7tWu.'],
    ['secret', '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'],
  ] as const) {
    assert.equal(await ask(password, stored), 'match', stored);
    assert.equal(await ask(`${password}x`, stored), 'mismatch', stored);
    if (stored.startsWith('{')) continue;
    assert.equal(await ask(password, stored.slice(0, -1)), 'mismatch', stored);
    assert.equal(await ask(password, `${stored}x`), 'mismatch', stored);
  }
});

test('hashes that are cut, or are none', async () => {
  for (const stored of ['{SHA}', '{SSHA}', '{SSHA}AAAA', '{SSHA}!!!!', '$apr1$', '$1$', '$5$', '$6$salt', 'ab']) {
    assert.equal(await ask('', stored), 'mismatch', stored);
    assert.equal(await ask('secret', stored), 'mismatch', stored);
  }
  for (const stored of [
    '',
    'x',
    '*',
    '!',
    '*0',
    '{sha}x',
    '{MD5}x',
    '{PLAIN',
    '$9$x',
    '$y$j9T$salt$hash',
    '$2y$',
    '$',
  ]) {
    assert.equal(await ask('', stored), 'unknown', stored);
    assert.equal(await ask(stored, stored), 'unknown', stored);
  }
});

test('a password that is too long for crypt(3) fits no hash of its', async () => {
  const long = 'a'.repeat(512);
  assert.equal(await ask(long, 'abNANd1rDfiNc'), 'mismatch');
  assert.equal(await ask('a'.repeat(60_000), '$6$salt$x'), 'mismatch');
  assert.equal(await ask(long, `{PLAIN}${long}`), 'match');
});

test('nobody waits any more', async () => {
  const queue = new HashQueue();
  assert.equal(await verify(latin1('x'), latin1('$6$salt$x'), queue, () => false), 'unwanted');
});
