// STARTTLS before a login, with replies that arrive whole and byte by byte: what is said, and where it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imapUpgrade } from '../../../../src/mail/imap/upgrade.ts';
import { pop3Upgrade } from '../../../../src/mail/pop3/upgrade.ts';
import { begins, type Dialogue, MORE, refused, send } from '../../../../src/mail/session/dialogue.ts';
import { securedLogin, type Upgrade } from '../../../../src/mail/session/upgrade.ts';
import { smtpUpgrade } from '../../../../src/mail/smtp/upgrade.ts';
import { bytes } from '../doubles.ts';
import { type Driven, drive } from '../drive.ts';

/** Tells what it was greeted with. */
function* login(): Dialogue {
  const greeting = yield MORE;
  const reply = yield send(Buffer.concat([bytes('LOGIN '), greeting]), 'sending password to upstream', true);
  return begins(reply, bytes('OK')) ? { kind: 'logged-in', first: Buffer.from(reply) } : refused(reply);
}

interface Protocol {
  readonly upgrade: () => Upgrade;
  /** Replies of a backend that is as it should be, the last one to the login. */
  readonly replies: readonly string[];
  readonly sent: readonly string[];
  /** Which of the replies is the last one in clear. */
  readonly go: number;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  imap: {
    upgrade: imapUpgrade,
    replies: [
      '* OK hi\r\n',
      '* 1 X\r\n* CAPABILITY IMAP4rev1 starttls\r\nS1 OK\r\n',
      '* Y\r\nS2 OK go\r\n',
      '* CAPABILITY IMAP4rev1 SASL-IR\r\nS3 OK\r\n',
      'OK in\r\n',
    ],
    sent: [
      'S1 CAPABILITY\r\n',
      'S2 STARTTLS\r\n',
      '(TLS)',
      'S3 CAPABILITY\r\n',
      'LOGIN * OK [CAPABILITY IMAP4rev1 SASL-IR]\r\n',
    ],
    go: 2,
  },
  pop3: {
    upgrade: pop3Upgrade,
    replies: ['+OK hi\r\n', '+OK\r\nTOP\r\nstls\r\n.\r\n', '+OK go\r\n', '+OK\r\n.\r\n', 'OK in\r\n'],
    sent: ['CAPA\r\n', 'STLS\r\n', '(TLS)', 'CAPA\r\n', 'LOGIN +OK\r\n'],
    go: 2,
  },
  smtp: {
    upgrade: () => smtpUpgrade('mx.example.org'),
    replies: ['220-hi\r\n220 there\r\n', '250-a\r\n250-starttls\r\n250 b\r\n', '220-go\r\n220 on\r\n', 'OK in\r\n'],
    sent: ['EHLO mx.example.org\r\n', 'STARTTLS\r\n', '(TLS)', 'LOGIN 220 \r\n'],
    go: 2,
  },
};

const said = ({ upgrade }: Protocol, replies: readonly string[], piece?: number): Driven =>
  drive(securedLogin(upgrade(), login()), replies, piece);

for (const [name, protocol] of Object.entries(PROTOCOLS)) {
  test(`${name}: the login comes behind TLS, and is greeted with what was said there`, () => {
    for (const piece of [undefined, 1, 2, 7]) {
      const driven = said(protocol, protocol.replies, piece);
      assert.deepEqual(driven.sent, protocol.sent);
      assert.deepEqual(driven.secrets, [protocol.sent.at(-1)]);
      assert.equal(driven.end, 'in: OK in\r\n');
    }
  });

  test(`${name}: whatever is said in clear, no login comes before TLS, and nothing of it is for the client`, () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...protocol.replies,
        '* PREAUTH x\r\n',
        '* BYE\r\n',
        'S2 OK\r\n',
        '+OK\r\n',
        '220 \r\n',
        '250 \r\n',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${text}\r\n`),
    );
    const talk = fc.array(
      fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('')),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(talk, (replies) => {
        const { sent, secrets, end } = said(protocol, replies);
        const tls = sent.indexOf('(TLS)');
        if (tls >= 0) return;
        assert.deepEqual(secrets, []);
        assert.match(end, /^waits$|^failed: upstream /);
      }),
    );
  });

  test(`${name}: anything behind the answer to STARTTLS ends it`, () => {
    const upTo = protocol.replies.slice(0, protocol.go);
    const go = protocol.replies[protocol.go] ?? '';
    for (const more of ['\r\n', 'x\r\n', go, protocol.replies[protocol.go + 1] ?? '']) {
      const { sent, end } = said(protocol, [...upTo, go + more]);
      assert.ok(!sent.includes('(TLS)'), JSON.stringify(more));
      assert.match(end, /^failed: upstream sent (?:data behind its answer to STARTTLS|invalid response)/);
    }
  });
}
