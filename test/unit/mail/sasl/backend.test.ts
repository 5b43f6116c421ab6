// SASL at a backend: whatever the backend says, and however it comes, the exchange ends, and says no more than it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imapLogin } from '../../../../src/mail/imap/login.ts';
import { pop3Login } from '../../../../src/mail/pop3/login.ts';
import type { BackendMechanism } from '../../../../src/mail/session/backend-auth.ts';
import { namedMechanism } from '../../../../src/mail/session/backend-auth.ts';
import type { Dialogue } from '../../../../src/mail/session/dialogue.ts';
import { smtpLogin } from '../../../../src/mail/smtp/login.ts';
import { base64 } from '../../../support/bytes.ts';
import { bytes, stage } from '../doubles.ts';
import { drive } from '../drive.ts';

const SASL = ['plain', 'xoauth2', 'oauthbearer', 'external'] as const;
/** LOGIN of IMAP, and USER and PASS, are no SASL. */
const MECHANISMS = { imap: SASL, pop3: SASL, smtp: [...SASL, 'login' as const] };
const USER = 'jo=e';
const PASS = 's3cret';

function credentials() {
  return { method: 'plain' as const, user: bytes(USER), pass: bytes(PASS), salt: undefined };
}

const BEGIN: Readonly<Record<'imap' | 'pop3' | 'smtp', (mechanism: BackendMechanism) => Dialogue | undefined>> = {
  imap: (mechanism) => imapLogin(bytes('a '), credentials(), 'literal', mechanism),
  pop3: (mechanism) => pop3Login(credentials(), mechanism),
  smtp: (mechanism) => {
    const { session } = stage();
    session.use('plain', bytes(USER), bytes(PASS));
    const envelope = { helo: undefined, esmtp: false, from: undefined, to: undefined };
    return smtpLogin(session, envelope, { xclient: false, imapLogin: 'literal' }, mechanism);
  },
};

/** Each is one reply, or nothing like it. */
const REPLIES = {
  imap: [
    '+ \r\n',
    '+\r\n',
    '+ eyJ9\r\n',
    'a OK in\r\n',
    'a NO no\r\n',
    '* X\r\n',
    '* X\r\na OK in\r\n',
    'b OK\r\n',
    '* OK\r\n',
  ],
  pop3: ['+ \r\n', '+\r\n', '+ eyJ9\r\n', '+OK in\r\n', '-ERR no\r\n', 'x\r\n', '+x\r\n'],
  smtp: [
    '334 \r\n',
    '334 eyJ9\r\n',
    '235 in\r\n',
    '235-a\r\n235 in\r\n',
    '535 no\r\n',
    '250 ok\r\n',
    'x y z\r\n',
    '334-a\r\n334 b\r\n',
  ],
};
const GREETINGS = {
  imap: ['* OK hi\r\n', '* OK [CAPABILITY IMAP4rev1 SASL-IR] hi\r\n'],
  pop3: ['+OK hi\r\n'],
  smtp: ['220 hi\r\n'],
};

for (const name of ['imap', 'pop3', 'smtp'] as const) {
  test(`${name}: the same however the replies are cut, and never more than five lines`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MECHANISMS[name]),
        fc.constantFrom(...GREETINGS[name]),
        fc.array(fc.constantFrom(...REPLIES[name]), { maxLength: 7 }),
        fc.integer({ min: 1, max: 9 }),
        (mechanism, greeting, replies, piece) => {
          const all = [greeting, ...(name === 'smtp' ? ['250 ok\r\n'] : []), ...replies];
          const run = (size?: number) => {
            const dialogue = BEGIN[name](mechanism);
            assert.ok(dialogue !== undefined);
            return drive(dialogue, all, size);
          };
          const expected = run();
          assert.deepEqual(run(1), expected);
          assert.deepEqual(run(piece), expected);
          assert.ok(expected.sent.length <= 5, expected.sent.join());
        },
      ),
      { numRuns: 500 },
    );
  });
}

test('user and password stand in what is secret, and nowhere else', () => {
  const forms = [USER, PASS, base64(PASS), base64(USER)];
  for (const mechanism of SASL) {
    const dialogue = BEGIN.smtp(mechanism);
    assert.ok(dialogue !== undefined);
    const { sent, secrets } = drive(dialogue, ['220 hi\r\n', '250 ok\r\n', '334 \r\n', '535 no\r\n']);
    for (const line of sent.filter((text) => !secrets.includes(text))) {
      for (const form of forms) assert.ok(!line.includes(form), line);
    }
  }
});

test('names of mechanisms in an answer of the auth server, in any case, and no others', () => {
  for (const name of ['none', 'LOGIN', 'Plain', 'xoauth2', 'OAUTHBEARER', 'external']) {
    assert.equal(namedMechanism(bytes(name)), name.toLowerCase());
  }
  for (const name of ['', 'pass', 'cram-md5', 'plain\0', 'x'.repeat(1000)])
    assert.equal(namedMechanism(bytes(name)), undefined);
});
