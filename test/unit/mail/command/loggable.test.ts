import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loggableBuffer } from '../../../../src/mail/command/loggable.ts';

const MORE = '\u00e2\u0080\u00a6';
const shown = (protocol: 'imap' | 'pop3' | 'smtp', text: string): string =>
  loggableBuffer(protocol, Buffer.from(text, 'latin1'), false);

test('the ellipsis is UTF-8 as a byte string', () => {
  assert.equal(Buffer.from(loggableBuffer('imap', Buffer.from('x'), true), 'latin1').toString('utf8'), '…');
});

test('commands that carry no secret are shown with every byte', () => {
  for (const [protocol, text] of [
    ['imap', 'a NOOP x\0\xff\r\nb capability\r\nc LOGOUT\nd STARTTLS\r\ne  NOOP xxxxx'],
    ['imap', ' NOOP x'],
    ['pop3', 'NOOP\r\ncapa\r\nQUIT\nSTLS\r\nNOOP xxxxxx'],
    [
      'smtp',
      'EHLO a\r\nhelo b\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nRSET\r\nNOOP\r\nQUIT\r\nSTARTTLS\r\nVRFY x\r\nEXPN y\r\nHELP z',
    ],
    ['smtp', 'NOOP\rx'],
    ['pop3', ''],
  ] as const) {
    assert.equal(shown(protocol, text), text);
  }
});

test('from a command that carries a secret on nothing is shown', () => {
  assert.equal(shown('imap', 'a NOOP\r\nb LOGIN joe secret'), `a NOOP\r\nb ${MORE}`);
  assert.equal(shown('imap', 'a LOGIN {3}\r\njoe {6}\r\nsecret\r\nb NOOP\r\n'), `a ${MORE}`);
  assert.equal(shown('imap', 'a authenticate plain AHNlY3JldA=='), `a ${MORE}`);
  assert.equal(shown('pop3', 'USER joe\r\nPASS secret\r\n'), MORE);
  assert.equal(shown('pop3', 'CAPA\r\nPASS secret'), `CAPA\r\n${MORE}`);
  assert.equal(shown('pop3', 'APOP joe 0123'), MORE);
  assert.equal(shown('smtp', 'MAIL FROM:<a>\r\nAUTH PLAIN AHNlY3JldA==\r\nNOOP\r\n'), `MAIL FROM:<a>\r\n${MORE}`);
});

test('data behind an AUTH is not taken for commands', () => {
  assert.equal(shown('smtp', 'NOOP\r\nAUTH LOGIN\r\nNOOP secret\r\n'), `NOOP\r\n${MORE}`);
  assert.equal(shown('imap', 'a NOOP {20}\r\nb LOGIN joe secret'), `a NOOP {20}\r\nb ${MORE}`);
});

test('a verb that is not complete, or not known, is not shown', () => {
  for (const [protocol, text, expected] of [
    ['pop3', 'NOOP', MORE],
    ['pop3', 'NOO\r\n', MORE],
    ['pop3', 'PASSNOOP x', MORE],
    ['pop3', ' NOOP', MORE],
    ['pop3', 'NOOP\r\nsecret', `NOOP\r\n${MORE}`],
    ['pop3', 'NOOP\tsecret', MORE],
    ['pop3', 'NOOP\0secret', MORE],
    ['pop3', 'MAIL secret', MORE],
    ['smtp', 'NOOPLOGINSECRET x', MORE],
    ['smtp', 'USER joe', MORE],
    ['imap', 'a NOOP\r\n\r\nb NOOP\r\n', `a NOOP\r\n${MORE}`],
    ['imap', 'a', MORE],
    ['imap', 'a ', `a ${MORE}`],
    ['imap', 'a NOOP', `a ${MORE}`],
    ['imap', 'secret! NOOP x', MORE],
    ['imap', `${'a'.repeat(33)} NOOP x`, MORE],
    ['imap', `${'a'.repeat(32)} NOOP x`, `${'a'.repeat(32)} NOOP x`],
    ['imap', 'a CAPABILITYX x', `a ${MORE}`],
    ['imap', 'NOOP secret', `NOOP ${MORE}`],
  ] as const) {
    assert.equal(shown(protocol, text), expected, JSON.stringify(text));
  }
});

test('inside SASL nothing is shown', () => {
  assert.equal(loggableBuffer('imap', Buffer.from('a NOOP\r\nb AUTHENTICATE LOGIN\r\nc2VjcmV0'), true), MORE);
});

test('what is shown is the beginning of the buffer, and no line of a login is in it', () => {
  const line = fc.constantFrom(
    'NOOP x\r\n',
    'QUIT\n',
    'PASS secret\r\n',
    'AUTH PLAIN secret\r\n',
    'secret\r\n',
    '\r\n',
    'secret',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('pop3', 'smtp'), (lines, protocol) => {
      const text = lines.join('');
      const result = shown(protocol, text);
      assert.ok(!result.includes('secret'));
      assert.ok(result === text || (result.endsWith(MORE) && text.startsWith(result.slice(0, -3))));
    }),
  );
});
