// The way of a session where one phase hands over to the next: no byte and no event gets lost or is taken twice.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { mailServer } from '../../../../src/mail/server.ts';
import { SessionFlow } from '../../../../src/mail/session/flow.ts';
import { serverCertificate } from '../../../support/certificate.ts';
import { listen } from '../../../support/fake-auth.ts';
import { event, turnsUntil } from '../../../support/in-time.ts';
import { FakeClock } from '../../net/fake-clock.ts';
import { farEnd, MemoryStream, settle } from '../../net/memory-stream.ts';
import { bytes, CLIENT, isZero, lent, type Stage, serverStores, stage } from '../doubles.ts';

const CERTIFICATE = {
  '/p/cert': readFileSync(serverCertificate.cert, 'latin1'),
  '/p/key': readFileSync(serverCertificate.key, 'latin1'),
};

interface Run extends Stage {
  readonly flow: SessionFlow;
  ended: boolean;
}

function run(auth: string, block = '', stream = new MemoryStream(), port = 110): Run {
  const text = `auth_http ${auth}; ${block} server { listen 127.0.0.1:${port}; }`;
  const [store] = serverStores(text, { files: CERTIFICATE });
  assert.ok(store !== undefined);
  const starttls = block.includes('starttls on') ? 'on' : 'off';
  const on = stage({ store, starttls }, stream);
  const server = mailServer(store, lent(on.recording.log));
  const options = { ssl: false, proxyProtocol: false, websocket: false };
  const flow = new SessionFlow(on.session, server, options, () => {
    running.ended = true;
  });
  const running: Run = { ...on, flow, ended: false };
  flow.start();
  return running;
}

/** A server on loopback that answers everything that it gets. */
async function answering(t: TestContext, answer: (text: string, socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk) => answer(chunk.toString('latin1'), socket));
    answer('', socket);
  });
  t.after(() => server.close());
  return listen(server, '127.0.0.1', 0);
}

interface Behind {
  /** For `auth_http`. */
  readonly auth: string;
  /** The connections to the backend. */
  readonly backends: Socket[];
}

/** An auth server that lets everyone in when it is told to, and a POP3 backend. */
async function behind(t: TestContext, told: Promise<unknown> = Promise.resolve()): Promise<Behind> {
  const backends: Socket[] = [];
  const backend = await answering(t, (text, socket) => {
    if (text === '') backends.push(socket);
    socket.write(text.startsWith('STAT') ? '+OK 1\r\n' : '+OK\r\n');
  });
  const auth = await answering(t, (text, socket) => {
    if (text === '') return;
    void told.then(() => socket.write(`HTTP/1.0 200 OK\r\nAuth-Server: 127.0.0.1\r\nAuth-Port: ${backend}\r\n\r\n`));
  });
  return { auth: `127.0.0.1:${auth}`, backends };
}

const NOBODY = '127.0.0.1:1';
const GREETING = '+OK POP3 ready\r\n';

test('from the greeting to the relay: what was pipelined behind the login goes to the backend', async (t) => {
  const { auth, backends } = await behind(t);
  const { stream, recording, session } = run(auth);
  stream.sends('USER joe\r\nPASS secret\r\nSTAT\r\n');
  await turnsUntil(() => stream.taken.endsWith('+OK 1\r\n'));
  assert.equal(stream.taken, `${GREETING}+OK\r\n+OK\r\n+OK 1\r\n`);
  assert.deepEqual(recording.lines, [
    `[info] *1 client logged in${CLIENT}, login: "joe", upstream: ${session.upstream}`,
  ]);
  assert.equal(backends.length, 1);
});

test('when the relay begins the password is overwritten and forgotten', async (t) => {
  let go: (value?: unknown) => void = () => {};
  const { auth } = await behind(
    t,
    new Promise((resolve) => {
      go = resolve;
    }),
  );
  const { stream, session, recording } = run(auth);
  stream.sends('USER joe\r\nPASS secret\r\n');
  await turnsUntil(() => session.credentials !== undefined);
  const pass = session.credentials?.pass;
  assert.equal(pass?.toString(), 'secret');
  go();
  await turnsUntil(() => recording.lines.length > 0);
  assert.ok(pass !== undefined && isZero(pass));
  assert.equal(session.credentials, undefined);
});

test('a client that ends while the auth server thinks is noticed when the relay begins', async (t) => {
  let go: (value?: unknown) => void = () => {};
  const { auth, backends } = await behind(
    t,
    new Promise((resolve) => {
      go = resolve;
    }),
  );
  const running = run(auth);
  running.stream.sends('USER joe\r\nPASS secret\r\n');
  await turnsUntil(() => running.session.credentials !== undefined);
  running.stream.ends();
  await settle();
  go();
  await turnsUntil(() => running.ended);
  const [backend] = backends;
  assert.ok(backend !== undefined);
  if (!backend.readableEnded) await event(backend, 'end');
  assert.equal(running.stream.finished, true);
  assert.match(running.recording.lines.at(-1) ?? '', /proxied session done/);
});

test('a client that resets while the auth server thinks ends the session, and leaves nothing', async (t) => {
  const { auth } = await behind(t, new Promise(() => {}));
  const clock = new FakeClock(t);
  const running = run(auth);
  running.stream.sends('USER joe\r\nPASS secret\r\n');
  await turnsUntil(() => running.session.credentials !== undefined);
  const pass = running.session.credentials?.pass;
  running.stream.breaks('ECONNRESET', 104, 'read');
  await settle();
  assert.equal(running.ended, true);
  assert.ok(pass !== undefined && isZero(pass));
  assert.equal(clock.armed, 0);
});

test('STARTTLS: what a stranger put into the clear text is never read as if it came through TLS', async () => {
  const block = 'starttls on; ssl_certificate /p/cert; ssl_certificate_key /p/key; timeout 10s;';
  const stream = new MemoryStream(4); // one reply fills it
  const running = run(NOBODY, block, stream);
  await settle();
  stream.hold();
  stream.sends('NOOP\r\nSTLS\r\nNOOP\r\n'); // its first reply waits
  await settle();
  stream.sends('USER evil\r\nPASS x\r\n'); // waits in the stream
  await settle();
  stream.release();
  await settle();
  assert.equal(stream.taken, `${GREETING}+OK\r\n+OK\r\n`);
  const client = connect({ socket: farEnd(stream), rejectUnauthorized: false });
  let secure = '';
  client.on('data', (chunk: Buffer) => {
    secure += chunk.toString('latin1');
  });
  await event(client, 'secureConnect');
  client.write('CAPA\r\n');
  await turnsUntil(() => secure.endsWith('.\r\n'));
  assert.match(secure, /^\+OK Capability list follows\r\n/);
  client.write('PASS x\r\n');
  await turnsUntil(() => secure.endsWith('command\r\n'));
  assert.equal(running.session.login, undefined, 'nobody has said USER');
  running.flow.terminate();
  client.destroy();
});

test('the time limit of the greeting is not extended by commands', async (t) => {
  const clock = new FakeClock(t);
  const running = run(NOBODY, 'timeout 1s;');
  await settle();
  clock.tick(900);
  running.stream.sends('NOOP\r\n');
  await settle();
  clock.tick(99);
  assert.equal(running.ended, false);
  clock.tick(1);
  await settle();
  assert.equal(running.ended, true);
  assert.equal(running.stream.destroyed, true);
  assert.equal(running.stream.taken, `${GREETING}+OK\r\n`, 'not a word about it');
  assert.deepEqual(running.recording.lines, [
    `[info] *1 client timed out (110: Connection timed out) while in auth state${CLIENT}`,
  ]);
  assert.equal(clock.armed, 0);
});

test('a fault of ours ends one session, with a record, and closes what it held', async () => {
  const running = run(NOBODY);
  await settle();
  running.session.use('plain', bytes('joe'), bytes('secret'));
  running.conn.handler.onData = () => {
    throw new Error('ours');
  };
  running.stream.sends('NOOP\r\n');
  await settle();
  assert.equal(running.ended, true);
  assert.equal(running.stream.destroyed, true);
  assert.equal(running.session.credentials, undefined);
  assert.match(
    running.recording.lines[0] ?? '',
    /^\[alert\] \*1 session ended by a fault: Error: ours\\x0A +at .*, login: "joe"$/,
  );
});

test('a session that is terminated in the middle of anything tells of its end once', async (t) => {
  const { auth } = await behind(t, new Promise(() => {}));
  for (const text of ['', 'NOO', 'USER joe\r\n', 'USER joe\r\nPASS x\r\n']) {
    const clock = new FakeClock(t);
    const running = run(auth);
    running.stream.sends(text);
    await settle();
    running.flow.terminate();
    running.flow.terminate();
    await settle();
    assert.equal(running.ended, true);
    assert.equal(running.stream.destroyed, true);
    assert.equal(clock.armed, 0, JSON.stringify(text));
    t.mock.restoreAll();
  }
});
