// A TLS session that breaks in the middle: what came before that is passed on, however much of it came at once.
import assert from 'node:assert/strict';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { IGNORE } from '../../../../src/net/connection.ts';
import { event, inTime } from '../../../support/in-time.ts';
import { buildTls } from '../../../support/tls.ts';
import { listenOver, TRANSPORTS } from '../../../support/transports.ts';

const RECORD_BYTES = 16_384;
/** A record that no key fits. */
const BROKEN = Buffer.concat([Buffer.from([23, 3, 3, 0, 64]), Buffer.alloc(64, 'x')]);

/** The way of a TLS client to a socket, on which what it says can be held back. */
class Way extends Duplex {
  holds = false;
  readonly held: Buffer[] = [];
  readonly #socket: net.Socket;

  constructor(socket: net.Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk) => this.push(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', () => {});
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.holds) this.held.push(chunk);
    else this.#socket.write(chunk);
    done();
  }
}

for (const transport of TRANSPORTS) {
  for (const records of [1, 2, 3]) {
    test(`${transport.name}: ${records} whole records before one that is broken are passed on`, async (t) => {
      let ready: () => void = () => {};
      const stands = new Promise<void>((resolve) => {
        ready = resolve;
      });
      let settle: (bytes: number) => void = () => {};
      const got = new Promise<number>((resolve) => {
        settle = resolve;
      });
      const port = listenOver(transport, t, ({ connection }) =>
        connection.startTls(buildTls(), ['imap'], () => {
          let bytes = 0;
          connection.handler = {
            ...IGNORE,
            onData: (chunk) => {
              bytes += chunk.length;
            },
            onClose: (error) => {
              assert.ok(error !== undefined);
              settle(bytes);
            },
          };
          connection.lendChunks();
          connection.resume();
          ready();
        }),
      );
      const socket = net.connect({ port, host: '127.0.0.1' });
      const way = new Way(socket);
      const client = connect({ socket: way, rejectUnauthorized: false });
      t.after(() => {
        client.destroy();
        socket.destroy();
      });
      client.on('error', () => {});
      await event(client, 'secureConnect');
      await inTime(stands, 'the server');
      way.holds = true;
      await new Promise<void>((resolve) => client.write(Buffer.alloc(records * RECORD_BYTES), () => resolve()));
      socket.write(Buffer.concat([...way.held, BROKEN]));
      assert.equal(await inTime(got, 'the end'), records * RECORD_BYTES);
    });
  }
}
