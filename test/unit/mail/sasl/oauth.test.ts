// The responses of XOAUTH2 and OAUTHBEARER: what is taken, and what stays of what is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SaslPair } from '../../../../src/mail/sasl/mechanisms.ts';
import { decodeOauthBearer, decodeXoauth2, isAcknowledgement } from '../../../../src/mail/sasl/oauth.ts';
import { base64, latin1 } from '../../../support/bytes.ts';
import { isSecretMemory } from '../../../support/secret-memory.ts';

function told(pair: SaslPair): string | readonly string[] {
  return pair.kind === 'pair' ? [pair.user.toString('latin1'), pair.pass.toString('latin1')] : pair.reason;
}
const xoauth2 = (text: string): string | readonly string[] => told(decodeXoauth2(latin1(base64(text))));
const bearer = (text: string): string | readonly string[] => told(decodeOauthBearer(latin1(base64(text))));

const refused = (what: string, mechanism: string): string => `client sent invalid ${what} in AUTH ${mechanism} command`;

test('XOAUTH2 gives user and token', () => {
  assert.deepEqual(xoauth2('user=joe@example.com\x01auth=Bearer t.o-k_e/n=\x01\x01'), [
    'joe@example.com',
    't.o-k_e/n=',
  ]);
  assert.deepEqual(xoauth2('user=joe\x01AUTH=bEARER token\x01\x01'), ['joe', 'token']);
  assert.deepEqual(xoauth2('user=a=,b\x01auth=Bearer \x01\x01'), ['a=,b', '']);
});

test('XOAUTH2 without a login is refused', () => {
  for (const text of ['', 'user=', 'user=\x01auth=Bearer t\x01\x01', 'USER=joe\x01auth=Bearer t\x01\x01', 'user=joe']) {
    assert.equal(xoauth2(text), refused('login', 'XOAUTH2'), text);
  }
});

test('XOAUTH2 ends in two separators, and has nothing but the token', () => {
  for (const rest of [
    '',
    '\x01',
    'auth=Bearer t',
    'auth=Bearer t\x01',
    'auth=Bearer t\x01x',
    'auth=Bearer t\x01\x01x',
    'auth=Bearer t\x01\x01\x01',
    'auth=Bearer t\x01x=y\x01\x01',
    'auth=Basic t\x01\x01',
    'auth=Bearer\x01\x01',
    'auth=\x02earer t\x01\x01',
  ]) {
    assert.equal(xoauth2(`user=joe\x01${rest}`), refused('token', 'XOAUTH2'), rest);
  }
});

test('OAUTHBEARER gives user and token, whatever pairs are around it', () => {
  assert.deepEqual(bearer('n,a=joe@example.com,\x01auth=Bearer token\x01\x01'), ['joe@example.com', 'token']);
  assert.deepEqual(bearer('n,a=joe,\x01host=mail.example\x01port=143\x01auth=Bearer token\x01x=y\x01\x01'), [
    'joe',
    'token',
  ]);
  assert.deepEqual(bearer('y,a=joe,\x01AUTH=BEARER token\x01\x01'), ['joe', 'token']);
  assert.deepEqual(bearer('n,a=joe,\x01auth=Bearer token\x01'), ['joe', 'token'], 'the last separator may be missing');
});

test('OAUTHBEARER: commas and equals signs of a user are escaped, and nothing else is', () => {
  assert.deepEqual(bearer('n,a=j=3Do=2C=3D2C,\x01auth=Bearer t\x01\x01'), ['j=o,=2C', 't']);
  for (const name of ['j=', 'j=3', 'j=3d', 'j=2c', 'j=41', 'j==3D', 'j=2D']) {
    assert.equal(bearer(`n,a=${name},\x01auth=Bearer t\x01\x01`), refused('login', 'OAUTHBEARER'), name);
  }
});

test('OAUTHBEARER without a login is refused, and so is channel binding', () => {
  const token = '\x01auth=Bearer t\x01\x01';
  for (const head of [
    '',
    'n,,',
    'n,a=,',
    'a=joe,',
    'n,joe,',
    'n,a=joe',
    'p=tls-unique,a=joe,',
    'N,a=joe,',
    'x,a=joe,',
  ]) {
    assert.equal(bearer(head + token), refused('login', 'OAUTHBEARER'), head);
  }
  assert.equal(bearer(''), refused('login', 'OAUTHBEARER'));
});

test('OAUTHBEARER without a whole token is refused', () => {
  for (const rest of [
    '',
    '\x01',
    '\x01\x01',
    'auth=Bearer t\x01\x01',
    '\x01auth=Bearer t',
    '\x01auth=Basic t\x01\x01',
    '\x01auth=\x01\x01',
    '\x01\x01auth=Bearer t\x01\x01',
  ]) {
    assert.equal(bearer(`n,a=joe,${rest}`), refused('token', 'OAUTHBEARER'), rest);
  }
});

test('what is no base64 is refused as such', () => {
  assert.equal(told(decodeXoauth2(latin1('*'))), 'client sent invalid base64 encoding in AUTH XOAUTH2 command');
  assert.equal(told(decodeOauthBearer(latin1('*'))), 'client sent invalid base64 encoding in AUTH OAUTHBEARER command');
});

test('the token can be overwritten: it lies in memory of its own, and in one place', () => {
  const result = decodeXoauth2(latin1(base64('user=joe\x01auth=Bearer token\x01\x01')));
  assert.ok(result.kind === 'pair');
  assert.ok(isSecretMemory(result.pass));
  const { buffer, byteOffset } = result.user;
  const whole = Buffer.from(buffer, byteOffset, 'joe\x01auth=Bearer token\x01\x01'.length);
  assert.ok(whole.includes('token'));
  result.pass.fill(0);
  assert.ok(!whole.includes('token'));
  assert.equal(result.user.toString(), 'joe');
});

/** A byte that has a meaning in the formats more often than another. */
const text = fc
  .array(fc.oneof(fc.constantFrom(1, 0x2c, 0x3d, 0x6e, 0), fc.integer({ min: 0, max: 255 })), { maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

test('any user without separators and any token come out as they went in', () => {
  fc.assert(
    fc.property(text, text, (name, secret) => {
      const user = `u${name.replaceAll('\x01', '')}`;
      const token = secret.replaceAll('\x01', '');
      assert.deepEqual(xoauth2(`user=${user}\x01auth=Bearer ${token}\x01\x01`), [user, token]);
      const escaped = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
      assert.deepEqual(bearer(`n,a=${escaped},\x01auth=Bearer ${token}\x01\x01`), [user, token]);
    }),
    { numRuns: 1000 },
  );
});

test('whatever else comes is refused or taken, and what is taken holds no separator', () => {
  const prefix = fc.constantFrom('', 'user=', 'user=a\x01', 'user=a\x01auth=Bearer ', 'n,a=', 'n,a=x,\x01', 'y,');
  fc.assert(
    fc.property(prefix, text, (head, rest) => {
      for (const decode of [decodeXoauth2, decodeOauthBearer]) {
        const result = decode(latin1(base64(head + rest)));
        if (result.kind !== 'pair') continue;
        assert.ok(result.user.length > 0);
        assert.ok(!result.user.includes(1) && !result.pass.includes(1));
      }
    }),
    { numRuns: 2000 },
  );
});

test('an acknowledgement is AQ==, an empty line, or a star', () => {
  for (const line of ['', '*', 'AQ==', 'AQ==more']) assert.ok(isAcknowledgement(latin1(line)), line);
  for (const line of ['foo', 'AQ=', 'AQ', 'aq==', '**', ' ', 'XAQ=='])
    assert.ok(!isAcknowledgement(latin1(line)), line);
});
