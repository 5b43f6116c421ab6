// What ends the command phase, and what of the client's bytes stays behind then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BufferPool } from '../../../../src/mail/command/buffer-pool.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import { settle } from '../../net/memory-stream.ts';
import { bytes, CLIENT, isZero } from '../doubles.ts';
import { byteByByte, whole } from '../parser-feed.ts';
import { run } from './run.ts';

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

test('the command behind max_commands is not carried out, and ends the session', async () => {
  const invalid = { imap: 'c BAD invalid command', pop3: '-ERR invalid command', smtp: '500 5.5.1 Invalid command' };
  const noop = { imap: ['a NOOP', 'b NOOP', 'c NOOP'], pop3: ['NOOP', 'NOOP', 'NOOP'], smtp: ['RSET', 'NOOP', 'RSET'] };
  for (const name of ['imap', 'pop3', 'smtp'] as const) {
    for (const cut of [whole, byteByByte]) {
      const { stream, events, recording } = run(name, undefined, false, { maxCommands: 2 });
      for (const chunk of cut(`${noop[name].join('\r\n')}\r\n`)) stream.push(chunk);
      await settle();
      assert.equal(stream.taken.split('\r\n').length, 3, 'two replies');
      assert.deepEqual(events, [`finish ${invalid[name]}\r\n`]);
      assert.deepEqual(recording.lines, [`[info] *1 client sent too many commands while in auth state${CLIENT}`]);
    }
  }
});

test('lines that are no command count among commands, and answers within SASL do not', async () => {
  const { stream, events } = run('pop3', undefined, false, { maxCommands: 3 });
  stream.sends('AUTH LOGIN\r\ndQ==\r\n*\r\nbad\r\nNOOP\r\n');
  await settle();
  assert.deepEqual(events, []);
  stream.sends('NOOP\r\n');
  await settle();
  assert.deepEqual(events, ['finish -ERR invalid command\r\n']);
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
