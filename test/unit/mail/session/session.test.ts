// What a session knows: its credentials, its modes, and its place in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../../../src/mail/session/session.ts';
import type { TlsInfo } from '../../../../src/net/tls/established.ts';
import { bytes, CLIENT, isZero, stage } from '../doubles.ts';

const TLS: TlsInfo = {
  protocol: 'TLSv1.3',
  cipher: '',
  servername: undefined,
  alpn: undefined,
  resumed: false,
  verify: { code: 0, text: 'ok' },
  peerCertificate: undefined,
  hello: undefined,
  sessionId: () => undefined,
  ownCertificate: () => undefined,
  forgetSession: () => {},
};

test('a new attempt has its own credentials, and those before are overwritten', () => {
  const { session } = stage();
  const [first, second] = [bytes('first'), bytes('second')];
  session.use('cram-md5', bytes('joe'), first, bytes('<salt>'));
  session.use('plain', bytes('jim'), second);
  assert.ok(isZero(first));
  const salt = undefined;
  assert.deepEqual(session.credentials, { method: 'plain', user: bytes('jim'), pass: second, salt, apart: false });
  session.forgetCredentials();
  assert.ok(isZero(second));
  assert.equal(session.credentials, undefined);
  assert.equal(session.login?.toString(), 'jim', 'the log goes on showing who it was');
});

test('a digest serves one request, a password all of them', () => {
  const { session } = stage();
  const [digest, pass] = [bytes('digest'), bytes('secret')];
  session.use('apop', bytes('joe'), digest, bytes('<salt>'));
  session.dropDigest();
  assert.ok(isZero(digest));
  assert.equal(session.credentials?.pass, undefined);
  session.dropDigest(); // once more does nothing
  session.use('plain', bytes('joe'), pass);
  session.dropDigest();
  assert.equal(session.credentials?.pass, pass);
  assert.equal(pass.toString(), 'secret');
});

test('where TLS is offered, and where a login has to wait for it', () => {
  const modes = (prepare: (session: Session) => void = () => {}): unknown[] =>
    (['off', 'on', 'only'] as const).map((starttls) => {
      const { session } = stage({ starttls });
      prepare(session);
      return [starttls, session.offersStarttls, session.loginNeedsTls];
    });
  assert.deepEqual(modes(), [
    ['off', false, false],
    ['on', true, false],
    ['only', true, true],
  ]);
  const secured = modes((session) => {
    session.tls = TLS;
  });
  assert.deepEqual(secured, [
    ['off', false, false],
    ['on', false, false],
    ['only', false, false],
  ]);
});

test('the suffix of a record grows with what is known', () => {
  const { session } = stage();
  session.action = 'in auth state';
  assert.equal(session.logSuffix(), ` while in auth state${CLIENT}`);
  session.usingStarttls = true;
  assert.equal(session.logSuffix(), ' while in auth state, client: 192.0.2.1 using starttls, server: 127.0.0.1:143');
  session.usingStarttls = false;
  session.login = bytes('');
  assert.equal(session.logSuffix(), ` while in auth state${CLIENT}`, 'an empty login is none');
  session.login = bytes('j\xf6e');
  assert.equal(session.logSuffix(), ` while in auth state${CLIENT}, login: "j\xf6e"`);
  session.upstream = '::1:143';
  assert.equal(session.logSuffix(), ` while in auth state${CLIENT}, login: "j\xf6e", upstream: ::1:143`);
});

test('a milestone has no action, then or later', () => {
  const { session, recording } = stage();
  session.login = bytes('joe');
  session.milestone('client logged in');
  session.info('x');
  session.error('y');
  const login = `${CLIENT}, login: "joe"`;
  assert.deepEqual(recording.lines, [
    `[info] *1 client logged in${login}`,
    `[info] *1 x${login}`,
    `[error] *1 y${login}`,
  ]);
});

test('what a client sent cannot end a record', () => {
  const { session, recording } = stage();
  session.login = bytes('a\r\n2026/01/01 00:00:00 [crit] 1#1: forged\0');
  session.milestone('x');
  assert.deepEqual(recording.lines, [
    `[info] *1 x${CLIENT}, login: "a\\x0D\\x0A2026/01/01 00:00:00 [crit] 1#1: forged\\x00"`,
  ]);
});

test('a client on a unix socket has no address', () => {
  const { session } = stage({ client: undefined });
  assert.equal(session.clientText, 'unix:');
});
