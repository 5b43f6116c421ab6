// SASL exchanges as the protocols drive them: prompts, states, and whose credentials they end in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../../../src/mail/command/arguments.ts';
import type { Outcome } from '../../../../src/mail/protocol.ts';
import { SaslExchange, type SaslPrompts } from '../../../../src/mail/sasl/exchange.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import { base64, saslPlain } from '../../../support/bytes.ts';
import { bytes, CLIENT, type Stage, stage } from '../doubles.ts';

const PROMPTS: SaslPrompts = {
  empty: bytes('empty'),
  username: bytes('user?'),
  password: bytes('pass?'),
  challenge: 'prove ',
};
const DIGEST = '0123456789abcdef0123456789abcdef';

/** As a parser leaves them: the words one behind the other. */
function argumentsOf(words: readonly string[]): [Arguments, LineBuffer] {
  const args = new Arguments(words.length);
  const buffer = new LineBuffer(1000);
  for (const word of words) {
    args.start = buffer.last;
    buffer.fill(bytes(word));
    args.end(buffer.last);
  }
  return [args, buffer];
}

interface Run extends Stage {
  readonly sasl: SaslExchange;
  begin(...args: readonly string[]): string;
  next(answer: string): string;
}

function start(...enabled: readonly string[]): Run {
  const on = stage();
  const sasl = new SaslExchange(on.session, PROMPTS, new Set(enabled));
  const tell = (outcome: Outcome): string => {
    if (outcome.kind === 'reply') return outcome.bytes.toString('latin1');
    if (outcome.kind !== 'auth') return outcome.kind;
    const { method, user, pass, salt } = on.session.credentials ?? {};
    return `${method} ${user} ${pass}${salt === undefined ? '' : ` ${salt}`}`;
  };
  return {
    ...on,
    sasl,
    begin: (...words) => tell(sasl.begin(...argumentsOf(words))),
    next: (answer) => tell(sasl.next(bytes(answer))),
  };
}

test('LOGIN asks for the user, then for the password', () => {
  const { begin, next, sasl, session } = start();
  assert.equal(begin('LOGIN'), 'user?');
  assert.equal(sasl.awaitsLoginUser, true);
  assert.equal(next(base64('joe')), 'pass?');
  assert.equal(sasl.awaitsLoginUser, false);
  assert.equal(session.login?.toString(), 'joe', 'the log knows the user before the password');
  assert.equal(session.credentials, undefined);
  assert.equal(next(base64('secret')), 'plain joe secret');
  assert.equal(sasl.active, false);
});

test('an initial response of LOGIN is the user', () => {
  const { begin, next } = start();
  assert.equal(begin('login', base64('joe')), 'pass?');
  assert.equal(next(''), 'plain joe ', 'an empty password is one');
});

test('PLAIN at once, or after an empty prompt', () => {
  const { begin, next } = start();
  assert.equal(begin('PLAIN', saslPlain('joe', 'secret')), 'plain joe secret');
  assert.equal(begin('PLAIN'), 'empty');
  assert.equal(next(saslPlain('jim', 'other')), 'plain jim other');
});

test('CRAM-MD5 has one challenge a session, which names the server', () => {
  const { begin, next, sasl } = start('cram-md5');
  const salt = sasl.salt().toString('latin1');
  assert.match(salt, /^<\d+\.\d+@mx\.example\.org>$/);
  for (let attempt = 0; attempt < 2; attempt++) {
    assert.equal(begin('CRAM-MD5'), `prove ${base64(salt)}\r\n`);
    assert.equal(next(base64(`joe ${DIGEST}`)), `cram-md5 joe ${DIGEST} ${salt}`);
  }
});

test('EXTERNAL at once, or after the user prompt; it has no password', () => {
  const { begin, next } = start('external');
  assert.equal(begin('EXTERNAL', base64('joe')), 'external joe undefined');
  assert.equal(begin('EXTERNAL'), 'user?');
  assert.equal(next(''), 'external  undefined');
});

test('CRAM-MD5 and EXTERNAL have to be enabled; PLAIN and LOGIN need not', () => {
  const { begin, sasl } = start();
  for (const args of [['CRAM-MD5'], ['EXTERNAL'], ['EXTERNAL', base64('joe')]]) {
    assert.equal(begin(...args), 'refused');
    assert.equal(sasl.active, false);
  }
});

const XOAUTH2 = base64('user=joe\x01auth=Bearer token\x01\x01');
const OAUTHBEARER = base64('n,a=joe,\x01auth=Bearer token\x01\x01');

test('OAuth at once, or after an empty prompt, where it is enabled', () => {
  const { begin, next } = start('xoauth2', 'oauthbearer');
  assert.equal(begin('XOAUTH2', XOAUTH2), 'xoauth2 joe token');
  assert.equal(begin('xoauth2'), 'empty');
  assert.equal(next(XOAUTH2), 'xoauth2 joe token');
  assert.equal(begin('OAUTHBEARER', OAUTHBEARER), 'oauthbearer joe token');
  assert.equal(begin('oauthbearer'), 'empty');
  assert.equal(next(OAUTHBEARER), 'oauthbearer joe token');
  assert.equal(start('xoauth2').begin('OAUTHBEARER', OAUTHBEARER), 'refused');
  assert.equal(start('oauthbearer').begin('XOAUTH2'), 'refused');
});

test('an error is told in a challenge, and the refusal follows the acknowledgement', () => {
  for (const answer of ['AQ==', '', '*', 'AQ==x']) {
    const { sasl, next } = start('xoauth2');
    assert.equal(sasl.tellError(bytes('e30='), bytes('no'), false).toString(), 'prove e30=\r\n');
    assert.deepEqual([sasl.active, sasl.awaitsAcknowledgement, sasl.endsWithAnswer], [true, true, false]);
    assert.equal(next(answer), 'no');
    assert.deepEqual([sasl.active, sasl.awaitsAcknowledgement], [false, false]);
  }
});

test('another answer than an acknowledgement is an invalid command', () => {
  for (const answer of ['foo', 'AQ=', '**', 'aq==']) {
    const { sasl, next } = start('xoauth2');
    sasl.tellError(bytes('e30='), bytes('no'), false);
    assert.equal(next(answer), 'refused');
    assert.equal(sasl.active, false);
  }
});

test('where the refusal is the last word, either answer ends the session', () => {
  const { sasl } = start('xoauth2');
  sasl.tellError(bytes('e30='), bytes('no'), true);
  assert.equal(sasl.endsWithAnswer, true);
  assert.deepEqual(sasl.next(bytes('')), { kind: 'quit', bytes: bytes('no') });
  sasl.tellError(bytes('e30='), bytes('no'), true);
  assert.deepEqual(sasl.next(bytes('foo')), { kind: 'refused', closes: true });
  assert.equal(sasl.endsWithAnswer, false);
});

test('other mechanisms, and arguments that are too many, are refused', () => {
  const { begin, sasl } = start('cram-md5', 'external');
  for (const args of [
    ['NTLM'],
    [''],
    ['PLAIN', saslPlain('a', 'b'), 'x'],
    ['LOGIN', 'dQ==', 'x'],
    ['EXTERNAL', 'dQ==', 'x'],
  ]) {
    assert.equal(begin(...args), 'refused');
  }
  assert.equal(begin('CRAM-MD5', 'a'), 'refused');
  assert.equal(sasl.active, false);
});

test('an answer that cannot be read ends the exchange, and the log says of which command', () => {
  const answers = [
    ['LOGIN', '*', 'client sent invalid base64 encoding in AUTH LOGIN command'],
    ['PLAIN', '*', 'client sent invalid base64 encoding in AUTH PLAIN command'],
    ['PLAIN', base64('abc'), 'client sent invalid login in AUTH PLAIN command'],
    ['PLAIN', base64('\0abc'), 'client sent invalid password in AUTH PLAIN command'],
    ['CRAM-MD5', '!', 'client sent invalid base64 encoding in AUTH CRAM-MD5 command'],
    ['EXTERNAL', '!', 'client sent invalid base64 encoding in AUTH EXTERNAL command'],
  ] as const;
  for (const [mechanism, answer, reason] of answers) {
    const { begin, next, sasl, session, recording } = start('cram-md5', 'external');
    begin(mechanism);
    assert.equal(next(answer), 'refused');
    assert.equal(sasl.active, false);
    assert.equal(session.credentials, undefined);
    assert.deepEqual(recording.lines, [`[info] *1 ${reason} while sending client greeting line${CLIENT}`]);
  }
});

test('a password of LOGIN that cannot be read ends the exchange; the user of it is not used again', () => {
  const { begin, next, sasl } = start();
  begin('LOGIN', base64('joe'));
  assert.equal(next('*'), 'refused');
  sasl.cancel();
  begin('LOGIN');
  next(base64('jim'));
  assert.equal(next(base64('p')), 'plain jim p');
});

test('a digest of another length is refused, and the log knows the user', () => {
  const { begin, next, session, recording } = start('cram-md5');
  begin('CRAM-MD5');
  assert.equal(next(base64('joe 0123')), 'refused');
  assert.equal(session.credentials, undefined);
  assert.deepEqual(recording.lines, [
    `[info] *1 client sent invalid CRAM-MD5 hash in AUTH CRAM-MD5 command while sending client greeting line${CLIENT}, login: "joe"`,
  ]);
});

test('a cancelled exchange takes no answer', () => {
  const { begin, next, sasl } = start();
  begin('PLAIN');
  assert.equal(sasl.active, true);
  sasl.cancel();
  assert.equal(sasl.active, false);
  assert.equal(next(saslPlain('joe', 'secret')), 'refused');
});
