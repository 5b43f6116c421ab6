// The relay over real sockets: many sessions at once share read buffers, some of them with clients that are slow.
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { connect as dial, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as dialTls } from 'node:tls';
import { Relay, type RelayEnd } from '../../../../src/mail/session/relay.ts';
import { type Connection, IGNORE } from '../../../../src/net/connection.ts';
import type { Transport } from '../../../../src/net/transport.ts';
import { event, inTime } from '../../../support/in-time.ts';
import { buildTls } from '../../../support/tls.ts';
import { clientTls, peerOf, plainServer, tlsServer } from '../../../support/tls-backend.ts';
import { listenOver, TRANSPORTS } from '../../../support/transports.ts';

const SESSIONS = 6;
const BYTES = 4 * 1024 * 1024;
/** One connection in so many reads slowly. */
const SLOW = 2;

/** Bytes that differ from session to session, and from place to place. */
function stream(seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(BYTES));
}

/** Lets so many turns of the event loop pass. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** Everything that comes, to the end; a slow one stops after each piece until the event loop has turned. */
function collect(socket: Socket, isSlow: boolean): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk) => {
    hash.update(chunk);
    if (!isSlow) return;
    socket.pause();
    setImmediate(() => setImmediate(() => socket.resume()));
  });
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('end', () => resolve(hash.digest('hex'))));
}

interface Lane {
  readonly client: Socket;
  readonly backend: Socket;
  readonly ended: Promise<RelayEnd>;
}

/** A session in the relay phase: client, our two connections, backend. */
async function lane(t: TestContext, transport: Transport, tls: boolean, tlsBackend = false): Promise<Lane> {
  let accept: (backend: Socket) => void = () => {};
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const backendPort = await (tlsBackend ? tlsServer(t, accept) : plainServer(t, accept));
  let ended: (end: RelayEnd) => void = () => {};
  const end = new Promise<RelayEnd>((resolve) => {
    ended = resolve;
  });
  const start = (client: Connection): void => {
    const upstream = transport.dial({ kind: 'inet', address: '127.0.0.1', port: backendPort }, IGNORE);
    t.after(() => upstream.destroy());
    const begin = (): void =>
      new Relay({ conn: client }, upstream, 60_000, ended).start(Buffer.alloc(0), Buffer.alloc(0));
    if (tlsBackend) upstream.startClientTls(peerOf(clientTls()), begin);
    else begin();
  };
  const context = tls ? buildTls() : undefined;
  const port = listenOver(transport, t, ({ connection }) => {
    if (context === undefined) start(connection);
    else connection.startTls(context, ['imap'], () => start(connection));
  });
  const plain = dial({ port, host: '127.0.0.1', allowHalfOpen: true });
  const client = tls ? dialTls({ socket: plain, rejectUnauthorized: false }) : plain;
  const backend = await inTime(accepted, 'the connection to the backend');
  for (const socket of [client, backend]) t.after(() => socket.destroy());
  return { client, backend, ended: end };
}

/** Where TLS is: to the client, to the backend. */
const LEGS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

for (const transport of TRANSPORTS) {
  for (const [tls, tlsBackend] of LEGS) {
    const over = `${transport.name}${tls ? ', TLS' : ''}${tlsBackend ? ', TLS to the backend' : ''}`;
    for (const direction of ['down', 'up'] as const) {
      test(`${over}: every byte ${direction} arrives, and where it belongs, also when the sender closes at once`, async (t) => {
        const lanes = await Promise.all(Array.from({ length: SESSIONS }, () => lane(t, transport, tls, tlsBackend)));
        const seen = lanes.map(async ({ client, backend, ended }, i) => {
          const [from, to] = direction === 'down' ? [backend, client] : [client, backend];
          const data = stream(i + 1);
          const got = collect(to, i % SLOW === 0);
          from.on('error', () => {});
          from.resume();
          from.end(data);
          assert.equal(await inTime(got, 'the end of the stream'), digest(data), `session ${i}`);
          to.end();
          assert.equal((await inTime(ended, 'the end of the relay')).kind, 'done');
        });
        await Promise.all(seen);
      });
    }
  }
}

for (const transport of TRANSPORTS) {
  test(`${transport.name}: what a client has not taken stays what it is when it ends the session, whoever reads meanwhile`, async (t) => {
    const [slow, busy] = [await lane(t, transport, false), await lane(t, transport, false)];
    const data = Buffer.concat(Array.from({ length: 4 }, () => stream(1)));
    slow.client.pause();
    slow.backend.on('error', () => {});
    slow.backend.write(data);
    const left = (): number => slow.backend.writableLength;
    for (let before = -1; before !== left(); ) {
      before = left();
      await turns(200);
    }
    assert.ok(left() > 0, 'the relay waits for the client');
    slow.client.end();
    await turns(20);
    busy.client.resume();
    busy.backend.write(stream(3));
    await turns(500);
    const pieces: Buffer[] = [];
    slow.client.on('data', (chunk: Buffer) => pieces.push(chunk));
    slow.client.resume();
    await event(slow.client, 'end');
    const taken = Buffer.concat(pieces);
    assert.ok(taken.length > 0 && taken.equals(data.subarray(0, taken.length)), `${taken.length} bytes`);
  });
}
