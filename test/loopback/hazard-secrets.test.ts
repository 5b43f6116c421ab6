// Hazard: a password in the error log, in any form, at any level. Each canary stands where a password may come by.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { base64, latin1, saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { accept, refuse, response } from '../support/fake-auth.ts';
import { type Answer, Arena } from '../support/mail-spec/arena.ts';

/** No piece of it stands anywhere else. */
const CANARY = 'zqXJ7kWvPw';
const LONG = CANARY.repeat(500);

/** Every form in which it could be written: as it is, in hex, and the parts of its base64 that do not depend on neighbours. */
const FORMS: readonly RegExp[] = [
  new RegExp(CANARY.slice(0, 6), 'i'),
  new RegExp(latin1(CANARY).toString('hex'), 'i'),
  ...[0, 1, 2].map(
    (shift) =>
      new RegExp(
        base64('\0'.repeat(shift) + CANARY)
          .slice(4, 10)
          .replaceAll('+', '\\+'),
      ),
  ),
];

interface Secret {
  readonly name: string;
  readonly block: string;
  /** Nothing is awaited before it is sent. */
  readonly early?: true;
  readonly bytes: (user: string) => string;
  /** Sent when the first line has been answered, so that it stands at the front of the buffer. */
  readonly response?: string;
  readonly answer?: Answer;
  /** How many records the session leaves at least (2); nothing more is waited for. */
  readonly records?: number;
}

const answered = (name: string, answer: Answer): Secret => ({
  name,
  block: 'imap',
  bytes: (user) => `a LOGIN ${user} ${CANARY}\r\n`,
  answer,
});

const SECRETS: readonly Secret[] = [
  { name: 'too long a LOGIN', block: 'imap', bytes: (user) => `a LOGIN ${user} ${LONG}` },
  { name: 'too long a LOGIN in quotes', block: 'imap', bytes: (user) => `a LOGIN "${user}" "${LONG}` },
  { name: 'too long a LOGIN with an empty tag', block: 'imap', bytes: (user) => ` LOGIN ${user} ${LONG}` },
  {
    name: 'too long a LOGIN by literals',
    block: 'imap',
    bytes: (user) => `a LOGIN {8+}\r\n${user} {5000+}\r\n${LONG}`,
  },
  { name: 'a literal that says NOOP', block: 'imap', bytes: () => `a LOGIN {5000+}\r\nb NOOP ${LONG}` },
  {
    name: 'too long a LOGIN behind harmless commands',
    block: 'imap',
    bytes: (user) => `${'a NOOP\r\n'.repeat(40)}b LOGIN ${user} ${LONG}`,
  },
  { name: 'a LOGIN without a tag, too long', block: 'imap', bytes: (user) => `LOGIN ${user} ${LONG}` },
  { name: 'an unknown word, too long', block: 'imap', bytes: (user) => `a LOGON ${user} ${LONG}` },
  { name: 'a harmless word with letters behind it', block: 'imap', bytes: () => `a NOOPX ${LONG}` },
  { name: 'too long an initial response', block: 'imap', bytes: () => `a AUTHENTICATE PLAIN ${base64(LONG)}` },
  { name: 'too long a response', block: 'imap', bytes: () => `a AUTHENTICATE PLAIN\r\n${base64(LONG)}` },
  {
    name: 'a response that looks like a command',
    block: 'imap',
    bytes: () => `a AUTHENTICATE PLAIN\r\nb NOOP ${LONG}`,
  },
  {
    name: 'too long a password of AUTHENTICATE LOGIN',
    block: 'imap',
    bytes: (user) => `a AUTHENTICATE LOGIN ${base64(user)}\r\n${base64(LONG)}`,
  },
  {
    name: 'what is in a buffer with a response',
    block: 'imap',
    bytes: () => `a AUTHENTICATE PLAIN\r\n${base64(CANARY)}\r\na NOOP ${'x'.repeat(5000)}`,
  },
  { name: 'bad base64', block: 'imap', bytes: () => `a AUTHENTICATE PLAIN *${CANARY}\r\n` },
  {
    name: 'CRAM-MD5 with the password for a response',
    block: 'imap',
    bytes: () => `a AUTHENTICATE CRAM-MD5\r\n${base64(CANARY)}\r\n`,
  },
  {
    name: 'PLAIN without a password but with it for a user',
    block: 'imap',
    bytes: () => `a AUTHENTICATE PLAIN ${base64(`\0${CANARY}`)}\r\n`,
  },
  { name: 'too many invalid commands', block: 'imap', bytes: () => `${CANARY}\r\n`.repeat(6) },

  { name: 'too long a PASS', block: 'pop3', bytes: (user) => `USER ${user}\r\nPASS ${LONG}` },
  { name: 'too long a PASS in any case', block: 'pop3', bytes: () => `pAsS ${LONG}` },
  { name: 'too long an APOP', block: 'pop3', bytes: (user) => `APOP ${user} ${LONG}` },
  {
    name: 'a PASS that does not fit behind harmless commands',
    block: 'pop3',
    bytes: () => `${'NOOP\r\n'.repeat(18)}PASS ${LONG}`,
  },
  { name: 'too long an AUTH', block: 'pop3', bytes: () => `AUTH PLAIN ${base64(LONG)}` },
  { name: 'too long a response in POP3', block: 'pop3', bytes: () => `AUTH PLAIN\r\n${base64(LONG)}` },

  { name: 'too long an AUTH of SMTP', block: 'smtp', bytes: () => `AUTH PLAIN ${base64(LONG)}` },
  {
    name: 'too long a response in SMTP',
    block: 'smtp',
    bytes: () => `AUTH LOGIN\r\n${base64('x')}\r\n${base64(LONG)}`,
  },
  {
    name: 'AUTH PLAIN pipelined behind a refused MAIL',
    block: 'smtp',
    bytes: () => `MAIL FROM:<a>\r\nAUTH PLAIN ${saslPlain('u', CANARY)}`,
  },
  {
    name: 'AUTH LOGIN and its responses pipelined behind a refused MAIL',
    block: 'smtp',
    bytes: (user) => `EHLO c\r\nMAIL FROM:<a>\r\nAUTH LOGIN\r\n${base64(user)}\r\n${base64(CANARY)}\r\n`,
    answer: () => refuse('no'),
  },
  {
    name: 'a refused MAIL behind a response',
    block: 'smtp',
    bytes: () => `AUTH PLAIN *${CANARY}\r\nMAIL FROM:<a>\r\n`,
  },
  {
    name: 'AUTH before the greeting',
    block: 'delay',
    early: true,
    bytes: () => `EHLO c\r\nAUTH PLAIN ${saslPlain('u', CANARY)}\r\n`,
  },
  {
    name: 'a LOGIN where a PROXY header should be',
    block: 'proxied',
    early: true,
    bytes: (user) => `a LOGIN ${user} ${CANARY}\r\n`,
  },

  ...(
    [
      ['imap', 'a AUTHENTICATE PLAIN\r\n', 'b NOOP'],
      ['pop3', 'AUTH PLAIN\r\n', 'NOOP'],
      ['smtp', 'AUTH PLAIN\r\n', 'EHLO'],
    ] as const
  ).map(
    ([block, command, word]): Secret => ({
      name: `too long a response of ${block} that begins like a harmless command`,
      block,
      bytes: () => command,
      response: `${word} ${LONG}`,
    }),
  ),

  ...['XOAUTH2', 'OAUTHBEARER'].flatMap((mechanism): Secret[] => {
    const whole = (token: string): string =>
      base64(mechanism === 'XOAUTH2' ? `user=joe\x01auth=Bearer ${token}` : `n,a=joe,\x01auth=Bearer ${token}`);
    return [
      {
        name: `too long a token of ${mechanism}`,
        block: 'imap',
        bytes: () => `a AUTHENTICATE ${mechanism} ${whole(LONG)}`,
      },
      {
        name: `too long a token of ${mechanism} in an answer`,
        block: 'imap',
        bytes: () => `a AUTHENTICATE ${mechanism}\r\n${whole(LONG)}`,
      },
      {
        name: `too long a token of ${mechanism} for POP3`,
        block: 'pop3',
        bytes: () => `AUTH ${mechanism} ${whole(LONG)}`,
      },
      {
        name: `${mechanism} broken off`,
        block: 'imap',
        bytes: () => `a AUTHENTICATE ${mechanism} ${whole(CANARY)}\r\n`,
      },
      {
        name: `${mechanism} with the token for a user`,
        block: 'imap',
        bytes: () => `a AUTHENTICATE ${mechanism} ${base64(`${CANARY}\x01auth=Bearer x\x01\x01`)}\r\n`,
      },
    ];
  }),
  {
    name: 'a token instead of the answer to an error',
    block: 'imap',
    bytes: (user) => `a AUTHENTICATE XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${CANARY}\x01\x01`)}\r\n`,
    answer: () => refuse('no', 'Auth-Error-SASL: e30='),
    response: LONG,
  },
  {
    name: 'a token that is refused',
    block: 'imap',
    bytes: (user) => `a AUTHENTICATE XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${CANARY}\x01\x01`)}\r\n`,
    answer: () => refuse('no'),
  },

  answered('a login that works', accept),
  answered('a login that is refused', () => refuse('no')),
  answered('a login without a backend', () => response()),
  answered('Auth-Pass, and a backend that refuses', (backend) => {
    backend.script = async (peer) => {
      await peer.send('* BYE no\r\n');
    };
    return accept(backend, `Auth-Pass: ${CANARY}`);
  }),
  answered('Auth-Pass and a refusal', () => refuse('no', `Auth-Pass: ${CANARY}`)),
  answered('Auth-Pass and a bad header behind it', () => response(`Auth-Pass: ${CANARY}`, 'bad_header: x')),
  answered('Auth-Pass with a bad byte', () => response(`Auth-Pass: ${CANARY}\rx`)),
  // nginx says nothing about such a reply.
  { ...answered('Auth-Pass in too long a reply', (backend) => accept(backend, `Auth-Pass: ${LONG}`)), records: 1 },
];

describe('passwords in the error log at level debug', () => {
  const scope = new Cleanup();
  let arena: Arena;
  before(async () => {
    arena = await Arena.start(scope, {
      logLevel: 'debug',
      blocks: {
        imap: { protocol: 'imap', conf: 'imap_auth plain cram-md5 xoauth2 oauthbearer;' },
        pop3: { protocol: 'pop3', conf: 'pop3_auth plain apop xoauth2 oauthbearer;' },
        smtp: { protocol: 'smtp' },
        delay: { protocol: 'smtp', conf: 'smtp_greeting_delay 60s;' },
        proxied: { protocol: 'imap', listen: '@proxied@ proxy_protocol' },
      },
    });
  });
  after(() => scope.run());

  async function say(t: TestContext, secret: Secret): Promise<void> {
    const stage = await arena.stage(t, arena.protocol(secret.block), { answers: [secret.answer ?? accept] });
    const since = arena.logged();
    const wire = secret.early === true ? await arena.server.connect(secret.block) : await arena.open(t, secret.block);
    t.after(() => wire.destroy());
    const connected = arena.connected(secret.block, wire);
    await wire.send(secret.bytes(stage.user));
    if (secret.response !== undefined) {
      await wire.line();
      await wire.send(secret.response);
    }
    wire.end();
    await wire.closed();
    const count = secret.records ?? 2;
    const records = await arena.records(connected, count, since);
    const text = records.join('\n');
    assert.ok(records.length >= count, text);
    for (const form of FORMS) assert.doesNotMatch(text, form);
  }

  describe('none of', { concurrency: 16 }, () => {
    for (const secret of SECRETS) test(secret.name, (t) => say(t, secret));
  });
  test('nor anything else of the whole log', () => {
    const text = arena.server.log.text() + arena.server.stderr;
    for (const form of FORMS) assert.doesNotMatch(text, form);
    assert.match(text, /client sent too long command "a \xe2\x80\xa6" while/);
    assert.match(text, /client was rejected: "MAIL FROM:<a>__\xe2\x80\xa6" while/);
  });
});
