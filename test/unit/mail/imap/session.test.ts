// IMAP before the relay: states, tags and replies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64, saslPlain } from '../../../support/bytes.ts';
import { type Conversation, converse } from '../converse.ts';

const BAD = 'BAD invalid command\r\n';
const imap = (auth = 'plain', starttls: 'off' | 'on' | 'only' = 'off'): Conversation =>
  converse(143, `imap_auth ${auth}; imap_capabilities X;`, { starttls });

test('the commands of the first state', () => {
  const { say } = imap();
  assert.equal(say('a NOOP\r\n'), 'a OK completed\r\n');
  assert.equal(say('b capability x y\r\n'), '* CAPABILITY X AUTH=PLAIN\r\nb OK completed\r\n');
  assert.equal(say('c LOGOUT\r\n'), '<quit>* BYE\r\nc OK completed\r\n');
  assert.equal(say('d SELECT INBOX\r\n'), `d ${BAD}`);
  assert.equal(say('\r\n'), `* ${BAD}`);
});

test('LOGIN takes a user that is not empty and a password that may be', () => {
  assert.equal(imap().say('a LOGIN joe "se cret"\r\n'), '<plain joe se cret>');
  assert.equal(imap().say('a LOGIN joe ""\r\n'), '<plain joe >');
  for (const args of ['', 'joe', 'joe a b', '"" secret', '{0}\r\n secret']) {
    assert.ok(imap().say(`a LOGIN ${args}\r\n`).endsWith(`a ${BAD}`), args);
  }
});

test('credentials by literals, with their continuations', () => {
  const { say } = imap();
  assert.equal(say('a LOGIN {3}\r\n', 'joe {6}\r\n', 'se\r\nt \r\n'), '+ OK\r\n+ OK\r\n<plain joe se\r\nt >');
  assert.equal(imap().say('a LOGIN {3+}\r\njoe {2+}\r\nxy\r\n'), '<plain joe xy>');
});

test('the tag of the login is the one of the refusal and of the backend', () => {
  const { say, state } = imap();
  say('t1 NOOP\r\n', 't2 LOGIN joe x\r\n');
  assert.equal(state.denied(Buffer.from('no'), undefined).toString(), 't2 NO no\r\n');
  say('t3 AUTHENTICATE PLAIN\r\n', `${saslPlain('joe', 'x')}\r\n`);
  assert.equal(state.denied(Buffer.from('no'), undefined).toString(), 't3 NO no\r\n');
  const login = state.login({ xclient: false, imapLogin: 'literal' }, 'login');
  login?.next(Buffer.alloc(0));
  const step = login?.next(Buffer.from('* OK\r\n')).value;
  assert.ok(step?.kind === 'send');
  assert.equal(step.bytes.toString(), 't3 LOGIN {3}\r\n');
});

test('an exchange by AUTHENTICATE keeps its tag for the reply to a bad answer', () => {
  const { say, state } = imap();
  assert.equal(say('a AUTHENTICATE PLAIN\r\n'), '+ \r\n');
  assert.equal(state.keepsBuffer, true, 'the whole exchange has to fit in the buffer');
  assert.equal(say('*\r\n'), `a ${BAD}`);
  assert.equal(state.keepsBuffer, false);
  say('a AUTHENTICATE LOGIN\r\n', `${base64('joe')}\r\n`);
  assert.equal(say('*\r\n'), `a ${BAD}`, 'in the password line');
});

test('a fault in the user name line of AUTHENTICATE LOGIN is answered without a tag, and only that', () => {
  const { say } = imap();
  assert.equal(say('a AUTHENTICATE LOGIN\r\n', '*\r\n'), `+ VXNlcm5hbWU6\r\n${BAD}`);
  assert.equal(say('b WRONG\r\n'), `b ${BAD}`);
});

test('mechanisms that are not enabled, arguments that are missing or too many', () => {
  const { say } = imap();
  const bad = ['', 'CRAM-MD5', 'EXTERNAL', `EXTERNAL ${base64('joe')}`, 'NTLM', 'PLAIN a b'];
  for (const args of bad) assert.equal(say(`a AUTHENTICATE ${args}\r\n`), `a ${BAD}`, args);
  assert.equal(imap('external').say(`a AUTHENTICATE EXTERNAL ${base64('joe')}\r\n`), '<external joe undefined>');
  assert.equal(imap().say(`a AUTHENTICATE "PLAIN" ${saslPlain('joe', 'x')}\r\n`), '<plain joe x>');
});

test('in clear, starttls decides what is offered and taken', () => {
  const on = imap('plain', 'on');
  assert.equal(on.say('a CAPABILITY\r\n'), '* CAPABILITY X AUTH=PLAIN STARTTLS\r\na OK completed\r\n');
  assert.equal(on.say('b STARTTLS x\r\n'), '<starttls>b OK completed\r\n');
  const only = imap('plain', 'only');
  assert.equal(only.say('a CAPABILITY\r\n'), '* CAPABILITY X STARTTLS LOGINDISABLED\r\na OK completed\r\n');
  assert.equal(only.say('a LOGIN joe x\r\n', 'b AUTHENTICATE PLAIN\r\n'), `a ${BAD}b ${BAD}`);
  assert.equal(imap('plain', 'off').say('a STARTTLS\r\n'), `a ${BAD}`);
});

test('a refused line that ends in a literal without a wait closes the session', () => {
  const { say, state } = imap();
  assert.equal(say('a WRONG {5+}\r\n'), `a ${BAD}`);
  assert.equal(state.closesAfterInvalid, true);
  say('a WRONG {5}\r\n');
  assert.equal(state.closesAfterInvalid, false);
});
