// The command phase over a stream in memory: any split, replies that wait, and what of the client's bytes stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BufferPool } from '../../../src/mail/buffer-pool.ts';
import { CommandLoop } from '../../../src/mail/command-loop.ts';
import type { MailServer } from '../../../src/mail/server.ts';
import { LineBuffer } from '../../../src/net/line-buffer.ts';
import { MemoryStream, settle } from '../net/memory-stream.ts';
import { bytes, CLIENT, isZero, type Stage, serverFrom, stage } from './doubles.ts';
import { byteByByte, cutAt, whole } from './parser-feed.ts';

const PLAIN = 'auth_http 127.0.0.1:9; max_errors 3;';
const CAPS = 'imap_capabilities X; imap_client_buffer 64; smtp_client_buffer 64; pop3_capabilities X;';
const server = (port: number): MailServer => serverFrom(`${PLAIN} ${CAPS} server { listen 127.0.0.1:${port}; }`);
const SERVERS = { imap: server(143), pop3: server(110), smtp: server(25) };
type Name = keyof typeof SERVERS;

interface Running extends Stage {
  readonly loop: CommandLoop;
  /** Where the loop handed over, and with what. */
  readonly events: string[];
  readonly pool: BufferPool;
}

function run(name: Name, stream = new MemoryStream(), offersTls = false): Running {
  const { store, core, pool } = SERVERS[name];
  const on = stage({ store, starttls: offersTls ? 'on' : 'off' }, stream);
  const events: string[] = [];
  const loop = new CommandLoop(on.session, name, core.protocol.open(on.session), pool, core.maxErrors, {
    authenticate: () => {
      const { user, pass } = on.session.credentials ?? {};
      events.push(`auth ${user} ${pass}`);
    },
    startTls: (reply) => events.push(`tls ${reply}`),
    finish: (line) => events.push(`finish ${line}`),
    lost: (error) => events.push(`lost ${error?.message ?? ''}`.trim()),
    timedOut: () => events.push('timeout'),
  });
  loop.enter();
  return { ...on, loop, events, pool };
}

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
  new CommandLoop(on.session, 'pop3', core.protocol.open(on.session), pool, 3, {
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

test('refused lines are counted, commands in the wrong place are not', async () => {
  const { stream, events, recording } = run('pop3');
  stream.sends('PASS x\r\nSTLS\r\nAPOP a b\r\nAUTH FOO\r\nbad\r\nSTAT\r\n');
  await settle();
  assert.equal(stream.taken, '-ERR invalid command\r\n'.repeat(6));
  assert.deepEqual(events, []);
  stream.sends('LIST\r\nNOOP\r\n');
  await settle();
  assert.deepEqual(events, ['finish -ERR invalid command\r\n']);
  assert.deepEqual(recording.lines, [`[info] *1 client sent too many invalid commands while in auth state${CLIENT}`]);
});

test('an HTTP request ends the session with one reply', async () => {
  for (const line of ['GET / HTTP/1.1', 'POST /x HTTP/1.0', 'CONNECT a:25 HTTP/1.1']) {
    const { stream, events } = run('smtp');
    stream.sends(`${line}\r\nMAIL FROM:<a>\r\n`);
    await settle();
    assert.deepEqual(events, ['finish 500 5.5.1 Invalid command\r\n']);
    assert.equal(stream.taken, '');
  }
});

test('a command that does not fit in the buffer ends the session, at the byte that fills it', async () => {
  for (const chunks of [whole('x'.repeat(128)), whole('x'.repeat(5000)), byteByByte('x'.repeat(128))]) {
    const { stream, events, recording } = run('pop3');
    for (const chunk of chunks) {
      assert.deepEqual(events, []);
      stream.push(chunk);
      await settle();
    }
    assert.deepEqual(events, ['finish -ERR invalid command\r\n']);
    assert.equal(recording.lines.length, 1);
    assert.match(recording.lines[0] ?? '', /^\[info\] \*1 client sent too long command "/);
  }
});

test('a line that fills the buffer to the last byte is a command', async () => {
  const { stream, events } = run('pop3');
  stream.sends(`USER ${'x'.repeat(121)}\r\n`);
  await settle();
  assert.equal(stream.taken, '+OK\r\n');
  assert.deepEqual(events, []);
});

test('the log of a long command shows no password', async () => {
  const { stream, recording } = run('pop3');
  stream.sends(`PASS ${'secret'.repeat(30)}`);
  await settle();
  assert.doesNotMatch(recording.lines.join(), /secret/);
});

test('STARTTLS drops what was pipelined behind it', async () => {
  const { stream, loop, events } = run('pop3', new MemoryStream(), true);
  stream.sends(`STLS\r\nUSER joe\r\n${'x'.repeat(300)}`);
  await settle();
  assert.deepEqual(events, ['tls +OK\r\n']);
  assert.equal(loop.takeUnread().length, 0);
});

/** The buffers that the pool gives out next. */
function pooled(pool: BufferPool, size: number): LineBuffer[] {
  const buffers = [pool.take(size), pool.take(size)];
  for (const buffer of buffers) pool.give(buffer);
  return buffers;
}

test('no byte of a client is left in the chunk or in the buffer that the next session gets', async () => {
  const secrets = [
    'USER joe\r\nPASS secret\r\n', // consumed to the end
    'USER joe\r\nPASS secret\r\nSTAT\r\n', // more behind it
    'PASS secret', // not complete
    `AUTH PLAIN\r\n${'secret'.repeat(30)}`, // too long
  ];
  for (const text of secrets) {
    const { stream, loop, pool } = run('pop3');
    const chunk = bytes(text);
    stream.push(chunk);
    await settle();
    loop.discard();
    assert.ok(isZero(chunk), `chunk: ${chunk.toString('latin1')}`);
    for (const buffer of pooled(pool, 128)) {
      assert.doesNotMatch(buffer.data.toString('latin1'), /secret/, text);
    }
  }
});

test('a session that has said everything holds no buffer', async () => {
  const { stream, pool } = run('pop3');
  const mark = new LineBuffer(128);
  stream.sends('NOOP\r\n');
  await settle();
  pool.give(mark);
  stream.sends('NO');
  await settle();
  assert.equal(mark.data.toString('latin1', 0, 2), 'NO', 'it borrows one again when there is something to read');
});
