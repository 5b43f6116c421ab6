// The login at an IMAP backend, with replies that arrive whole and byte by byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imapLogin } from '../../../../src/mail/imap/login.ts';
import { decodePlain } from '../../../../src/mail/sasl/mechanisms.ts';
import { decodeOauthBearer, decodeXoauth2 } from '../../../../src/mail/sasl/oauth.ts';
import type { BackendMechanism } from '../../../../src/mail/session/backend-auth.ts';
import { base64 } from '../../../support/bytes.ts';
import { bytes } from '../doubles.ts';
import { type Driven, drive } from '../drive.ts';

function login(replies: readonly string[], piece?: number, user = 'joe', pass = 'secret', tag = 'a '): Driven {
  const dialogue = imapLogin(
    bytes(tag),
    { method: 'plain', user: bytes(user), pass: bytes(pass), salt: undefined },
    'literal',
  );
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

const HELLO = ['* OK hi\r\n', '+ OK\r\n', '+ OK\r\n'];
const end = (last: string, piece?: number): string => login([...HELLO, last], piece).end;

test('user and password go as literals, each after a continuation', () => {
  for (const piece of [undefined, 1]) {
    assert.deepEqual(login([...HELLO, 'a OK in\r\n'], piece), {
      sent: ['a LOGIN {3}\r\n', 'joe {6}\r\n', 'secret\r\n'],
      actions: ['sending LOGIN command to upstream', 'sending user name to upstream', 'sending password to upstream'],
      secrets: ['secret\r\n'],
      end: 'in: a OK in\r\n',
    });
  }
});

test('any byte passes, and its length is told right', () => {
  const latin1 = fc.uint8Array({ maxLength: 30 }).map((data) => Buffer.from(data).toString('latin1'));
  fc.assert(
    fc.property(latin1, latin1, (user, pass) => {
      const { sent } = login([...HELLO, 'a OK in\r\n'], undefined, user, pass);
      assert.deepEqual(sent, [`a LOGIN {${user.length}}\r\n`, `${user} {${pass.length}}\r\n`, `${pass}\r\n`]);
    }),
  );
});

test('one untagged line before the tagged one goes to the client as well', () => {
  for (const piece of [undefined, 1, 2, 7]) {
    assert.equal(end('* CAPABILITY IMAP4\r\na OK in\r\n', piece), 'in: * CAPABILITY IMAP4\r\na OK in\r\n');
  }
  assert.equal(end('* CAPABILITY IMAP4\r\n'), 'waits');
  assert.equal(end('* CAPABILITY IMAP4\r\na\r\n', 1), 'waits', 'three bytes are no reply');
});

test('two untagged lines are refused', () => {
  assert.equal(end('* A\r\n* B\r\na OK in\r\n'), 'refused: * B\r\na OK in | * A\r\n* B\r\na OK in\r\n');
});

test('what the backend says behind the tagged line goes along', () => {
  assert.equal(end('a OK in\r\n* 1 EXISTS\r\n'), 'in: a OK in\r\n* 1 EXISTS\r\n');
});

test('the log shows a refusal without the untagged line and the tag', () => {
  assert.equal(end('a NO bad stuff\r\n'), 'refused: NO bad stuff | a NO bad stuff\r\n');
  assert.equal(end('* X\r\na NO bad stuff\r\n'), 'refused: NO bad stuff | * X\r\na NO bad stuff\r\n');
});

test('another tag and another case are refused', () => {
  assert.equal(end('b OK in\r\n'), 'refused: b OK in | b OK in\r\n');
  assert.equal(end('a ok in\r\n'), 'refused: ok in | a ok in\r\n');
  assert.equal(end('aa OK in\r\n'), 'refused: aa OK in | aa OK in\r\n');
});

test('a greeting that is not OK ends the login before a word is said', () => {
  for (const greeting of ['* BYE no', '* PREAUTH hi', '* ok hi', '+ OK hi', 'junk']) {
    const { sent, end } = login([`${greeting}\r\n`]);
    assert.deepEqual(sent, []);
    assert.equal(end, `refused: ${greeting} | ${greeting}\r\n`);
  }
});

test('no continuation, no password', () => {
  assert.deepEqual(login(['* OK hi\r\n', 'a BAD no\r\n']).sent, ['a LOGIN {3}\r\n']);
  const driven = login(['* OK hi\r\n', '+ OK\r\n', 'a NO who?\r\n']);
  assert.deepEqual(driven.secrets, []);
  assert.equal(driven.end, 'refused: a NO who? | a NO who?\r\n');
});

test('the tag is the one of the client, even an empty one', () => {
  const { sent, end } = login([...HELLO, ' OK in\r\n'], 1, 'u', 'p', ' ');
  assert.equal(sent[0], ' LOGIN {1}\r\n');
  assert.equal(end, 'in:  OK in\r\n');
});

test('without a password there is no login', () => {
  const user = bytes('joe');
  assert.equal(imapLogin(bytes('a '), undefined, 'quoted'), undefined);
  assert.equal(
    imapLogin(bytes('a '), { method: 'external', user, pass: undefined, salt: undefined }, 'literal'),
    undefined,
  );
  assert.equal(login([...HELLO, 'a OK\r\n'], 1, '', '').end, 'in: a OK\r\n', 'an empty one is a password');
});

function quoted(user: string, pass: string, replies: readonly string[], piece?: number): Driven {
  const credentials = { method: 'plain', user: bytes(user), pass: bytes(pass), salt: undefined } as const;
  const dialogue = imapLogin(bytes('a '), credentials, 'quoted');
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

test('quoted: one line says all, and is overwritten', () => {
  for (const piece of [undefined, 1]) {
    assert.deepEqual(quoted('joe', 'se cret', ['* OK hi\r\n', 'a OK in\r\n'], piece), {
      sent: ['a LOGIN "joe" "se cret"\r\n'],
      actions: ['sending LOGIN command to upstream'],
      secrets: ['a LOGIN "joe" "se cret"\r\n'],
      end: 'in: a OK in\r\n',
    });
  }
  assert.equal(quoted('joe', 'x', ['* BYE\r\n']).end, 'refused: * BYE | * BYE\r\n');
  assert.equal(quoted('joe', 'x', ['* OK hi\r\n', 'a NO bad\r\n']).end, 'refused: NO bad | a NO bad\r\n');
});

test('quoted: quotes and backslashes are escaped, and nothing is no word', () => {
  const [line] = quoted('j"o\\e', '', ['* OK hi\r\n']).sent;
  assert.equal(line, 'a LOGIN "j\\"o\\\\e" ""\r\n');
});

test('quoted: what a quoted string cannot carry, or a line, goes as literals', () => {
  for (const [user, pass] of [
    ['j\xf6e', 'x'],
    ['joe', 'x\ty'],
    ['joe', 'x\r\n'],
    ['j\0e', 'x'],
    ['joe', '\x7f'],
    ['joe', 'x'.repeat(1000)],
  ] as const) {
    assert.deepEqual(quoted(user, pass, ['* OK hi\r\n']).sent, [`a LOGIN {${user.length}}\r\n`], JSON.stringify(pass));
  }
});

test('quoted: what a server reads back is what was said', () => {
  const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 100 });
  fc.assert(
    fc.property(printable, printable, (user, pass) => {
      const [line = ''] = quoted(user, pass, ['* OK hi\r\n']).sent;
      const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word.replace(/\\(.)/g, '$1'));
      assert.deepEqual(words, [user, pass]);
    }),
  );
});

function sasl(
  mechanism: BackendMechanism,
  replies: readonly string[],
  piece?: number,
  user = 'joe',
  pass?: string,
): Driven {
  const credentials = { method: 'plain' as const, user: bytes(user), pass: bytes(pass ?? 'secret'), salt: undefined };
  const dialogue = imapLogin(bytes('a '), credentials, 'literal', mechanism);
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

const PLAIN = base64('\0joe\0secret');
const WITH_IR = '* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+] hi\r\n';

test('AUTHENTICATE waits for the prompt, unless the greeting announces initial responses', () => {
  for (const piece of [undefined, 1]) {
    const prompted = sasl('plain', ['* OK hi\r\n', '+ \r\n', 'a OK in\r\n'], piece);
    assert.deepEqual(prompted.sent, ['a AUTHENTICATE PLAIN\r\n', `${PLAIN}\r\n`]);
    assert.deepEqual(prompted.secrets, [`${PLAIN}\r\n`]);
    assert.equal(prompted.end, 'in: a OK in\r\n');
    const initial = sasl('plain', [WITH_IR, 'a OK in\r\n'], piece);
    assert.deepEqual(initial.sent, [`a AUTHENTICATE PLAIN ${PLAIN}\r\n`]);
    assert.deepEqual(initial.secrets, initial.sent);
    assert.equal(initial.end, 'in: a OK in\r\n');
  }
  for (const greeting of ['* OK SASL-IR\r\n', '* OK [CAPABILITY XSASL-IR] hi\r\n', '* OK [ALERT] [SASL-IR] hi\r\n']) {
    assert.deepEqual(sasl('plain', [greeting]).sent, ['a AUTHENTICATE PLAIN\r\n']);
  }
});

test('a prompt without a space is one', () => {
  for (const piece of [undefined, 1]) {
    assert.equal(sasl('xoauth2', ['* OK hi\r\n', '+\r\n', 'a OK in\r\n'], piece).end, 'in: a OK in\r\n');
  }
});

test('each mechanism says its message', () => {
  const said = (mechanism: BackendMechanism, user?: string): string =>
    sasl(mechanism, ['* OK hi\r\n', '+ \r\n'], undefined, user).sent[1] ?? '';
  assert.equal(said('xoauth2'), `${base64('user=joe\x01auth=Bearer secret\x01\x01')}\r\n`);
  assert.equal(said('oauthbearer', 'j,o=e'), `${base64('n,a=j=2Co=3De,\x01auth=Bearer secret\x01\x01')}\r\n`);
  assert.equal(said('external'), `${base64('joe')}\r\n`);
  assert.equal(said('external', ''), '\r\n');
  assert.deepEqual(sasl('external', [WITH_IR], undefined, '').sent, ['a AUTHENTICATE EXTERNAL =\r\n']);
});

test('untagged lines before the tagged one go to the client, as many as there are', () => {
  const lines = '* CAPABILITY X\r\n* OK [ALERT] y\r\n';
  for (const piece of [undefined, 1, 7]) {
    assert.equal(sasl('plain', [WITH_IR, `${lines}a OK in\r\n`], piece).end, `in: ${lines}a OK in\r\n`);
    assert.equal(sasl('plain', [WITH_IR, lines], piece).end, 'waits');
    assert.equal(sasl('plain', [WITH_IR, `${lines}a NO x\r\n`], piece).end, `refused: NO x | ${lines}a NO x\r\n`);
  }
  assert.equal(sasl('plain', [WITH_IR, 'b OK in\r\n']).end, 'refused: b OK in | b OK in\r\n');
});

test('an error in a challenge is acknowledged, and the refusal is that of the tagged line', () => {
  for (const [mechanism, word] of [
    ['xoauth2', ''],
    ['oauthbearer', 'AQ=='],
    ['plain', '*'],
  ] as const) {
    const driven = sasl(mechanism, [WITH_IR, '+ eyJ9\r\n', 'a NO no\r\n'], 1);
    assert.equal(driven.sent[1], `${word}\r\n`);
    assert.equal(driven.end, 'refused: NO no | a NO no\r\n');
  }
  assert.match(sasl('plain', [WITH_IR, '+ x\r\n', '+ y\r\n']).end, /^refused/, 'nobody prompts without end');
});

test('a greeting that is not OK ends AUTHENTICATE too before a word is said', () => {
  for (const greeting of ['* PREAUTH [CAPABILITY SASL-IR] hi\r\n', '* BYE\r\n']) {
    assert.deepEqual(sasl('plain', [greeting]).sent, []);
  }
});

test('what would move the border between user and token is not said', () => {
  const begun = (mechanism: BackendMechanism, user: string, pass: string): unknown =>
    imapLogin(
      bytes('a '),
      { method: 'plain', user: bytes(user), pass: bytes(pass), salt: undefined },
      'literal',
      mechanism,
    );
  for (const mechanism of ['plain', 'external', 'xoauth2', 'oauthbearer'] as const) {
    assert.equal(begun(mechanism, 'j\0e', 'x'), undefined);
    assert.equal(begun(mechanism, 'joe', 'x\0'), undefined);
  }
  for (const mechanism of ['xoauth2', 'oauthbearer'] as const) {
    assert.equal(begun(mechanism, 'j\x01e', 'x'), undefined);
    assert.equal(begun(mechanism, 'joe', '\x01x'), undefined);
    assert.notEqual(begun(mechanism, 'j\r\ne', 'x\r\n'), undefined, 'base64 has no line ends');
  }
  assert.equal(begun('none', 'joe', 'x'), undefined);
});

test('any user and any token arrive as they are, by each mechanism', () => {
  const value = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((data) => Buffer.from(data).toString('latin1'));
  fc.assert(
    fc.property(value, value, (name, secret) => {
      const user = name.replaceAll('\0', 'x').replaceAll('\x01', 'x');
      const token = secret.replaceAll('\0', 'x').replaceAll('\x01', 'x');
      for (const [mechanism, decode] of [
        ['xoauth2', decodeXoauth2],
        ['oauthbearer', decodeOauthBearer],
        ['plain', decodePlain],
      ] as const) {
        const [, said = ''] = sasl(mechanism, ['* OK hi\r\n', '+ \r\n'], undefined, user, token).sent;
        const pair = decode(bytes(said.trimEnd()));
        assert.ok(pair.kind === 'pair');
        assert.deepEqual([pair.user.toString('latin1'), pair.pass.toString('latin1')], [user, token]);
      }
    }),
  );
});
