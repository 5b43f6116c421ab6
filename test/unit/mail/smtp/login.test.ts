// The login at an SMTP backend: every combination of xclient, proxy_smtp_auth, EHLO and method.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendMechanism } from '../../../../src/mail/session/backend-auth.ts';
import type { AuthMethod } from '../../../../src/mail/session/credentials.ts';
import type { LoginOptions } from '../../../../src/mail/session/dialogue.ts';
import type { SessionSetup } from '../../../../src/mail/session/session.ts';
import type { Envelope } from '../../../../src/mail/smtp/envelope.ts';
import { smtpLogin } from '../../../../src/mail/smtp/login.ts';
import { base64 } from '../../../support/bytes.ts';
import { bytes, stage } from '../doubles.ts';
import { type Driven, drive } from '../drive.ts';

interface Given extends Partial<LoginOptions> {
  readonly mechanism?: BackendMechanism;
  readonly method?: AuthMethod;
  readonly user?: string;
  readonly pass?: string | undefined;
  readonly envelope?: Partial<Envelope>;
  readonly setup?: Partial<SessionSetup>;
  readonly host?: string;
}

function begin(given: Given): ReturnType<typeof smtpLogin> {
  const { session } = stage(given.setup);
  const { method = 'plain', user = 'joe' } = given;
  const pass = 'pass' in given ? given.pass : 'secret';
  session.use(method, bytes(user), pass === undefined ? undefined : bytes(pass));
  session.clientHost = given.host ?? 'c.example';
  const envelope = { helo: undefined, esmtp: false, from: undefined, to: undefined, ...given.envelope };
  return smtpLogin(
    session,
    envelope,
    {
      xclient: given.xclient ?? false,
      imapLogin: 'literal',
    },
    given.mechanism ?? 'none',
  );
}

function login(given: Given, replies: readonly string[], piece?: number): Driven {
  const dialogue = begin(given);
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

const GOOD = ['220 hi\r\n', '250 ok\r\n', '250 ok\r\n', '250 ok\r\n', '250 ok\r\n', '250 ok\r\n'];
const sent = (given: Given): readonly string[] => login(given, GOOD).sent;

const HELO = { helo: bytes('c.test') };
const EHLO = { helo: bytes('c.test'), esmtp: true };
const XCLIENT = 'XCLIENT ADDR=192.0.2.1 LOGIN=joe NAME=c.example\r\n';

test('our own name: HELO only without xclient and for a client that never said EHLO', () => {
  assert.deepEqual(sent({}), ['HELO mx.example.org\r\n']);
  assert.deepEqual(sent({ envelope: HELO }), ['HELO mx.example.org\r\n']);
  assert.deepEqual(sent({ envelope: EHLO }), ['EHLO mx.example.org\r\n']);
  assert.deepEqual(sent({ xclient: true }), ['EHLO mx.example.org\r\n', XCLIENT]);
});

test("the client's name follows XCLIENT, as HELO or EHLO like the client's", () => {
  const ours = 'EHLO mx.example.org\r\n';
  assert.deepEqual(sent({ xclient: true, envelope: HELO }), [ours, XCLIENT, 'HELO c.test\r\n']);
  assert.deepEqual(sent({ xclient: true, envelope: EHLO }), [ours, XCLIENT, 'EHLO c.test\r\n']);
  assert.deepEqual(sent({ xclient: true, envelope: { esmtp: true } }), [ours, XCLIENT], 'forgotten at STARTTLS');
});

test('method none ends in MAIL and RCPT as they were typed, and any reply to RCPT goes to the client', () => {
  const given = { method: 'none', user: '', pass: undefined, xclient: true } as const;
  const envelope = { from: bytes('mail  FROM:<a>'), to: bytes('RCPT TO:<b>') };
  const driven = login({ ...given, envelope }, [...GOOD.slice(0, 4), '550 no\r\n']);
  assert.deepEqual(driven.sent.slice(1), [
    'XCLIENT ADDR=192.0.2.1 NAME=c.example\r\n',
    'mail  FROM:<a>\r\n',
    'RCPT TO:<b>\r\n',
  ]);
  assert.equal(driven.end, 'in: 550 no\r\n');
});

test('AUTH PLAIN with proxy_smtp_auth, whatever the client used; it is the only secret', () => {
  for (const method of ['plain', 'cram-md5', 'external'] as const) {
    const auth = `AUTH PLAIN ${base64('\0joe\0secret')}\r\n`;
    const driven = login({ method, mechanism: 'plain' }, ['220 hi\r\n', '250 ok\r\n', '235 in\r\n'], 1);
    assert.deepEqual(driven.sent, ['HELO mx.example.org\r\n', auth]);
    assert.deepEqual(driven.secrets, [auth]);
    assert.deepEqual(driven.actions, ['sending HELO/EHLO to upstream', 'sending AUTH to upstream']);
    assert.equal(driven.end, 'in: 235 2.0.0 OK\r\n', 'ours, not the text of the backend');
  }
});

test('XCLIENT names the login only where AUTH does not', () => {
  assert.ok(sent({ xclient: true, mechanism: 'plain' }).includes('XCLIENT ADDR=192.0.2.1 NAME=c.example\r\n'));
  assert.ok(sent({ xclient: true, user: '' }).includes('XCLIENT ADDR=192.0.2.1 NAME=c.example\r\n'));
  assert.ok(
    sent({ xclient: true, user: 'a b+=\xff' }).includes(
      'XCLIENT ADDR=192.0.2.1 LOGIN=a+20b+2B+3D+FF NAME=c.example\r\n',
    ),
  );
});

test('XCLIENT addresses', () => {
  const address = (setup: Partial<SessionSetup>): string | undefined =>
    sent({ xclient: true, setup, host: '[UNAVAILABLE]' })[1];
  const v6 = { client: { address: '2001:db8::1', port: 1 } };
  assert.equal(address(v6), 'XCLIENT ADDR=IPV6:2001:db8::1 LOGIN=joe NAME=[UNAVAILABLE]\r\n');
  assert.equal(address({ client: undefined }), 'XCLIENT ADDR=unix: LOGIN=joe NAME=[UNAVAILABLE]\r\n');
});

test('AUTH without a password fails on our side; an empty one is a password', () => {
  assert.equal(
    login({ mechanism: 'plain', pass: undefined }, GOOD).end,
    'failed: no password available while sending AUTH to upstream',
  );
  assert.equal(sent({ mechanism: 'plain', pass: '' }).at(-1), `AUTH PLAIN ${base64('\0joe\0')}\r\n`);
});

test('the code of each reply', () => {
  const all: Given = { xclient: true, mechanism: 'plain', envelope: EHLO };
  const accepted = ['220', '250', '220', '250', '235'];
  const end = (step: number, reply: string): Driven =>
    login(all, [...accepted.slice(0, step).map((code) => `${code} x\r\n`), reply]);
  for (const step of accepted.keys()) {
    const driven = end(step, '451 4.3.2 no\r\n');
    assert.equal(driven.end, 'refused: 451 4.3.2 no | 451 4.3.2 no\r\n');
    assert.equal(driven.sent.length, step);
  }
  assert.equal(end(2, '250 x\r\n').end, 'waits', 'XCLIENT may be answered with 220 or 250');
  assert.match(end(2, '235 x\r\n').end, /^refused/);
  assert.match(end(4, '250 x\r\n').end, /^refused/);
});

test('a reply of several lines ends with the one without a hyphen; the code of the first counts', () => {
  for (const piece of [undefined, 1, 3]) {
    const greeting = '220-a\r\n220-b\r\n220 c\r\n';
    const hello = '250-x\r\n250-y\r\n250 z\r\n';
    assert.equal(login({}, [greeting, hello], piece).end, 'in: 235 2.0.0 OK\r\n');
    assert.equal(login({}, ['220-a\r\n'], piece).end, 'waits');
    assert.deepEqual(login({}, ['220-a\r\n220-b\r\n'], piece).sent, []);
  }
  assert.equal(login({}, ['220-a\r\n554 b\r\n']).end, 'waits', 'nginx looks at the first code only');
  assert.equal(login({}, ['554-a\r\n220 b\r\n']).end, 'refused: 554-a\r\n220 b | 554-a\r\n220 b\r\n');
});

test('a NUL that a command has no way to say ends the login before it begins', () => {
  const nul = bytes('a\0b');
  assert.equal(begin({ xclient: true, envelope: { helo: nul } }), undefined);
  for (const envelope of [{ from: nul }, { to: nul }]) assert.equal(begin({ method: 'none', envelope }), undefined);
  assert.equal(begin({ mechanism: 'plain', user: 'a\0b' }), undefined);
  assert.equal(begin({ mechanism: 'plain', pass: 'a\0b' }), undefined);
});

test('a NUL in what no backend gets to see does no harm', () => {
  const nul = bytes('a\0b');
  assert.notEqual(begin({ user: 'a\0b', pass: 'a\0b' }), undefined, 'without AUTH neither is sent raw');
  assert.notEqual(begin({ envelope: { helo: nul, from: nul, to: nul } }), undefined);
  assert.notEqual(begin({ method: 'none', user: 'a\0b' }), undefined);
});

const AUTHS: readonly (readonly [BackendMechanism, readonly string[], readonly string[]])[] = [
  [
    'login',
    ['334 VXNlcm5hbWU6\r\n', '334 UGFzc3dvcmQ6\r\n'],
    ['AUTH LOGIN\r\n', `${base64('joe')}\r\n`, `${base64('secret')}\r\n`],
  ],
  ['xoauth2', [], [`AUTH XOAUTH2 ${base64('user=joe\x01auth=Bearer secret\x01\x01')}\r\n`]],
  ['oauthbearer', [], [`AUTH OAUTHBEARER ${base64('n,a=joe,\x01auth=Bearer secret\x01\x01')}\r\n`]],
  ['external', [], [`AUTH EXTERNAL ${base64('joe')}\r\n`]],
];

for (const [mechanism, prompts, commands] of AUTHS) {
  test(`AUTH by ${mechanism}`, () => {
    for (const piece of [undefined, 1]) {
      const driven = login({ mechanism }, ['220 hi\r\n', '250 ok\r\n', ...prompts, '235-in\r\n235 in\r\n'], piece);
      assert.deepEqual(driven.sent.slice(1), commands);
      assert.deepEqual(driven.secrets, mechanism === 'login' ? commands.slice(1) : commands);
      assert.equal(driven.end, 'in: 235 2.0.0 OK\r\n');
    }
  });
}

test('a token that makes AUTH longer than a command may be waits for the prompt', () => {
  const pass = 't'.repeat(400);
  const driven = login({ mechanism: 'xoauth2', pass }, ['220 hi\r\n', '250 ok\r\n', '334 \r\n', '235 in\r\n']);
  const token = `${base64(`user=joe\x01auth=Bearer ${pass}\x01\x01`)}\r\n`;
  assert.deepEqual(driven.sent.slice(1), ['AUTH XOAUTH2\r\n', token]);
  assert.deepEqual(driven.secrets, [token]);
  assert.equal(login({ mechanism: 'plain', pass }, ['220 hi\r\n', '250 ok\r\n']).sent.length, 2);
  assert.match(login({ mechanism: 'plain', pass }, ['220 hi\r\n', '250 ok\r\n']).sent[1] ?? '', /^AUTH PLAIN \S{500,}/);
});

test('an error in a challenge is acknowledged, and what the backend says then is its refusal', () => {
  const hello = ['220 hi\r\n', '250 ok\r\n', '334 eyJzdGF0dXMiOiI0MDAifQ==\r\n', '535 5.7.8 no\r\n'];
  for (const [mechanism, word] of [
    ['xoauth2', ''],
    ['oauthbearer', 'AQ=='],
    ['plain', '*'],
    ['external', '*'],
  ] as const) {
    const driven = login({ mechanism }, hello);
    assert.equal(driven.sent.at(-1), `${word}\r\n`);
    assert.equal(driven.end, 'refused: 535 5.7.8 no | 535 5.7.8 no\r\n');
  }
  assert.match(login({ mechanism: 'xoauth2' }, [...hello.slice(0, 3), '334 x\r\n']).end, /^refused: 334 x/);
});

test('a login before MAIL, where an answer of the auth server wants one', () => {
  const envelope = { from: bytes('MAIL FROM:<a>'), to: bytes('RCPT TO:<b>') };
  const replies = ['220 hi\r\n', '250 ok\r\n', '235 in\r\n', '250 ok\r\n', '250 ok\r\n'];
  const { sent } = login({ method: 'none', mechanism: 'plain', envelope }, replies);
  assert.deepEqual(sent.slice(1), [
    `AUTH PLAIN ${base64('\0joe\0secret')}\r\n`,
    'MAIL FROM:<a>\r\n',
    'RCPT TO:<b>\r\n',
  ]);
});
