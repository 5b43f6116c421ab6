// The login at a POP3 backend, with replies that arrive whole and byte by byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pop3Login } from '../../../../src/mail/pop3/login.ts';
import type { BackendMechanism } from '../../../../src/mail/session/backend-auth.ts';
import type { Credentials } from '../../../../src/mail/session/credentials.ts';
import { base64 } from '../../../support/bytes.ts';
import { bytes } from '../doubles.ts';
import { type Driven, drive } from '../drive.ts';

const credentials = (user: string, pass: string | undefined, method: Credentials['method'] = 'plain'): Credentials => ({
  method,
  user: bytes(user),
  pass: pass === undefined ? undefined : bytes(pass),
  salt: undefined,
});

function login(replies: readonly string[], piece?: number, given = credentials('joe', 'secret')): Driven {
  const dialogue = pop3Login(given);
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

test('USER and PASS, whatever the client used', () => {
  for (const method of ['plain', 'apop', 'cram-md5', 'external'] as const) {
    for (const piece of [undefined, 1]) {
      const given = credentials('joe', 'secret', method);
      assert.deepEqual(login(['+OK hi\r\n', '+OK\r\n', '+OK in\r\n'], piece, given), {
        sent: ['USER joe\r\n', 'PASS secret\r\n'],
        actions: ['sending user name to upstream', 'sending password to upstream'],
        secrets: ['PASS secret\r\n'],
        end: 'in: +OK in\r\n',
      });
    }
  }
});

test('each reply must begin with +OK', () => {
  const replies = ['+OK hi\r\n', '+OK\r\n', '+OK in\r\n'];
  for (const [step, sent] of [[], ['USER joe\r\n'], ['USER joe\r\n', 'PASS secret\r\n']].entries()) {
    for (const bad of ['-ERR no\r\n', '+ok\r\n', '* OK\r\n', '+ OK\r\n']) {
      const driven = login([...replies.slice(0, step), bad]);
      assert.deepEqual(driven.sent, sent);
      assert.equal(driven.end, `refused: ${bad.slice(0, -2)} | ${bad}`);
    }
  }
});

test('several lines are one reply, and the first decides', () => {
  assert.equal(
    login(['+OK a\r\n-ERR b\r\n', '+OK\r\n', '-ERR a\r\n+OK b\r\n']).end,
    'refused: -ERR a\r\n+OK b | -ERR a\r\n+OK b\r\n',
  );
});

test('a reply of three bytes and one without CR are waited on', () => {
  assert.equal(login(['+\r\n']).end, 'waits');
  assert.equal(login(['+OK hi\n']).end, 'waits');
});

test('a user or password that would end its line is not sent', () => {
  for (const byte of ['\r', '\n', '\0', '\r\n']) {
    assert.equal(pop3Login(credentials(`a${byte}b`, 'secret')), undefined);
    assert.equal(pop3Login(credentials('joe', `a${byte}b`)), undefined);
    assert.equal(pop3Login(credentials('joe', byte)), undefined);
  }
});

test('whatever the credentials are, the backend gets two lines or nothing', () => {
  const latin1 = fc.uint8Array({ maxLength: 12 }).map((data) => Buffer.from(data).toString('latin1'));
  fc.assert(
    fc.property(latin1, latin1, (user, pass) => {
      const dialogue = pop3Login(credentials(user, pass));
      const fits = !/[\r\n]/.test(user + pass) && !`${user}${pass}`.includes('\0');
      assert.equal(dialogue !== undefined, fits);
      if (dialogue === undefined) return;
      const { sent } = drive(dialogue, ['+OK\r\n', '+OK\r\n', '+OK\r\n']);
      assert.deepEqual(sent, [`USER ${user}\r\n`, `PASS ${pass}\r\n`]);
    }),
  );
});

test('without a password there is no login', () => {
  assert.equal(pop3Login(undefined), undefined);
  assert.equal(pop3Login(credentials('joe', undefined)), undefined);
});

function sasl(mechanism: BackendMechanism, replies: readonly string[], piece?: number): Driven {
  const dialogue = pop3Login(credentials('joe', 'secret'), mechanism);
  assert.ok(dialogue !== undefined);
  return drive(dialogue, replies, piece);
}

test('AUTH always waits for the prompt, which may be a plus sign alone', () => {
  const messages = {
    plain: base64('\0joe\0secret'),
    xoauth2: base64('user=joe\x01auth=Bearer secret\x01\x01'),
    oauthbearer: base64('n,a=joe,\x01auth=Bearer secret\x01\x01'),
    external: base64('joe'),
  };
  for (const mechanism of ['plain', 'xoauth2', 'oauthbearer', 'external'] as const) {
    for (const [prompt, piece] of [
      ['+ \r\n', undefined],
      ['+\r\n', 1],
    ] as const) {
      const driven = sasl(mechanism, ['+OK hi\r\n', prompt, '+OK in\r\n'], piece);
      assert.deepEqual(driven.sent, [`AUTH ${mechanism.toUpperCase()}\r\n`, `${messages[mechanism]}\r\n`]);
      assert.deepEqual(driven.secrets, [`${messages[mechanism]}\r\n`]);
      assert.equal(driven.end, 'in: +OK in\r\n');
    }
  }
});

test('AUTH: an error in a challenge is acknowledged, and the refusal is what follows', () => {
  const driven = sasl('oauthbearer', ['+OK hi\r\n', '+ \r\n', '+ eyJ9\r\n', '-ERR no\r\n'], 1);
  assert.equal(driven.sent.at(-1), 'AQ==\r\n');
  assert.equal(driven.end, 'refused: -ERR no | -ERR no\r\n');
  assert.match(sasl('plain', ['-ERR go away\r\n']).end, /^refused: -ERR go away/);
});

test('AUTH carries what USER and PASS cannot, but no NUL; without a login there is nothing to say', () => {
  assert.notEqual(pop3Login(credentials('j\r\n', 'x\ny'), 'plain'), undefined);
  assert.equal(pop3Login(credentials('j\0', 'x'), 'plain'), undefined);
  assert.equal(pop3Login(credentials('joe', 'x'), 'none'), undefined);
});
