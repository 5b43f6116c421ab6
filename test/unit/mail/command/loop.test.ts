// The command phase over a stream in memory: any split, replies that wait, and what of the client's bytes stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CommandLoop } from '../../../../src/mail/command/loop.ts';
import { MemoryStream, settle } from '../../net/memory-stream.ts';
import { bytes, stage } from '../doubles.ts';
import { byteByByte, cutAt, whole } from '../parser-feed.ts';
import { type Name, run, SERVERS } from './run.ts';

/** What the client gets, and where it ends. */
async function talk(name: Name, chunks: readonly Buffer[]): Promise<readonly string[]> {
  const { stream, events } = run(name);
  for (const chunk of chunks) {
    stream.push(chunk);
    await settle();
  }
  return [stream.taken, ...events];
}

const PIECES: Readonly<Record<Name, readonly string[]>> = {
  imap: [
    'a NOOP\r\n',
    'b LOGIN {3}\r\nu x p\r\n',
    'c LOGOUT\r\n',
    'd AUTHENTICATE LOGIN\r\n',
    'dQ==\r\n',
    '*\r\n',
    '{5+}\r\n',
    '\r\n',
    ' ',
  ],
  pop3: [
    'NOOP\r\n',
    'USER u\r\n',
    'PASS p\r\n',
    'QUIT\r\n',
    'AUTH LOGIN\r\n',
    'dQ==\r\n',
    '*\r\n',
    'STAT\r\n',
    'x',
    ' ',
    '\n',
  ],
  smtp: [
    'NOOP\r\n',
    'EHLO x\r\n',
    'AUTH PLAIN\r\n',
    'AHUAcA==\r\n',
    'QUIT\r\n',
    'DATA\r\n',
    'MAIL x\r\n',
    '\r\n',
    ' ',
    'y',
  ],
};

for (const name of ['imap', 'pop3', 'smtp'] as const) {
  test(`${name}: every way to cut a conversation gives the same replies`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...PIECES[name]), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        async (pieces, places) => {
          const text = pieces.join('').slice(0, 63); // never fills a buffer: when it starts over depends on the cuts
          const expected = await talk(name, whole(text));
          assert.deepEqual(await talk(name, byteByByte(text)), expected);
          assert.deepEqual(await talk(name, cutAt(text, places)), expected);
        },
      ),
      { numRuns: 25 },
    );
  });
}

test('pipelined commands are answered in order, and the credentials end the loop', async () => {
  const { stream, events, conn } = run('pop3');
  stream.sends('NOOP\r\nUSER joe\r\nPASS secret\r\nSTAT\r\n');
  await settle();
  assert.equal(stream.taken, '+OK\r\n+OK\r\n');
  assert.deepEqual(events, ['auth joe secret']);
  assert.equal(conn.stream.isPaused(), true, 'nothing is read until the auth server has answered');
});

test('what was not consumed comes out once, and the loop keeps none of it', async () => {
  const { stream, loop } = run('pop3');
  const tail = 'x'.repeat(300); // more than the buffer takes
  stream.sends(`USER joe\r\nPASS secret\r\n${tail}`);
  await settle();
  assert.equal(loop.takeUnread().toString('latin1'), tail);
  assert.equal(loop.takeUnread().length, 0);
});

test('a loop that is entered again goes on with what is there', async () => {
  const { stream, loop, events } = run('pop3');
  stream.sends('USER joe\r\nPASS secret\r\nNOOP\r\nQUIT\r\n');
  await settle();
  loop.enter();
  await settle();
  assert.deepEqual(events, ['auth joe secret', 'finish +OK\r\n']);
});

test('a reply that waits for the client stops the commands, and no bytes are read meanwhile', async () => {
  const stream = new MemoryStream(4);
  const { events } = run('pop3', stream);
  stream.hold();
  stream.sends('NOOP\r\nNOOP\r\nQUIT\r\n');
  await settle();
  assert.equal(stream.writableLength, 5, 'one reply');
  assert.equal(stream.isPaused(), true);
  assert.deepEqual(events, []);
  stream.release();
  await settle();
  assert.equal(stream.taken, '+OK\r\n+OK\r\n');
  assert.deepEqual(events, ['finish +OK\r\n']);
});

test('what arrives while a reply waits is kept for later', async () => {
  const stream = new MemoryStream(4);
  const { events, loop } = run('pop3', stream);
  stream.hold();
  stream.sends('NOOP\r\nNO');
  await settle();
  loop.onData(bytes('OP\r\nQUIT\r\n'));
  stream.release();
  await settle();
  assert.equal(stream.taken, '+OK\r\n+OK\r\n');
  assert.deepEqual(events, ['finish +OK\r\n']);
});

test('the end of the client is noticed when everything that it said has been answered', async () => {
  const stream = new MemoryStream(4);
  const { events } = run('pop3', stream);
  stream.hold();
  stream.sends('NOOP\r\nNOOP\r\n');
  await settle();
  stream.ends();
  await settle();
  assert.deepEqual(events, []);
  stream.release();
  await settle();
  assert.equal(stream.taken, '+OK\r\n+OK\r\n');
  assert.deepEqual(events, ['lost']);
});

test('an end that came while nobody listened is noticed when the loop is entered', async () => {
  const stream = new MemoryStream();
  const on = stage({ store: SERVERS.pop3.store }, stream);
  stream.ends();
  await settle();
  const events: string[] = [];
  const nothing = (): void => assert.fail();
  const { core, pool } = SERVERS.pop3;
  new CommandLoop(on.session, 'pop3', core.protocol.open(on.session), pool, core, {
    authenticate: nothing,
    startTls: nothing,
    finish: nothing,
    lost: () => events.push('lost'),
    timedOut: nothing,
  }).enter();
  assert.deepEqual(events, ['lost']);
});

test('a reset is told with its error', async () => {
  const { stream, events } = run('pop3');
  stream.sends('USER joe\r\nPA');
  await settle();
  stream.breaks('ECONNRESET', 104, 'read');
  await settle();
  assert.deepEqual(events, ['lost ECONNRESET']);
});

test('the deadline of the connection is the one of the loop', () => {
  const { conn, events, session } = run('pop3');
  conn.handler.onTimeout();
  assert.deepEqual(events, ['timeout']);
  assert.equal(session.action, 'in auth state');
});

test('STARTTLS drops what was pipelined behind it', async () => {
  const { stream, loop, events } = run('pop3', new MemoryStream(), true);
  stream.sends(`STLS\r\nUSER joe\r\n${'x'.repeat(300)}`);
  await settle();
  assert.deepEqual(events, ['tls +OK\r\n']);
  assert.equal(loop.takeUnread().length, 0);
});
