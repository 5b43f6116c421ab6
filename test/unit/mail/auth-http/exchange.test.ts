// One question to the auth server over a real socket: how it may end, and what stays of it in memory.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { AuthExchange } from '../../../../src/mail/auth-http/exchange.ts';
import type { AuthReply } from '../../../../src/mail/auth-http/reply.ts';
import { listen } from '../../../support/fake-auth.ts';
import { inTime } from '../../../support/in-time.ts';
import { FakeClock } from '../../net/fake-clock.ts';
import { NextClient } from '../../net/next-client.ts';
import { bytes, CLIENT, isZero, type Stage, stage } from '../doubles.ts';

interface Result extends Stage {
  readonly reply: AuthReply | undefined;
  readonly request: Buffer;
  readonly text: string;
}

/** Asks a server that does as it is told once the request is there. */
async function ask(t: TestContext, answer: (socket: Socket) => void, timeoutMs = 10_000): Promise<Result> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
    t.after(() => socket.destroy());
  });
  const port = await listen(server, '127.0.0.1', 0);
  t.after(() => server.close());
  return exchange({ kind: 'inet', address: '127.0.0.1', port }, `127.0.0.1:${port}`, timeoutMs);
}

function exchange(
  target: ConstructorParameters<typeof AuthExchange>[1]['target'],
  text: string,
  timeoutMs = 10_000,
): Promise<Result> {
  const on = stage();
  on.session.action = 'in http auth state';
  const request = bytes('GET / HTTP/1.0\r\nAuth-Pass: secret\r\n\r\n');
  const told = new Promise<Result>((resolve) => {
    let calls = 0;
    const done = (reply: AuthReply | undefined): void => {
      assert.equal(++calls, 1, 'called once');
      setImmediate(() => resolve({ ...on, reply, request, text }));
    };
    new AuthExchange(on.session, { target, text, timeoutMs }, request, done).start();
  });
  return inTime(told, 'the end of the exchange');
}

/** tcpmux, which nothing serves. */
const NOBODY = 1;

const suffix = ` while in http auth state${CLIENT}`;

test('an answer in many pieces ends the exchange at its last byte', async (t) => {
  const { reply, recording, request } = await ask(t, (socket) => {
    socket.setNoDelay();
    for (const byte of 'HTTP/1.0 200 OK\r\nAuth-Port: 143\r\n\r\nbody') socket.write(byte);
  });
  assert.equal(reply?.port?.toString(), '143');
  assert.deepEqual(recording.lines, []);
  assert.ok(isZero(request), 'the request held a password');
});

test('a server that closes too early is no answer, and is not logged', async (t) => {
  const { reply, recording, request } = await ask(t, (socket) => socket.end('HTTP/1.0 200 OK\r\nAuth-Port: 143\r\n'));
  assert.equal(reply, undefined);
  assert.deepEqual(recording.lines, []);
  assert.ok(isZero(request));
});

test('a reset is logged', async (t) => {
  const { reply, recording, request } = await ask(t, (socket) => socket.resetAndDestroy());
  assert.equal(reply, undefined);
  assert.deepEqual(recording.lines, [`[error] *1 recv() failed (104: Connection reset by peer)${suffix}`]);
  assert.ok(isZero(request));
});

test('a refused connection fails at the first read, as with nginx', async () => {
  const { recording, request } = await exchange({ kind: 'inet', address: '127.0.0.1', port: NOBODY }, 'x');
  assert.deepEqual(recording.lines, [`[error] *1 recv() failed (111: Connection refused)${suffix}`]);
  assert.ok(isZero(request));
});

test('a socket that is not there fails at once', async () => {
  const { recording } = await exchange({ kind: 'unix', path: '/nonexistent/auth' }, 'unix:/nonexistent/auth');
  assert.deepEqual(recording.lines, [
    `[crit] *1 connect() to unix:/nonexistent/auth failed (2: No such file or directory)${suffix}`,
  ]);
});

test('a silent server is waited for no longer than the time limit', async (t) => {
  const clock = new FakeClock(t);
  const { reply, recording, text, request } = await ask(t, () => clock.tick(20), 20);
  assert.equal(reply, undefined);
  assert.deepEqual(recording.lines, [
    `[error] *1 auth http server ${text} timed out (110: Connection timed out)${suffix}`,
  ]);
  assert.ok(isZero(request));
});

test('bytes of an answer do not extend the time limit', async (t) => {
  const clock = new FakeClock(t);
  const client = new NextClient();
  const head = 'HTTP/1.0 200 OK\r\nX: ';
  const drip = async (socket: Socket): Promise<void> => {
    socket.write(head);
    for (let read = head.length; read < head.length + 4; read++) {
      await client.hasRead(read);
      clock.tick(10);
      socket.write('x');
    }
  };
  const { recording } = await ask(t, (socket) => void drip(socket), 40);
  assert.match(recording.lines.join('\n'), /^\[error\] \*1 auth http server \S+ timed out/);
});

test('what is wrong with an answer is logged, with the Auth-User that came before it', async (t) => {
  const broken = await ask(t, (socket) => socket.write('HTTP/1.0 200\rOK\r\n'));
  assert.deepEqual(broken.recording.lines, [
    `[error] *1 auth http server ${broken.text} sent invalid response${suffix}`,
  ]);
  const header = await ask(t, (socket) => socket.write('HTTP/1.0 200 OK\r\nAuth-User: jim\r\nAuth_Pass: x\r\n'));
  assert.deepEqual(header.recording.lines, [
    `[error] *1 auth http server ${header.text} sent invalid header in response${suffix}, login: "jim"`,
  ]);
});

test('an answer that is too long is not logged', async (t) => {
  const { reply, recording } = await ask(t, (socket) => socket.write(`HTTP/1.0 200 OK\r\nX: ${'x'.repeat(2000)}`));
  assert.equal(reply, undefined);
  assert.deepEqual(recording.lines, []);
});

test('a cancelled exchange closes its connection, overwrites the request and says nothing', async (t) => {
  const { session, recording } = stage();
  const request = bytes('GET / HTTP/1.0\r\nAuth-Pass: secret\r\n\r\n');
  const server = createServer();
  const port = await listen(server, '127.0.0.1', 0);
  t.after(() => server.close());
  const target = { kind: 'inet', address: '127.0.0.1', port } as const;
  const exchanged = new AuthExchange(session, { target, text: 'x', timeoutMs: 10_000 }, request, () =>
    assert.fail('nobody waits for it'),
  );
  const closed = new Promise<void>((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => exchanged.cancel());
      socket.once('close', () => resolve());
    });
  });
  exchanged.start();
  await inTime(closed, 'the close');
  assert.ok(isZero(request));
  assert.deepEqual(recording.lines, []);
  exchanged.cancel(); // once more does nothing
});
