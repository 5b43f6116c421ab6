// TLS over handles begins with what a client says, in whatever pieces.
import assert from 'node:assert/strict';
import { connect as connectPlain } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { takeBindings } from '../../../../src/net/handle/native.ts';
import { HandleTransport } from '../../../../src/net/handle/transport.ts';
import type { TlsOutcome } from '../../../../src/net/tls/outcome.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { closed, event, inTime } from '../../../support/in-time.ts';
import { buildTls, clientHello, GREETING } from '../../../support/tls.ts';
import { listenOver } from '../../../support/transports.ts';

interface Counted {
  readonly port: number;
  /** How often TLS was begun. */
  readonly wraps: () => number;
  readonly accepted: Promise<void>;
  readonly outcome: Promise<TlsOutcome>;
}

/** A server over handles that counts, and greets over TLS. */
function counted(t: Scope): Counted {
  const bindings = takeBindings();
  assert.ok(typeof bindings !== 'string');
  let wraps = 0;
  const tls = {
    TLSWrap: bindings.tls.TLSWrap,
    wrap: (...args: Parameters<typeof bindings.tls.wrap>) => {
      wraps++;
      return bindings.tls.wrap(...args);
    },
  };
  let arrived = (): void => {};
  let settled: (outcome: TlsOutcome) => void = () => {};
  const accepted = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const outcome = new Promise<TlsOutcome>((resolve) => {
    settled = resolve;
  });
  const port = listenOver(new HandleTransport({ ...bindings, tls }), t, ({ connection }) => {
    connection.startTls(buildTls(), ['imap'], (end) => {
      if (end.kind === 'secure') connection.write(Buffer.from(GREETING));
      settled(end);
    });
    arrived();
  });
  return { port, wraps: () => wraps, accepted, outcome };
}

test('a client that says nothing costs no TLS', async (t) => {
  const { port, wraps, accepted, outcome } = counted(t);
  const client = connectPlain(port, '127.0.0.1');
  t.after(() => client.destroy());
  await inTime(accepted, 'the connection');
  assert.equal(wraps(), 0);
  client.end();
  const log = 'peer closed connection in SSL handshake';
  assert.deepEqual(await inTime(outcome, 'the outcome'), { kind: 'failed', log });
  assert.equal(wraps(), 0);
});

test('a client that breaks off in the midst of its hello', async (t) => {
  const { port, wraps, outcome } = counted(t);
  const hello = await clientHello();
  const client = connectPlain(port, '127.0.0.1');
  t.after(() => client.destroy());
  client.end(hello.subarray(0, 50));
  client.resume();
  assert.equal((await inTime(outcome, 'the outcome')).kind, 'failed');
  assert.equal(wraps(), 1);
  await closed(client);
});

test('a hello that comes byte by byte, and is longer than a buffer is made by default', async (t) => {
  const { port, wraps, outcome } = counted(t);
  const socket = connectPlain({ port, host: '127.0.0.1', noDelay: true });
  const inBytes = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      for (const byte of chunk) socket.write(Buffer.of(byte));
      done();
    },
  });
  socket.on('data', (chunk) => inBytes.push(chunk));
  const ALPNProtocols = ['imap', ...Array.from({ length: 60 }, (_, i) => `${i}`.padEnd(100, 'x'))];
  const client = connect({ socket: inBytes, rejectUnauthorized: false, ALPNProtocols });
  t.after(() => {
    client.destroy();
    socket.destroy();
  });
  assert.equal(String((await event(client, 'data'))[0]), GREETING);
  assert.equal((await inTime(outcome, 'the outcome')).kind, 'secure');
  assert.equal(wraps(), 1);
});
