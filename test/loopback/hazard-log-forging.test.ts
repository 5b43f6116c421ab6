// Hazard: a peer that writes lines of its own into the error log, or control codes for the terminal of who reads it.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { accept, refuse, response } from '../support/fake-auth.ts';
import { dialogue } from '../support/fake-backend.ts';
import { type Answer, Arena } from '../support/mail-spec/arena.ts';

const FORGED = '\r\n2026/11/24 00:00:00 [error] 1#0: forged\x1b[2J\x7f\0';
/** Header values of an auth reply cannot hold a line end. */
const HEADER = '\x1b[2J\x7f\x01\x0b';

describe('log forging', () => {
  const scope = new Cleanup();
  let arena: Arena;
  before(async () => {
    arena = await Arena.start(scope, {
      logLevel: 'debug',
      blocks: {
        imap: { protocol: 'imap', conf: 'imap_auth external;' },
        'imap-small': { protocol: 'imap', conf: 'imap_client_buffer 8k;' },
        pop3: { protocol: 'pop3' },
        smtp: { protocol: 'smtp' },
        'smtp-delay': { protocol: 'smtp', conf: 'smtp_greeting_delay 60s;' },
        proxied: { protocol: 'imap', listen: '@proxied@ proxy_protocol' },
      },
    });
  });
  after(() => scope.run());

  /** Logs in over IMAP as a user whose name holds a forged line; resolves when the session is over. */
  async function login(t: TestContext, answer: Answer, backend?: readonly string[]): Promise<void> {
    const stage = await arena.stage(t, 'imap', {
      answers: [answer],
      ...(backend !== undefined && { backend: dialogue(backend) }),
    });
    const wire = await arena.open(t, 'imap');
    await wire.send(`a AUTHENTICATE PLAIN ${saslPlain(stage.user + FORGED, 'x')}\r\n`);
    await wire.line();
    wire.end();
    await wire.closed();
  }

  test('by the login, in every record of a session', (t) => login(t, accept));
  test('by Auth-Status', (t) => login(t, () => refuse(HEADER)));
  test('by Auth-User', (t) => login(t, (backend) => accept(backend, `Auth-User: ${HEADER}`)));
  test('by Auth-Server', (t) => login(t, () => response(`Auth-Server: ${HEADER}`, 'Auth-Port: 25')));
  test('by Auth-Port', (t) => login(t, () => response('Auth-Server: 127.0.0.1', `Auth-Port: ${HEADER}`)));
  test('by the reply of a backend', (t) => login(t, accept, [`-ERR${FORGED}\r\n`]));
  test('by too long a reply of a backend', (t) => login(t, accept, [`${FORGED}${'x'.repeat(5000)}`]));

  for (const [name, block, bytes] of [
    ['too long a command of IMAP', 'imap', `a NOOP ${'\r\n\x1b[2J'.repeat(5)}${'\x07'.repeat(5000)}`],
    ['a buffer of commands', 'pop3', `${'NOOP\r\n'.repeat(20)}NOOP ${'\x1b\0'.repeat(20)}`],
    ['a MAIL that needs a login', 'smtp', `MAIL FROM:<${'\x1b[2J\0\x07'}>\r\n`],
    ['a command before the greeting', 'smtp-delay', `EHLO \x1b[2J\0\x07${FORGED}\r\n`],
    ['a broken PROXY header', 'proxied', 'PROXY \x1b[2J\0\x07\x0b\x0c\r\n'],
  ] as const) {
    test(`by ${name}`, async (t) => {
      const silent = block === 'proxied' || block === 'smtp-delay';
      const wire = silent ? await arena.server.connect(block) : await arena.open(t, block);
      t.after(() => wire.destroy());
      await wire.send(bytes);
      if (!silent || block === 'smtp-delay') await wire.line();
      wire.end();
      await wire.closed();
    });
  }

  test('by a record of more than 2048 bytes, which is cut behind its escapes', async (t) => {
    const wire = await arena.open(t, 'imap-small');
    await wire.send(`long NOOP ${'\x01'.repeat(9000)}`);
    await wire.expectLine('long BAD invalid command\r\n');
    const [line = ''] = await arena.server.log.wait(/^.*"long NOOP.*\n/m);
    assert.equal(line.length, 2048);
    assert.match(line, /^\S+ \S+ \[info\] \d+#0: \*\d+ client sent too long command "long NOOP (\\x01)+(\\(x0?)?)?\n$/);
  });

  test('none of that made a line or left a control byte', () => {
    const text = arena.server.log.text();
    assert.ok(text.length > 3000);
    assert.deepEqual(text.match(/[^\n\x20-\x7e\x80-\xff]/g), null);
    const lines = text.split('\n').slice(0, -1);
    const strange = lines.filter(
      (line) => !/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:info|notice|error)\] \d+#0: /.test(line),
    );
    assert.deepEqual(strange, []);
    assert.ok(text.includes('\\x0D\\x0A2026/11/24 00:00:00 [error] 1#0: forged\\x1B[2J\\x7F\\x00'));
  });
});
