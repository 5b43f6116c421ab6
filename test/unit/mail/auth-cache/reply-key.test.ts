// What an answer is found by: whatever the question depended on makes another key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replyKey } from '../../../../src/mail/auth-cache/reply-key.ts';
import type { AuthMethod } from '../../../../src/mail/session/credentials.ts';
import type { TlsInfo } from '../../../../src/net/tls/established.ts';

interface Question {
  readonly secret: string;
  readonly scope: string;
  readonly method: AuthMethod;
  readonly user: string;
  readonly pass: string | undefined;
  readonly by: string;
  readonly tls: TlsInfo | undefined;
}

const info = (code: number, certificate?: string): TlsInfo => ({
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  servername: undefined,
  alpn: undefined,
  resumed: false,
  verify: { code, text: '' },
  peerCertificate: certificate === undefined ? undefined : Buffer.from(certificate),
  hello: undefined,
  sessionId: () => undefined,
  ownCertificate: () => undefined,
  forgetSession: () => {},
});

const QUESTION: Question = {
  secret: 's',
  scope: 'imap /auth',
  method: 'plain',
  user: 'joe',
  pass: 'secret',
  by: '192.0.2.1',
  tls: info(0, 'one'),
};

function keyOf({ secret, scope, method, user, pass, by, tls }: Question) {
  const credentials = {
    method,
    user: Buffer.from(user),
    pass: pass === undefined ? undefined : Buffer.from(pass),
    salt: undefined,
  };
  return replyKey(Buffer.from(secret), Buffer.from(scope), { credentials, tls }, Buffer.from(by));
}

const ANOTHER: readonly (readonly [string, Partial<Question>])[] = [
  ['key of the process', { secret: 't' }],
  ['service, request or protocol', { scope: 'pop3 /auth' }],
  ['mechanism', { method: 'xoauth2' }],
  ['mechanism of OAuth', { method: 'oauthbearer' }],
  ['user', { user: 'jim' }],
  ['password', { pass: 'Secret' }],
  ['address', { by: '192.0.2.2' }],
  ['session, in clear', { tls: undefined }],
  ['result for the certificate', { tls: info(18, 'one') }],
  ['certificate', { tls: info(0, 'two') }],
  ['session, without a certificate', { tls: info(0) }],
  ['place between user and password', { user: 'joes', pass: 'ecret' }],
];

test('the same question has the same key', () => {
  const [one, two] = [keyOf(QUESTION), keyOf(QUESTION)];
  assert.ok(one !== undefined);
  assert.deepEqual(one, two);
  assert.notEqual(one.id, one.seal.toString('latin1'), 'who sees how an answer is found cannot open it');
});

test('all questions that differ in something have keys of their own', () => {
  const keys = [QUESTION, ...ANOTHER.map(([, change]) => ({ ...QUESTION, ...change }))].map(keyOf);
  assert.equal(new Set(keys.map((key) => key?.id)).size, keys.length);
  assert.equal(new Set(keys.map((key) => key?.seal.toString('hex'))).size, keys.length);
});

for (const [what, change] of ANOTHER) {
  test(`another ${what} is another question`, () => {
    assert.notEqual(keyOf({ ...QUESTION, ...change })?.id, keyOf(QUESTION)?.id);
  });
}

for (const method of ['cram-md5', 'apop', 'external', 'none'] as const) {
  test(`what is answered to ${method} is not found again`, () => {
    assert.equal(keyOf({ ...QUESTION, method }), undefined);
  });
}

test('without a password there is nothing to be found', () => {
  assert.equal(keyOf({ ...QUESTION, pass: undefined }), undefined);
});
