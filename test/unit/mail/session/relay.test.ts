// The relay between two streams in memory: order, back-pressure, how it ends, and what is left then.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Relay, type RelayEnd } from '../../../../src/mail/session/relay.ts';
import { IGNORE } from '../../../../src/net/connection.ts';
import { StreamConnection } from '../../../../src/net/stream-connection.ts';
import { FakeClock } from '../../net/fake-clock.ts';
import { MemoryStream, settle } from '../../net/memory-stream.ts';
import { bytes } from '../doubles.ts';

interface Made {
  readonly client: MemoryStream;
  readonly upstream: MemoryStream;
  readonly relay: Relay;
  readonly ends: RelayEnd[];
  start(early?: string, first?: string): void;
}

/** Two sides that are paused, as after a login. */
function make(timeoutMs = 1000, highWaterMark = 10): Made {
  const [client, upstream] = [new MemoryStream(highWaterMark), new MemoryStream(highWaterMark)];
  const ends: RelayEnd[] = [];
  client.pause();
  upstream.pause();
  const [from, to] = [client, upstream].map((stream) => new StreamConnection(stream, IGNORE));
  assert.ok(from !== undefined && to !== undefined);
  const relay = new Relay({ conn: from }, to, timeoutMs, (end) => ends.push(end));
  return { client, upstream, relay, ends, start: (early = '', first = '') => relay.start(bytes(early), bytes(first)) };
}

function timed(t: TestContext, timeoutMs: number): Made & { readonly clock: FakeClock } {
  const clock = new FakeClock(t);
  return { clock, ...make(timeoutMs) };
}

const kinds = (ends: readonly RelayEnd[]): string[] =>
  ends.map((end) => {
    if (end.kind === 'done') return `done by ${end.by}${end.error === undefined ? '' : ` ${end.error.message}`}`;
    return end.kind === 'broken' ? `broken to ${end.to} ${end.error.message}` : end.kind;
  });

test('what both sides had said before comes first', async () => {
  const { client, upstream, start } = make();
  client.sends('c2');
  upstream.sends('u2');
  start('c1', 'u1');
  await settle();
  assert.equal(upstream.taken, 'c1c2');
  assert.equal(client.taken, 'u1u2');
});

test('bytes pass both ways, unchanged and in order, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 30 })), { maxLength: 20 }),
      async (chunks) => {
        const { client, upstream, start } = make();
        start();
        const said = { true: '', false: '' };
        for (const [fromClient, data] of chunks) {
          const text = Buffer.from(data).toString('latin1');
          (fromClient ? client : upstream).sends(text);
          said[`${fromClient}`] += text;
        }
        await settle();
        for (let i = 0; i < chunks.length; i++) await settle(); // a full buffer drains in turns
        assert.equal(upstream.taken, said.true);
        assert.equal(client.taken, said.false);
      },
    ),
    { numRuns: 30 },
  );
});

for (const [name, slow, fast] of [
  ['a client', 'client', 'upstream'],
  ['a backend', 'upstream', 'client'],
] as const) {
  test(`${name} that takes nothing stops the other side, and only that direction`, async () => {
    const made = make();
    const [sink, source] = [made[slow], made[fast]];
    made.start();
    await settle();
    sink.hold();
    source.sends('0123456789');
    await settle();
    assert.equal(source.isPaused(), true, 'as much waits as may');
    source.sends('more');
    await settle();
    assert.equal(source.readableLength, 4, 'stays where it is');
    sink.sends('back');
    await settle();
    assert.equal(source.taken, 'back');
    assert.equal(sink.isPaused(), false);
    sink.release();
    await settle();
    assert.equal(source.isPaused(), false);
    assert.equal(sink.taken, '0123456789more');
  });
}

test('a side that takes nothing of what was said before stops the other one too', async () => {
  const { client, upstream, start } = make();
  client.hold();
  start('', 'a long reply of the backend');
  await settle();
  assert.equal(upstream.isPaused(), true);
  client.release();
  await settle();
  assert.equal(upstream.isPaused(), false);
});

for (const [name, ending, other] of [
  ['client', 'client', 'upstream'],
  ['upstream', 'upstream', 'client'],
] as const) {
  test(`an end of the ${name} is passed on behind its bytes`, async () => {
    const made = make();
    made.start();
    made[other].hold();
    made[ending].sends('last');
    made[ending].ends();
    await settle();
    assert.equal(made[other].finished, false);
    made[other].release();
    await settle();
    assert.equal(made[other].taken, 'last');
    assert.equal(made[other].finished, true);
    assert.equal(made[ending].finished, true, 'there is no half-closed session');
    assert.deepEqual(kinds(made.ends), [`done by ${ending}`]);
  });

  test(`a reset of the ${name} ends the session with its error`, async () => {
    const made = make();
    made.start('early');
    await settle();
    made[ending].breaks('ECONNRESET', 104, 'read');
    await settle();
    assert.deepEqual(kinds(made.ends), [`done by ${ending} ECONNRESET`]);
    assert.equal(made[other].finished, true);
  });

  test(`a failure to send to the ${name} closes both sides at once`, async () => {
    const made = make();
    made.start();
    await settle();
    made[ending].breaks('EPIPE', 32, 'write');
    await settle();
    assert.deepEqual(kinds(made.ends), [`broken to ${ending} EPIPE`]);
    assert.equal(made[other].destroyed, true);
    assert.equal(made[other].finished, false);
  });
}

test('a backend that has nothing of the client to read is closed at once when the client ends', async () => {
  const { client, upstream, ends, start } = make();
  start('', 'welcome');
  await settle();
  client.ends();
  await settle();
  assert.deepEqual(kinds(ends), ['done by client']);
  assert.equal(client.taken, 'welcome');
  assert.equal(upstream.destroyed, true);
  assert.equal(upstream.finished, false);
  assert.equal(client.finished, true);
});

test('a client that had ended before the relay began is seen', async () => {
  const { client, upstream, ends, start } = make();
  client.ends();
  await settle();
  start('c1', 'u1');
  await settle();
  assert.deepEqual(kinds(ends), ['done by client']);
  assert.equal(upstream.taken, 'c1');
  assert.equal(client.taken, 'u1');
});

test('the idle limit closes both sides, and says so once', async (t) => {
  const { clock, client, upstream, ends, start } = timed(t, 1000);
  start();
  clock.tick(999);
  assert.deepEqual(ends, []);
  clock.tick(1);
  await settle();
  assert.deepEqual(kinds(ends), ['timeout']);
  assert.ok(client.destroyed && upstream.destroyed);
  assert.equal(client.finished, false, 'nothing is sent');
  assert.equal(clock.armed, 0);
});

test('only the client restarts the idle limit: by sending, and by taking again', async (t) => {
  const { clock, client, upstream, ends, start } = timed(t, 1000);
  start();
  await settle();
  clock.tick(900);
  client.sends('x');
  await settle();
  clock.tick(900);
  client.hold();
  upstream.sends('0123456789');
  await settle();
  client.release(); // it drains
  await settle();
  clock.tick(900);
  assert.deepEqual(ends, []);
  upstream.sends('x'); // it is taken at once: no event of the client
  await settle();
  clock.tick(100);
  assert.deepEqual(kinds(ends), ['timeout']);
});

test('the last bytes have as much time as the idle limit, and the session ends when they are gone', async (t) => {
  const { clock, client, upstream, ends, start } = timed(t, 60_000);
  start();
  client.hold();
  upstream.sends('last');
  upstream.ends();
  await settle();
  clock.tick(59_999);
  assert.deepEqual(ends, []);
  client.release();
  await settle();
  assert.equal(client.taken, 'last');
  assert.deepEqual(kinds(ends), ['done by upstream']);
});

test('a client that does not take the last bytes runs into the idle limit', async (t) => {
  const { clock, client, upstream, ends, start } = timed(t, 60_000);
  start();
  client.hold();
  upstream.sends('last');
  upstream.ends();
  await settle();
  clock.tick(60_000);
  await settle();
  assert.deepEqual(kinds(ends), ['timeout']);
  assert.ok(client.destroyed && upstream.destroyed);
  assert.equal(clock.armed, 0);
});

test('a shutdown does not wait for the last bytes', async () => {
  const { client, upstream, relay, ends, start } = make();
  start();
  client.hold();
  upstream.sends('last');
  upstream.ends();
  await settle();
  relay.end({ kind: 'shutdown' });
  assert.deepEqual(kinds(ends), ['shutdown']);
  await settle();
  assert.ok(client.destroyed && upstream.destroyed);
  client.release();
  await settle();
  assert.equal(ends.length, 1);
});

test('an end is told once, whatever comes after it', async () => {
  const { client, upstream, relay, ends, start } = make();
  start();
  relay.end({ kind: 'shutdown' });
  relay.end({ kind: 'timeout' });
  client.ends();
  upstream.ends();
  await settle();
  assert.deepEqual(kinds(ends), ['shutdown']);
  assert.ok(client.destroyed && upstream.destroyed);
});

test('destroy closes both sides and tells nobody', async (t) => {
  const { clock, client, upstream, relay, ends, start } = timed(t, 1000);
  start();
  relay.destroy();
  await settle();
  assert.ok(client.destroyed && upstream.destroyed);
  assert.deepEqual(ends, []);
  assert.equal(clock.armed, 0);
});

test('nothing is armed and nothing is open when both sides have closed', async (t) => {
  const { clock, client, upstream, start } = timed(t, 1000);
  start();
  client.ends();
  await settle();
  upstream.ends();
  await settle();
  assert.ok(client.destroyed && upstream.destroyed);
  assert.equal(clock.armed, 0);
});
