// Mail by WebSocket, and much of it: both ways to the byte, and bounded where a reader stops. One client is of crossws.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import WebSocket from 'crossws/websocket';
import { type BackendScript, dialogue } from '../support/fake-backend.ts';
import { FrameSink } from '../support/frame-sink.ts';
import { inTime } from '../support/in-time.ts';
import { type MailPassSite, mailPassSite, waysIn } from '../support/mail-pass-site.ts';
import type { MailServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';
import { BINARY, frame, type WebSocketClient } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx takes no WebSockets';

const MB = 1_048_576;
const TOTAL = 64 * MB;
const PIECE = 65_536;
/** Garbage that is not collected yet; what is passed is more. */
const ALLOWED = 40 * MB;
const TURNS = 300;
/** Of everything; only a test that fails waits so long. */
const PATIENCE_MS = 150_000;

/** Different everywhere, so that nothing can be lost or change places. */
function piece(index: number): Buffer {
  const bytes = Buffer.alloc(PIECE, createHash('sha512').update(String(index)).digest());
  bytes.writeUInt32BE(index);
  return bytes;
}

/** Takes bytes until there are enough, and keeps none. */
class Account {
  readonly whole: Promise<void>;
  #tell = (): void => {};
  readonly #hash = createHash('sha256');
  #count = 0;

  constructor() {
    this.whole = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  add(bytes: Buffer): void {
    this.#hash.update(bytes);
    this.#count += bytes.length;
    if (this.#count >= TOTAL) this.#tell();
  }

  /** Everything has come, each byte in its place, and nothing more. */
  async check(): Promise<void> {
    await inTime(this.whole, 'all of it', PATIENCE_MS);
    const hash = createHash('sha256');
    for (let i = 0; i < TOTAL / PIECE; i++) hash.update(piece(i));
    assert.equal(this.#count, TOTAL);
    assert.equal(this.#hash.digest('hex'), hash.digest('hex'));
  }
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
  await peer.closed(PATIENCE_MS);
};

/** The first session has a backend of its own, others a mirror. */
const firstWith = (script: BackendScript): BackendScript => {
  let sessions = 0;
  return (peer, index) => loggedIn(sessions++ === 0 ? script : mirror)(peer, index);
};

function over(
  name: string,
  run: (t: TestContext, site: (script: BackendScript) => Promise<MailPassSite>) => Promise<void>,
) {
  for (const { name: by, way, main } of waysIn()) {
    test(`${name}: ${by}`, { skip }, (t) => run(t, (script) => mailPassSite(t, { script, way, main })));
  }
}

/** Reads go on elsewhere from here on: a `Wire` keeps all that it gets. */
function takeOver({ wire }: WebSocketClient): Socket {
  wire.socket.removeAllListeners('data');
  return wire.socket;
}

/** Another session lives: what the server has to do in the meantime is done. */
async function otherSession({ enter }: MailPassSite): Promise<void> {
  const other = await enter('/imap');
  for (let i = 0; i < TURNS; i++) {
    await other.send('turn');
    await other.bytes(4);
  }
}

over('64 MiB there and back', async (_t, start) => {
  const { server } = await start(loggedIn(mirror));
  const { host, port } = server.at('web');
  const client = new WebSocket(`ws://${host}:${port}/imap`, 'binary');
  client.binaryType = 'arraybuffer';
  const account = new Account();
  let greeting = '';
  let isIn = false;
  const failed = new Promise<never>((_resolve, reject) => {
    client.addEventListener('error', () => reject(new Error('the WebSocket failed')));
    client.addEventListener('close', () => reject(new Error('the WebSocket was closed')));
  });
  failed.catch(() => {});
  client.addEventListener('message', ({ data }: { data: unknown }) => {
    assert.ok(data instanceof ArrayBuffer);
    const bytes = Buffer.from(data);
    if (isIn) {
      account.add(bytes);
      return;
    }
    if (greeting === '') client.send(Buffer.from('a LOGIN jo secret\r\n'));
    greeting += bytes.toString('latin1');
    isIn = greeting.includes('a OK');
    for (let i = 0; isIn && i < TOTAL / PIECE; i++) client.send(piece(i));
  });
  await Promise.race([failed, account.check()]);
  assert.equal(client.protocol, 'binary');
  client.close();
});

over('a client that stops reading costs no memory, and gets everything later', async (_t, start) => {
  const flood: BackendScript = async (peer) => {
    await peer.line(); // what comes with the answer to a login has to fit into proxy_buffer
    for (let i = 0; i < TOTAL / PIECE; i++) if (!peer.socket.write(piece(i))) await once(peer.socket, 'drain');
    await peer.closed(PATIENCE_MS);
  };
  const site = await start(firstWith(flood));
  const reader = await site.enter('/imap');
  const before = peak(site.server);
  const socket = takeOver(reader);
  socket.pause();
  socket.write(frame(BINARY, 'go\r\n'));
  await otherSession(site);
  const grown = peak(site.server) - before;
  assert.ok(grown < ALLOWED, `${grown / MB} MiB`);
  const account = new Account();
  const sink = new FrameSink((bytes) => account.add(bytes));
  socket.on('data', (chunk: Buffer) => sink.add(chunk));
  socket.resume();
  await account.check();
  site.leave();
});

over('a backend that stops reading stops its client, with as little memory', async (_t, start) => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const account = new Account();
  const stopped: BackendScript = async (peer) => {
    peer.socket.removeAllListeners('data');
    peer.socket.pause();
    await released;
    peer.socket.on('data', (chunk: Buffer) => account.add(chunk));
    peer.socket.resume();
    await peer.closed(PATIENCE_MS);
  };
  const site = await start(firstWith(stopped));
  const sender = await site.enter('/imap');
  const before = peak(site.server);
  const { socket } = sender.wire;
  for (let i = 0; i < TOTAL / PIECE; i++) socket.write(frame(BINARY, piece(i)));
  await otherSession(site);
  const grown = peak(site.server) - before;
  assert.ok(grown < ALLOWED, `${grown / MB} MiB`);
  assert.ok(socket.writableLength > TOTAL / 4, 'most of it waits with the client');
  release();
  await account.check();
  site.leave();
});
