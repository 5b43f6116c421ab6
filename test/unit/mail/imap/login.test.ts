// The login at an IMAP backend, with replies that arrive whole and byte by byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { imapLogin } from '../../../../src/mail/imap/login.ts';
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
