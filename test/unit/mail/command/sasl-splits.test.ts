// SASL of the three protocols however the client's bytes are cut: errors in challenges, acknowledgements, what is pipelined.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CommandLoop } from '../../../../src/mail/command/loop.ts';
import { base64 } from '../../../support/bytes.ts';
import { MemoryStream, settle } from '../../net/memory-stream.ts';
import { bytes, serverFrom, stage } from '../doubles.ts';
import { byteByByte, cutAt, whole } from '../parser-feed.ts';

const METHODS = 'plain xoauth2 oauthbearer';
const CONF = `auth_http 127.0.0.1:9; max_commands 8; imap_auth ${METHODS}; pop3_auth ${METHODS}; smtp_auth ${METHODS};
  pop3_client_buffer 4k;`;
const server = (port: number) => serverFrom(`${CONF} server { listen 127.0.0.1:${port}; }`);
const SERVERS = { imap: server(143), pop3: server(110), smtp: server(25) };
type Name = keyof typeof SERVERS;

const XOAUTH2 = base64('user=u\x01auth=Bearer t\x01\x01');
const OAUTHBEARER = base64('n,a=u,\x01auth=Bearer t\x01\x01');
const LINES = [XOAUTH2, OAUTHBEARER, 'AQ==', '', '*', 'foo', 'AQ== x', 'x'.repeat(90)].map((line) => `${line}\r\n`);
const PIECES: Readonly<Record<Name, readonly string[]>> = {
  imap: [
    ...LINES,
    `a AUTHENTICATE XOAUTH2 ${XOAUTH2}\r\n`,
    'b AUTHENTICATE XOAUTH2\r\n',
    'c AUTHENTICATE OAUTHBEARER\r\n',
    'd NOOP\r\n',
    'e LOGIN {1+}\r\nu p\r\n',
    '{3}\r\n',
  ],
  pop3: [...LINES, `AUTH XOAUTH2 ${XOAUTH2}\r\n`, 'AUTH XOAUTH2\r\n', 'AUTH OAUTHBEARER\r\n', 'NOOP\r\n', 'USER u\r\n'],
  smtp: [...LINES, `AUTH XOAUTH2 ${XOAUTH2}\r\n`, 'AUTH XOAUTH2\r\n', 'AUTH OAUTHBEARER\r\n', 'NOOP\r\n', 'RSET\r\n'],
};

/** Every login is refused, and those by a token in a challenge; every third is the last one. */
async function talk(name: Name, chunks: readonly Buffer[]): Promise<readonly string[]> {
  const { store, core, pool } = SERVERS[name];
  const stream = new MemoryStream();
  const { session } = stage({ store }, stream);
  const protocol = core.protocol.open(session);
  const events: string[] = [];
  let logins = 0;
  const loop = new CommandLoop(session, name, protocol, pool, core, {
    authenticate: () => {
      const { method, user, pass } = session.credentials ?? {};
      events.push(`${method} ${user} ${pass}`);
      session.forgetCredentials();
      protocol.restart();
      const refusal = protocol.denied(bytes('no'), undefined);
      const told = method !== 'plain';
      session.conn.write(told ? protocol.tellError(bytes('e30='), refusal, ++logins % 3 === 0) : refusal);
      loop.enter();
    },
    startTls: () => {},
    finish: (line) => events.push(`finish ${line}`),
    lost: () => {},
    timedOut: () => {},
  });
  loop.enter();
  for (const chunk of chunks) {
    stream.push(chunk);
    await settle();
  }
  return [stream.taken, ...events];
}

for (const name of ['imap', 'pop3', 'smtp'] as const) {
  test(`${name}: the same for every way to cut what the client says`, async () => {
    const input = fc.array(fc.constantFrom(...PIECES[name]), { maxLength: 9 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(input, fc.array(fc.nat(), { maxLength: 5 }), async (text, places) => {
        const expected = await talk(name, whole(text));
        assert.deepEqual(await talk(name, byteByByte(text)), expected);
        assert.deepEqual(await talk(name, cutAt(text, places)), expected);
      }),
      { numRuns: 150 },
    );
  });
}

test('what is told is what was meant', async () => {
  const text = `AUTH XOAUTH2 ${XOAUTH2}\r\nAQ==\r\nAUTH OAUTHBEARER\r\n${OAUTHBEARER}\r\nfoo\r\nAUTH XOAUTH2 ${XOAUTH2}\r\n\r\nNOOP\r\n`;
  assert.deepEqual(await talk('smtp', whole(text)), [
    '334 e30=\r\n535 5.7.0 no\r\n334 \r\n334 e30=\r\n500 5.5.1 Invalid command\r\n334 e30=\r\n',
    'xoauth2 u t',
    'oauthbearer u t',
    'xoauth2 u t',
    'finish 535 5.7.0 no\r\n',
  ]);
});
