// mail_pass with much to pass: both ways to the byte, and bounded where a reader stops. One client is that of crossws.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import WebSocket from 'crossws/websocket';
import { type BackendScript, dialogue } from '../support/fake-backend.ts';
import { inTime } from '../support/in-time.ts';
import { mailPassSite } from '../support/mail-pass-site.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no mail_pass';

const MB = 1_048_576;
const TOTAL = 64 * MB;
const PIECE = 65_536;
/** Garbage that is not collected yet; what is passed is more. */
const ALLOWED = 40 * MB;
const TURNS = 300;

/** Different everywhere, so that nothing can be lost or change places. */
function piece(index: number): Buffer {
  const bytes = Buffer.alloc(PIECE, createHash('sha512').update(String(index)).digest());
  bytes.writeUInt32BE(index);
  return bytes;
}

function expectedHash(): string {
  const hash = createHash('sha256');
  for (let i = 0; i < TOTAL / PIECE; i++) hash.update(piece(i));
  return hash.digest('hex');
}

/** The largest memory that the process has had. */
function peak({ pid }: MailServer): number {
  const [, kB = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kB) * 1024;
}

const loggedIn = (then: BackendScript): BackendScript =>
  dialogue(['* OK backend\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG OK logged in\r\n'], then);

const mirror: BackendScript = async (peer) => {
  peer.socket.removeAllListeners('data'); // nothing is kept
  peer.socket.pipe(peer.socket);
  await peer.closed(120_000);
};

test('64 MiB there and back', { skip }, async (t) => {
  const { server } = await mailPassSite(t, { script: loggedIn(mirror) });
  const { host, port } = server.at('web');
  const client = new WebSocket(`ws://${host}:${port}/imap`, 'binary');
  client.binaryType = 'arraybuffer';
  const hash = createHash('sha256');
  let greeting = '';
  let count = -1;
  const done = new Promise<void>((resolve, reject) => {
    client.addEventListener('error', () => reject(new Error('the WebSocket failed')));
    client.addEventListener('close', () => reject(new Error('the WebSocket was closed')));
    client.addEventListener('message', ({ data }: { data: unknown }) => {
      assert.ok(data instanceof ArrayBuffer);
      const bytes = Buffer.from(data);
      if (count < 0) {
        const before = greeting;
        greeting += bytes.toString('latin1');
        if (before === '') client.send(Buffer.from('a LOGIN jo secret\r\n'));
        if (!greeting.includes('a OK')) return;
        count = 0;
        for (let i = 0; i < TOTAL / PIECE; i++) client.send(piece(i));
        return;
      }
      hash.update(bytes);
      count += bytes.length;
      if (count === TOTAL) resolve();
    });
  });
  await inTime(done, 'all of it', 100_000);
  assert.equal(client.protocol, 'binary');
  assert.equal(hash.digest('hex'), expectedHash());
  client.close();
});

test('a client that stops reading costs no memory, and gets everything later', { skip }, async (t) => {
  const flood: BackendScript = async (peer) => {
    await peer.line(); // what comes with the answer to a login has to fit into proxy_buffer
    for (let i = 0; i < TOTAL / PIECE; i++) if (!peer.socket.write(piece(i))) await once(peer.socket, 'drain');
    await peer.closed(120_000);
  };
  let sessions = 0;
  const { server, enter } = await mailPassSite(t, {
    script: (peer, index) => loggedIn(sessions++ === 0 ? flood : mirror)(peer, index),
  });
  const reader = await enter('/imap');
  const before = peak(server);
  reader.wire.socket.pause();
  await reader.send('go\r\n');
  const other = await enter('/imap');
  for (let i = 0; i < TURNS; i++) {
    await other.send('turn');
    await other.bytes(4);
  }
  assert.ok(peak(server) - before < ALLOWED, `${(peak(server) - before) / MB} MiB`);
  reader.wire.socket.resume();
  const hash = createHash('sha256');
  for (let left = TOTAL; left > 0; left -= PIECE) hash.update(await reader.bytes(PIECE));
  assert.equal(hash.digest('hex'), expectedHash());
});

test('a backend that stops reading stops its client, with as little memory', { skip }, async (t) => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hash = createHash('sha256');
  let count = 0;
  const stopped: BackendScript = async (peer) => {
    peer.socket.removeAllListeners('data');
    peer.socket.pause();
    await released;
    peer.socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      count += chunk.length;
    });
    peer.socket.resume();
    await peer.closed(120_000);
  };
  let sessions = 0;
  const { server, enter, backend } = await mailPassSite(t, {
    script: (peer, index) => loggedIn(sessions++ === 0 ? stopped : mirror)(peer, index),
  });
  const sender = await enter('/imap');
  const before = peak(server);
  const all: Promise<void>[] = [];
  for (let i = 0; i < TOTAL / PIECE; i++) all.push(sender.send(piece(i)));
  const other = await enter('/imap');
  for (let i = 0; i < TURNS; i++) {
    await other.send('turn');
    await other.bytes(4);
  }
  assert.ok(peak(server) - before < ALLOWED, `${(peak(server) - before) / MB} MiB`);
  assert.ok(sender.wire.socket.writableLength > TOTAL / 4, 'most of it waits with the client');
  release();
  await inTime(Promise.all(all), 'the client could send all', 100_000);
  sender.wire.destroy();
  const peer = await backend.peer(0);
  await peer.closed(60_000);
  assert.equal(count, TOTAL);
  assert.equal(hash.digest('hex'), expectedHash());
});
