// A WebSocket as a stream of bytes: both ways, however it is cut, and whatever a hostile client sends.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { turnsUntil } from '../../../support/in-time.ts';
import { BINARY, CLOSE, frame, PING, PONG, TEXT } from '../../../support/websocket-client.ts';
import { FakeClock } from '../fake-clock.ts';
import { binaryOf, closeCode, stageTunnel } from './tunnel-stage.ts';

const CONTINUATION = 0;

/** Cuts bytes into pieces. */
function* pieces(bytes: Buffer, size: () => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = size();
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const FRAMES = Buffer.concat([
  frame(BINARY, 'a CAPA'),
  frame(PING, 'x'),
  frame(BINARY, ''),
  frame(BINARY, 'BILITY\r', false),
  frame(PING, ''),
  frame(CONTINUATION, '', false),
  frame(CONTINUATION, '\n'),
  frame(PONG, 'unasked'),
  frame(BINARY, 'x'.repeat(300)),
  frame(BINARY, 'y'.repeat(65_536)),
]);
const TEXT_OF_FRAMES = `a CAPABILITY\r\n${'x'.repeat(300)}${'y'.repeat(65_536)}`;

test('frames cut anywhere are the same bytes', async () => {
  const cuts = [() => FRAMES.length, () => 1, () => 7, () => 1 + Math.floor(Math.random() * 3000)];
  for (const cut of cuts) {
    const { client, session, got, sent, end, settle } = await stageTunnel();
    session.resume();
    for (const piece of pieces(FRAMES, cut)) client.write(piece);
    await turnsUntil(() => got().length >= TEXT_OF_FRAMES.length);
    assert.equal(got().toString('latin1'), TEXT_OF_FRAMES);
    await settle();
    assert.equal(sent().toString('latin1'), '\x8a\x01x\x8a\x00', 'pings are answered');
    await end();
  }
});

test('what a session writes comes as binary frames', async () => {
  const { session, sent, end } = await stageTunnel();
  const bytes = randomBytes(200_000);
  for (const piece of pieces(bytes, () => 1 + Math.floor(Math.random() * 5000))) session.write(piece);
  await turnsUntil(() => binaryOf(sent()).length === bytes.length);
  const hash = (of: Buffer): string => createHash('sha256').update(of).digest('hex');
  assert.equal(hash(binaryOf(sent())), hash(bytes));
  await end();
});

const repeat = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));
const head = (...bytes: readonly number[]): Buffer => Buffer.from(bytes);

const MAX_FRAME = 5000;

/** What ends a WebSocket, with which code, and what the log says. */
const HOSTILE: readonly (readonly [name: string, bytes: Buffer, code: number, log: RegExp])[] = [
  ['text', frame(TEXT, 'a'), 1003, /text frame/],
  ['text in fragments', Buffer.concat([frame(TEXT, 'a', false), frame(CONTINUATION, 'b')]), 1003, /text frame/],
  ['no mask', head(0x82, 0x01, 0x61), 1002, /invalid frame: .*MASK/],
  ['a reserved bit', head(0xc2, 0x80, 1, 2, 3, 4), 1002, /invalid frame: .*RSV1/],
  ['an opcode that is none', head(0x83, 0x80, 1, 2, 3, 4), 1002, /invalid frame: .*opcode/],
  ['a continuation of nothing', frame(CONTINUATION, 'a'), 1002, /invalid frame: .*opcode/],
  ['a new message within one', Buffer.concat([frame(BINARY, 'a', false), frame(BINARY, 'b')]), 1002, /opcode/],
  ['a ping in fragments', frame(PING, 'a', false), 1002, /FIN/],
  ['a ping that is too long', frame(PING, 'x'.repeat(126)), 1002, /payload length/],
  ['a close of one byte', frame(CLOSE, 'x'), 1002, /payload length/],
  ['a close with a code that is none', frame(CLOSE, Buffer.from([0, 0])), 1002, /status code/],
  ['a message that is too large', frame(BINARY, 'x'.repeat(MAX_FRAME + 1)), 1009, /Max payload size/],
  ['the largest length', head(0x82, 0xff, 0x7f, ...Array.from({ length: 7 }, () => 0xff)), 1009, /2\^53/],
  ['a length of 2^32', head(0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0), 1009, /Max payload size/],
  ['a length with its sign', head(0x82, 0xff, 0xff, ...Array.from({ length: 7 }, () => 0xff)), 1009, /2\^53/],
  [
    'fragments that are too large together',
    Buffer.concat([
      frame(BINARY, 'x'.repeat(MAX_FRAME - 1), false),
      frame(CONTINUATION, 'x'.repeat(MAX_FRAME - 1), false),
    ]),
    1009,
    /Max payload size/,
  ],
  [
    'fragments without end',
    Buffer.concat([frame(BINARY, '', false), repeat(1024, frame(CONTINUATION, '', false))]),
    1008,
    /Too many message fragments/,
  ],
  [
    'fragments of a byte without end',
    Buffer.concat([frame(BINARY, '', false), repeat(1024, frame(CONTINUATION, 'x', false))]),
    1008,
    /Too many message fragments/,
  ],
  ['pings without end', repeat(1001, frame(PING, '')), 1008, /too many frames that carry nothing/],
  ['pongs without end', repeat(1001, frame(PONG, 'x')), 1008, /too many frames that carry nothing/],
  ['empty messages without end', repeat(1001, frame(BINARY, '')), 1008, /too many frames that carry nothing/],
];

for (const [name, bytes, code, pattern] of HOSTILE) {
  test(`${name} ends it with ${code}, however it is cut`, async () => {
    for (const cut of [bytes.length, 1000, 1]) {
      const { client, session, sent, log, isOver, settle } = await stageTunnel({ maxFrame: MAX_FRAME });
      let isLost = false;
      session.handler = { ...session.handler, onEof: () => session.destroy() };
      session.released = () => {
        isLost = true;
      };
      session.resume();
      for (const piece of pieces(bytes, () => cut)) client.write(piece);
      await turnsUntil(() => isLost, 'the end of the session');
      await turnsUntil(() => closeCode(sent()) !== undefined, 'a Close frame');
      assert.equal(closeCode(sent()), code);
      assert.deepEqual([log.length, pattern.test(log[0] ?? '')], [1, true], log.join());
      client.write(frame(CLOSE, Buffer.from([3, 232])));
      client.endOutput(() => {});
      await turnsUntil(isOver, 'the end of the tunnel');
      await settle();
    }
  });
}

test('whatever a client sends, it costs no more than its WebSocket', async () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const opcode = fc.constantFrom(0, 1, 2, 3, 8, 9, 10, 15);
  const made = fc
    .tuple(opcode, fc.uint8Array({ maxLength: 200 }), fc.boolean())
    .map(([code, payload, fin]) => frame(code, Buffer.from(payload), fin));
  const broken = fc
    .tuple(byte, byte, fc.uint8Array({ maxLength: 20 }))
    .map(([first, second, rest]) => Buffer.from([first, second, ...rest]));
  const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const stream = fc.array(fc.oneof({ weight: 6, arbitrary: made }, broken, noise), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(stream, fc.integer({ min: 1, max: 400 }), async (parts, size) => {
      const { client, session, got, settle, end } = await stageTunnel({ maxFrame: 1000 });
      session.resume();
      const bytes = Buffer.concat(parts);
      for (const piece of pieces(bytes, () => size)) client.write(piece);
      await settle();
      assert.ok(got().length <= bytes.length);
      await end();
    }),
    { numRuns: 200 },
  );
});

test('a session that does not read stops its client, and loses nothing', async () => {
  const { client, session, got, settle, end } = await stageTunnel();
  const bytes = randomBytes(2_000_000);
  let written = 0;
  client.handler = { ...client.handler, onDrain: () => write() };
  const write = (): void => {
    while (written < bytes.length) {
      const piece = bytes.subarray(written, written + 10_000);
      written += piece.length;
      if (!client.write(frame(BINARY, piece))) break;
    }
  };
  write();
  let stopped = 0;
  while (stopped !== written) {
    stopped = written;
    await settle();
  }
  // What the two connections in memory hold, a message, and what was read at once.
  assert.ok(stopped < 262_144 + 4096 + 4 * 65_536, `${stopped} bytes were taken`);
  session.resume();
  await turnsUntil(() => got().length === bytes.length);
  assert.ok(got().equals(bytes));
  await end();
});

test('a client that does not read stops its session, and loses nothing', async () => {
  const { client, session, sent, settle, end } = await stageTunnel();
  const bytes = randomBytes(2_000_000);
  client.pause();
  let written = 0;
  const write = (): void => {
    while (written < bytes.length) {
      const piece = bytes.subarray(written, written + 4096);
      written += piece.length;
      if (!session.write(piece)) break;
    }
  };
  session.handler = { ...session.handler, onDrain: write };
  write();
  let stopped = 0;
  while (stopped !== written) {
    stopped = written;
    await settle();
  }
  assert.ok(stopped < 262_144 + 4 * 65_536, `${stopped} bytes were taken`);
  client.resume();
  await turnsUntil(() => binaryOf(sent()).length === bytes.length);
  assert.ok(binaryOf(sent()).equals(bytes));
  await end();
});

test('a client that has broken the protocol and stays is left as soon', async (t) => {
  const { client, sent, isOver, settle } = await stageTunnel();
  const clock = new FakeClock(t);
  client.write(head(0x83, 0x80, 1, 2, 3, 4));
  await turnsUntil(() => closeCode(sent()) === 1002);
  client.write(frame(PING, ''));
  await settle();
  assert.equal(isOver(), false);
  clock.tick(5000);
  await turnsUntil(isOver);
});

test('a client that does not answer the end is left', async (t) => {
  const { client, session, isOver, settle } = await stageTunnel();
  const clock = new FakeClock(t);
  session.destroy();
  await settle();
  assert.equal(isOver(), false);
  client.write(frame(PING, ''));
  await settle();
  clock.tick(5000);
  await turnsUntil(isOver);
});

test('a clock that is set, by however much, ends nothing', async (t) => {
  const clock = new FakeClock(t);
  const { sent, isOver, log, settle, end } = await stageTunnel({ pingMs: 30_000, timeoutMs: 90_000 });
  await clock.waitFor(30_000);
  t.mock.method(Date, 'now', () => 2 ** 42);
  clock.tick(30_000);
  await settle();
  assert.deepEqual(sent(), Buffer.from([0x80 | PING, 0]));
  assert.deepEqual([isOver(), log], [false, []]);
  await end();
});

test('the end of a process is 1001, and what the session says then is not sent', async () => {
  const { tunnel, client, session, sent, isOver } = await stageTunnel();
  tunnel.leave();
  session.write(Buffer.from('late'));
  await turnsUntil(() => closeCode(sent()) === 1001);
  client.write(frame(CLOSE, Buffer.from([3, 233])));
  client.endOutput(() => {});
  await turnsUntil(isOver);
  assert.equal(binaryOf(sent()).length, 0);
});
