import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  challengeText,
  decodeCramMd5,
  decodeExternal,
  decodeLogin,
  decodePlain,
  type SaslPair,
  type SaslValue,
  saslMechanism,
} from '../../../../src/mail/sasl/mechanisms.ts';
import { isSecretMemory } from '../../../support/secret-memory.ts';

const base64 = (text: string): Buffer => Buffer.from(Buffer.from(text, 'latin1').toString('base64'));

function told(result: SaslPair | SaslValue): string | readonly string[] {
  if (result.kind === 'pair') return [result.user.toString('latin1'), result.pass.toString('latin1')];
  return result.kind === 'value' ? [result.value.toString('latin1')] : result.reason;
}

const plain = (text: string): string | readonly string[] => told(decodePlain(base64(text)));
const cram = (text: string): string | readonly string[] => told(decodeCramMd5(base64(text)));

const DIGEST = '0123456789abcdef0123456789ABCDEF';
const BAD_HASH = 'client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command';
const BAD_LOGIN = 'client sent invalid login in AUTH PLAIN command';
const BAD_PASSWORD = 'client sent invalid password in AUTH PLAIN command';

test('mechanism names are taken in any case, and no others are', () => {
  const name = (text: string): string | undefined => saslMechanism(Buffer.from(text, 'latin1'));
  assert.deepEqual(['PLAIN', 'login', 'Cram-Md5', 'EXTERNAL'].map(name), ['plain', 'login', 'cram-md5', 'external']);
  assert.deepEqual(['XOAUTH2', 'OAuthBearer'].map(name), ['xoauth2', 'oauthbearer']);
  for (const other of ['', 'PLAI', 'PLAINX', 'APOP', 'NTLM', 'CRAM_MD5', 'PLAIN\0', 'x'.repeat(4000)]) {
    assert.equal(name(other), undefined);
  }
});

test('PLAIN gives user and password', () => assert.deepEqual(plain('\0joe\0secret'), ['joe', 'secret']));

test('PLAIN drops the authorization identity', () => assert.deepEqual(plain('admin\0joe\0x'), ['joe', 'x']));

test('PLAIN takes an empty user, an empty password, and NULs in a password', () => {
  assert.deepEqual(plain('\0\0b'), ['', 'b']);
  assert.deepEqual(plain('\0a\0'), ['a', '']);
  assert.deepEqual(plain('\0\0'), ['', '']);
  assert.deepEqual(plain('\0a\0b\0c'), ['a', 'b\0c']);
});

test('PLAIN without a login is refused', () => {
  for (const text of ['', 'a', 'abc', '\0', 'abc\0']) assert.equal(plain(text), BAD_LOGIN);
});

test('PLAIN without a password is refused', () => {
  for (const text of ['\0a', 'x\0joe']) assert.equal(plain(text), BAD_PASSWORD);
});

test('an equals sign as initial response is an empty message', () => {
  const equals = Buffer.from('=');
  assert.equal(told(decodePlain(equals)), BAD_LOGIN);
  assert.deepEqual(told(decodeLogin(equals)), ['']);
  assert.deepEqual(told(decodeExternal(equals)), ['']);
});

test('LOGIN and EXTERNAL values may hold any byte', () => {
  assert.deepEqual(told(decodeLogin(base64('a\0 \r\n\xff'))), ['a\0 \r\n\xff']);
  assert.deepEqual(told(decodeExternal(base64('joe doe'))), ['joe doe']);
});

test('CRAM-MD5 gives user and digest, whatever the digest is', () => {
  assert.deepEqual(cram(`joe ${DIGEST}`), ['joe', DIGEST]);
  assert.deepEqual(cram(` ${DIGEST}`), ['', DIGEST]);
  assert.deepEqual(cram(`joe ${' '.repeat(32)}`), ['joe', ' '.repeat(32)]);
});

test('CRAM-MD5 with a digest of another length is refused, and the login is known', () => {
  for (const text of ['joe ', `joe ${DIGEST}0`, `joe ${DIGEST.slice(1)}`]) {
    const result = decodeCramMd5(base64(text));
    assert.equal(told(result), BAD_HASH);
    assert.ok(result.kind === 'invalid');
    assert.equal(result.login?.toString(), 'joe');
  }
});

test('CRAM-MD5 without a space is refused', () => {
  for (const text of ['', 'joe', DIGEST]) {
    const result = decodeCramMd5(base64(text));
    assert.equal(told(result), BAD_HASH);
    assert.ok(result.kind === 'invalid');
    assert.equal(result.login, undefined);
  }
});

test('a cancelled exchange is base64 that cannot be read', () => {
  const star = Buffer.from('*');
  const reason = (mechanism: string): string => `client sent invalid base64 encoding in AUTH ${mechanism} command`;
  assert.equal(told(decodePlain(star)), reason('PLAIN'));
  assert.equal(told(decodeLogin(star)), reason('LOGIN'));
  assert.equal(told(decodeCramMd5(star)), reason('CRAM-MD5'));
  assert.equal(told(decodeExternal(star)), reason('EXTERNAL'));
});

test('decoded credentials share no memory with the input or the Buffer pool', () => {
  const arg = base64('\0joe\0secret');
  const result = decodePlain(arg);
  assert.ok(result.kind === 'pair');
  arg.fill(0);
  assert.deepEqual(told(result), ['joe', 'secret']);
  assert.ok(isSecretMemory(result.pass));
  result.pass.fill(0);
  assert.equal(result.user.toString(), 'joe');
});

test('no message makes the decoders throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, encode) => {
      const arg = encode ? base64(Buffer.from(bytes).toString('latin1')) : Buffer.from(bytes);
      for (const decode of [decodePlain, decodeLogin, decodeCramMd5, decodeExternal]) decode(arg);
    }),
  );
});

test('a challenge is unpredictable, dated and names the server', () => {
  const text = challengeText('mx.example.org', 1_700_000_000_999).toString('latin1');
  assert.match(text, /^<\d{1,15}\.1700000000@mx\.example\.org>$/);
  assert.notEqual(challengeText('a', 0).toString(), challengeText('a', 0).toString());
  assert.equal(challengeText('\xe9', 0).at(-2), 0xe9);
});
