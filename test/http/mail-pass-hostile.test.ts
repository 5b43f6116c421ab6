// Hostile clients of WebSockets: they are told to go, and a good session beside them does not notice.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { turnsUntil } from '../support/in-time.ts';
import { type MailPassSite, mailPassSite, waysIn } from '../support/mail-pass-site.ts';
import { defaultTarget } from '../support/target.ts';
import { BINARY, frame, PING, type WebSocketClient } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx takes no WebSockets';

const MB = 1_048_576;
const CONTINUATION = 0;
const repeat = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));

function over(name: string, run: (site: MailPassSite, good: WebSocketClient) => Promise<void>): void {
  for (const { name: by, way, main } of waysIn()) {
    test(`${name}: ${by}`, { skip }, async (t) => {
      const site = await mailPassSite(t, { way, main });
      try {
        const good = await site.enter('/imap');
        await run(site, good);
        await lives(good);
      } finally {
        site.leave();
      }
    });
  }
}

async function lives(good: WebSocketClient): Promise<void> {
  await good.send('still\r\n');
  assert.equal(await good.line(), '+OK 250 [still]\r\n');
}

over('floods of frames that carry nothing end with 1008', async ({ server, open }) => {
  for (const flood of [
    repeat(20_000, frame(PING, '')),
    repeat(20_000, frame(BINARY, '')),
    Buffer.concat([frame(BINARY, '', false), repeat(20_000, frame(CONTINUATION, '', false))]),
  ]) {
    const client = await open('/imap');
    client.wire.socket.write(flood);
    assert.equal(await client.closeCode(), 1008);
    client.wire.destroy();
  }
  await server.waitLog(/\[info\].*client sent too many frames that carry nothing while/);
  await server.waitLog(/\[info\].*client sent an invalid frame: .*Too many message fragments while/);
});

over(
  'messages that never become whole cost what they have brought, and little more',
  async ({ server, open }, good) => {
    const memory = (): number => {
      const [, kB = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, 'latin1')) ?? [];
      return Number(kB) * 1024;
    };
    const before = memory();
    const clients = 20;
    // A message of a megabyte, less a byte, in fragments of a kilobyte.
    const unfinished = Buffer.concat([
      frame(BINARY, '', false),
      repeat(1023, frame(CONTINUATION, 'x'.repeat(1024), false)),
    ]);
    for (let i = 0; i < clients; i++) {
      const client = await open('/imap');
      client.wire.socket.write(unfinished);
      await turnsUntil(() => client.wire.socket.writableLength === 0, 'all of it is sent');
      await client.send('x', PING);
      while ((await client.frame()).opcode === BINARY); // until the answer: everything before has been read
    }
    await lives(good);
    const grown = memory() - before;
    assert.ok(grown < 3 * clients * MB, `${grown / MB} MiB`);
  },
);

over('nonsense ends the WebSocket that it comes by', async ({ open }) => {
  for (let i = 0; i < 60; i++) {
    const client = await open('/imap');
    const bytes = i % 2 === 0 ? randomBytes(randomInt(1, 3000)) : garbled();
    client.wire.socket.end(bytes);
    await client.wire.closed();
    client.wire.destroy();
  }
});

/** A good frame, but for a byte of its head. */
function garbled(): Buffer {
  const bytes = Buffer.concat([frame(BINARY, 'a NOOP\r\n'), frame(BINARY, 'b NOOP\r\n')]);
  bytes[randomInt(2)] = randomInt(256);
  return bytes;
}
