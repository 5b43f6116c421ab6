// Connections that are kept between requests: how many, how long, and what spoils them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DEFAULT_KEEPALIVE, type KeepaliveRules } from '../../../../src/http/upstream/group.ts';
import { IdlePool } from '../../../../src/http/upstream/idle-pool.ts';
import { closed } from '../../../support/in-time.ts';

interface Arena {
  readonly pool: IdlePool;
  /** Opens a connection. @returns both of its ends */
  dial(): Promise<{ readonly socket: Socket; readonly peer: Socket }>;
}

async function prepare(t: TestContext, rules: Partial<KeepaliveRules> = {}): Promise<Arena> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const all: Socket[] = [];
  t.after(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const pool = new IdlePool({ ...DEFAULT_KEEPALIVE, ...rules });
  const dial = async () => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connect(port, '127.0.0.1');
    const [peer] = await Promise.all([accepted, once(socket, 'connect')]);
    peer.resume();
    all.push(socket, peer);
    pool.opened(socket);
    return { socket, peer };
  };
  return { pool, dial };
}

test('the latest connection of a peer is taken first, and only for that peer', async (t) => {
  const { pool, dial } = await prepare(t);
  const [one, two, other] = [await dial(), await dial(), await dial()];
  pool.put('a', one.socket);
  pool.put('a', two.socket);
  pool.put('b', other.socket);
  assert.equal(pool.take('a'), two.socket);
  assert.equal(pool.take('a'), one.socket);
  assert.equal(pool.take('a'), undefined);
  assert.equal(pool.take('b'), other.socket);
});

test('when there are too many, the one that has been idle the longest is closed', async (t) => {
  const { pool, dial } = await prepare(t, { connections: 2 });
  const three = [await dial(), await dial(), await dial()];
  for (const { socket } of three) pool.put('a', socket);
  assert.deepEqual(
    three.map(({ socket }) => socket.destroyed),
    [true, false, false],
  );
});

test('a connection serves so many requests, and no longer than so', async (t) => {
  const { pool, dial } = await prepare(t, { requests: 3 });
  const { socket } = await dial();
  for (let i = 0; i < 2; i++) {
    pool.put('a', socket);
    assert.equal(pool.take('a'), socket);
  }
  pool.put('a', socket);
  assert.equal(socket.destroyed, true);
  const old = await prepare(t, { timeMs: -1 });
  const aged = await old.dial();
  old.pool.put('a', aged.socket);
  assert.equal(aged.socket.destroyed, true);
});

test('a connection that has been idle for too long is closed', async (t) => {
  const { pool, dial } = await prepare(t, { timeoutMs: 1 });
  const { socket, peer } = await dial();
  pool.put('a', socket);
  await closed(peer);
  assert.equal(pool.take('a'), undefined);
});

test('what a peer says or does without being asked spoils its connection', async (t) => {
  const { pool, dial } = await prepare(t);
  for (const act of [
    (peer: Socket) => peer.write('x'),
    (peer: Socket) => peer.end(),
    (peer: Socket) => peer.resetAndDestroy(),
  ]) {
    const { socket, peer } = await dial();
    pool.put('a', socket);
    act(peer);
    await closed(socket);
    assert.equal(pool.take('a'), undefined);
  }
});

test('listeners do not pile up on a connection that is used again and again', async (t) => {
  const { pool, dial } = await prepare(t);
  const { socket } = await dial();
  const count = (): number => socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0);
  pool.put('a', socket);
  const before = count();
  for (let i = 0; i < 20; i++) {
    assert.equal(pool.take('a'), socket);
    pool.put('a', socket);
  }
  assert.equal(count(), before);
});
