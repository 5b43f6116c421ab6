// SMTP before the relay: what is remembered, what is forgotten, and which reply it makes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saslPlain } from '../../../support/bytes.ts';
import { type Conversation, converse } from '../converse.ts';
import { bytes, CLIENT, isZero } from '../doubles.ts';

const OK = '250 2.0.0 OK\r\n';
const INVALID = '500 5.5.1 Invalid command\r\n';
const ARGUMENT = '501 5.5.4 Invalid argument\r\n';
const SEQUENCE = '503 5.5.1 Bad sequence of commands\r\n';

const smtp = (auth = 'plain none', starttls: 'off' | 'on' | 'only' = 'off'): Conversation =>
  converse(25, `smtp_auth ${auth}; server_name mx;`, { starttls });

/** The envelope lines of the auth request. */
const envelope = ({ state }: Conversation): string => state.authHeaders?.().envelope?.toString('latin1') ?? '';

test('the fixed replies', () => {
  const { say, state } = smtp();
  assert.equal(state.greeting().toString(), '220 mx ESMTP ready\r\n');
  assert.equal(say('HELO a\r\n', 'NOOP x\r\n', 'RSET x\r\n'), `250 mx\r\n${OK}${OK}`);
  assert.equal(say('EHLO a\r\n'), '250-mx\r\n250 AUTH PLAIN\r\n');
  assert.equal(say('QUIT\r\n'), '<quit>221 2.0.0 Bye\r\n');
  assert.equal(say('HELO\r\n', 'EHLO a b\r\n', 'AUTH\r\n'), ARGUMENT.repeat(3));
  assert.equal(say('VRFY a\r\n', 'EXPN a\r\n', 'HELP\r\n', 'DATA\r\n'), INVALID.repeat(4));
});

test('MAIL and RCPT with method none, as they were typed', () => {
  const talk = smtp();
  assert.equal(talk.say('RCPT TO:<b>\r\n'), SEQUENCE);
  assert.equal(talk.say('MAIL\r\n'), ARGUMENT);
  assert.equal(talk.say('MAIL   FROM:<a b>   SIZE=1  \r\n'), OK);
  assert.equal(talk.say('MAIL FROM:<c>\r\n'), SEQUENCE);
  assert.equal(talk.say('RCPT\r\n'), ARGUMENT);
  assert.equal(talk.say('rcpt TO:<b>\r\n'), '<none  undefined>');
  assert.equal(
    envelope(talk),
    'Auth-SMTP-Helo: \r\nAuth-SMTP-From: MAIL   FROM:<a b>   SIZE=1\r\nAuth-SMTP-To: rcpt TO:<b>\r\n',
  );
});

test('MAIL needs method none, and its refusal is logged without what may be secret', () => {
  const { say, recording } = smtp('plain');
  assert.equal(say(`MAIL FROM:<a>\r\n`), '530 5.7.1 Authentication required\r\n');
  assert.equal(say('RCPT TO:<a>\r\n'), SEQUENCE);
  say(`MAIL FROM:<b>\r\nAUTH PLAIN ${saslPlain('joe', 'secret')}\r\n`);
  const [first = '', second = ''] = recording.lines;
  assert.equal(first, `[info] *1 client was rejected: "MAIL FROM:<a>__" while sending client greeting line${CLIENT}`);
  assert.match(second, /client was rejected: "MAIL FROM:<b>__/);
  assert.ok(!second.includes(saslPlain('joe', 'secret')));
});

test('RSET, HELO, EHLO and STARTTLS forget the envelope, and only STARTTLS forgets the name', () => {
  for (const line of ['RSET\r\n', 'HELO b\r\n', 'EHLO b\r\n']) {
    const { say } = smtp();
    say('EHLO a\r\n', 'MAIL FROM:<a>\r\n', line);
    assert.equal(say('RCPT TO:<b>\r\n'), SEQUENCE, line);
  }
  const talk = smtp();
  talk.say('EHLO a\r\n', 'MAIL FROM:<a>\r\n');
  talk.state.forgetClear();
  assert.equal(talk.say('RCPT TO:<b>\r\n'), SEQUENCE);
  talk.say('MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n');
  assert.match(envelope(talk), /^Auth-SMTP-Helo: \r\n/);
  const reset = smtp();
  reset.say('EHLO a\r\n', 'RSET\r\n', 'MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n');
  assert.match(envelope(reset), /^Auth-SMTP-Helo: a\r\n/);
});

test('a HELO or EHLO that is refused changes nothing', () => {
  const talk = smtp();
  talk.say('EHLO a\r\n', 'MAIL FROM:<a>\r\n', 'HELO\r\n', 'EHLO b c\r\n', 'RCPT TO:<b>\r\n');
  assert.match(envelope(talk), /^Auth-SMTP-Helo: a\r\nAuth-SMTP-From: MAIL FROM:<a>\r\n/);
});

test('after a refused RCPT the sender is still known', () => {
  const { say, state } = smtp();
  say('MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n');
  state.restart();
  assert.equal(say('MAIL FROM:<c>\r\n'), SEQUENCE);
  assert.equal(say('RCPT TO:<d>\r\n'), '<none  undefined>');
});

test('MAIL forgets who logged in before', () => {
  const { say, session } = smtp();
  const pass = bytes('secret');
  session.use('plain', bytes('joe'), pass);
  say('MAIL FROM:<a>\r\n');
  assert.ok(isZero(pass));
  assert.equal(session.credentials, undefined);
  assert.equal(session.login, undefined);
});

test('a login behind MAIL has no envelope', () => {
  const talk = smtp();
  assert.equal(talk.say('MAIL FROM:<a>\r\n', `AUTH PLAIN ${saslPlain('joe', 'x')}\r\n`), `${OK}<plain joe x>`);
  assert.equal(envelope(talk), '');
});

test('in clear, starttls decides what is offered and taken', () => {
  const on = smtp('plain none', 'on');
  assert.equal(on.say('EHLO a\r\n'), '250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n');
  assert.equal(on.say('MAIL FROM:<a>\r\n'), OK);
  assert.equal(on.say('STARTTLS x\r\n'), '<starttls>220 2.0.0 Start TLS\r\n');
  const only = smtp('plain none', 'only');
  assert.equal(only.say('EHLO a\r\n'), '250-mx\r\n250 STARTTLS\r\n');
  assert.equal(only.say('AUTH PLAIN\r\n', 'AUTH\r\n', 'MAIL FROM:<a>\r\n', 'RCPT TO:<a>\r\n'), INVALID.repeat(4));
  assert.equal(smtp('plain', 'off').say('STARTTLS\r\n'), INVALID);
});

test('the code of a refusal is the one of the auth server, or 535', () => {
  const { state } = smtp();
  assert.equal(state.denied(bytes('no'), undefined).toString(), '535 5.7.0 no\r\n');
  assert.equal(state.denied(bytes('no'), bytes('')).toString(), '535 5.7.0 no\r\n');
  assert.equal(state.denied(bytes('no'), bytes('454 4.7.0')).toString(), '454 4.7.0 no\r\n');
});

test('the client host is told for every method', () => {
  const { state, session } = smtp();
  session.clientHost = 'c.example';
  assert.equal(state.authHeaders?.().clientHost, 'c.example');
});
