// The states of POP3 before the relay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64 } from '../../../support/bytes.ts';
import { type Conversation, converse } from '../converse.ts';

const INVALID = '-ERR invalid command\r\n';
const pop3 = (auth = 'plain', starttls: 'off' | 'on' | 'only' = 'off'): Conversation =>
  converse(110, `pop3_auth ${auth}; pop3_capabilities USER X;`, { starttls });

test('the greeting holds a challenge where one is of use, and it is the one of the session', () => {
  assert.equal(pop3().state.greeting().toString(), '+OK POP3 ready\r\n');
  assert.equal(pop3('external').state.greeting().toString(), '+OK POP3 ready\r\n');
  for (const auth of ['apop', 'cram-md5']) {
    const { state } = pop3(auth);
    const greeting = state.greeting().toString();
    assert.match(greeting, /^\+OK POP3 ready <\d+\.\d+@mx\.example\.org>\r\n$/);
    assert.equal(state.greeting().toString(), greeting);
  }
});

test('USER, then PASS', () => {
  const { say, session } = pop3();
  assert.equal(say('PASS x\r\n'), INVALID);
  assert.equal(say('USER joe\r\n'), '+OK\r\n');
  assert.equal(session.login?.toString(), 'joe', 'the log knows the user before the password');
  assert.equal(say('PASS a b \r\n'), '<plain joe a b >');
});

test('behind USER only PASS, CAPA, NOOP and QUIT are taken, and anything else forgets the user', () => {
  const { say } = pop3('plain apop', 'on');
  say('USER joe\r\n');
  assert.equal(
    say('NOOP\r\n', 'CAPA\r\n'),
    '+OK\r\n+OK Capability list follows\r\nUSER\r\nX\r\nSASL PLAIN LOGIN\r\n.\r\n',
  );
  assert.equal(say('PASS x\r\n'), '<plain joe x>');
  assert.equal(say('QUIT\r\n'), '<quit>+OK\r\n');
  for (const line of ['USER jim', 'AUTH PLAIN', 'AUTH', 'APOP a b', 'STLS', 'PASS', 'PASS ', 'STAT']) {
    const { say } = pop3('plain apop', 'on');
    say('USER joe\r\n');
    assert.equal(say(`${line}\r\n`), INVALID, line);
    assert.equal(say('PASS x\r\n'), INVALID, line);
  }
});

test('APOP has to be enabled and takes two arguments', () => {
  assert.equal(pop3('plain').say('APOP joe digest\r\n'), INVALID);
  const { say, session } = pop3('apop');
  assert.equal(say('APOP joe\r\n', 'APOP joe a b\r\n'), INVALID + INVALID);
  assert.equal(say('APOP joe digest\r\n'), '<apop joe digest>');
  assert.match(session.credentials?.salt?.toString() ?? '', /^<\d+\.\d+@/);
});

test('AUTH alone lists the mechanisms', () => {
  assert.equal(pop3('plain cram-md5').say('AUTH\r\n'), '+OK methods supported:\r\nPLAIN\r\nLOGIN\r\nCRAM-MD5\r\n.\r\n');
  assert.equal(pop3('apop').say('AUTH\r\n'), '+OK methods supported:\r\n.\r\n');
});

test('an exchange by AUTH, and the line behind a refused answer is a command again', () => {
  const { say, state } = pop3();
  assert.equal(say('AUTH LOGIN\r\n', `${base64('joe')}\r\n`), '+ VXNlcm5hbWU6\r\n+ UGFzc3dvcmQ6\r\n');
  assert.equal(state.inSasl, true);
  assert.equal(say('*\r\n', 'NOOP\r\n'), `${INVALID}+OK\r\n`);
  assert.equal(state.inSasl, false);
});

test('in clear, starttls decides what is offered and taken', () => {
  const on = pop3('plain', 'on');
  assert.match(on.say('CAPA\r\n'), /SASL PLAIN LOGIN\r\nSTLS\r\n\.\r\n$/);
  assert.equal(on.say('USER joe\r\n'), '+OK\r\n');
  const only = pop3('plain apop', 'only');
  assert.equal(only.say('CAPA\r\n'), '+OK Capability list follows\r\nX\r\nSTLS\r\n.\r\n');
  assert.equal(only.say('USER joe\r\n', 'APOP a b\r\n', 'AUTH\r\n', 'AUTH PLAIN\r\n'), INVALID.repeat(4));
  assert.equal(only.say('STLS x\r\n'), '<starttls>+OK\r\n');
  assert.equal(pop3('plain', 'off').say('STLS\r\n'), INVALID);
});

test('after STARTTLS, and after a refused login, the user has to be given again', () => {
  for (const forget of ['forgetClear', 'restart'] as const) {
    const { say, state } = pop3();
    say('USER joe\r\n');
    state[forget]();
    assert.equal(say('PASS x\r\n'), INVALID);
  }
});

test('the words of a refusal', () => {
  assert.equal(
    pop3().state.denied(Buffer.from('no such user'), Buffer.from('535')).toString(),
    '-ERR no such user\r\n',
  );
});
