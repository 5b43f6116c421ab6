// The PROXY header of a client's connection: what it changes, and what comes behind it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readSessionHeader } from '../../../../src/mail/session/proxy-header.ts';
import { IGNORE } from '../../../../src/net/connection.ts';
import { FakeClock } from '../../net/fake-clock.ts';
import { settle } from '../../net/memory-stream.ts';
import { type Stage, serverFrom, stage } from '../doubles.ts';

const SERVER = serverFrom(
  'auth_http 127.0.0.1:9; timeout 1s; set_real_ip_from 192.0.2.0/24; server { listen 127.0.0.1:143; }',
);
const V1 = 'PROXY TCP4 198.51.100.7 198.51.100.8 40001 143\r\n';

interface Run extends Stage {
  readonly events: string[];
  /** What the next phase reads. */
  readonly rest: string[];
}

function run(setup: Parameters<typeof stage>[0] = {}): Run {
  const on = stage({ store: SERVER.store, ...setup });
  const events: string[] = [];
  const rest: string[] = [];
  readSessionHeader(on.session, SERVER, {
    accepted: () => {
      events.push('accepted');
      on.conn.handler = { ...IGNORE, onData: (chunk) => rest.push(chunk.toString('latin1')) };
      on.conn.resume();
    },
    timedOut: () => events.push('timeout'),
    closed: (error) => events.push(`closed ${error?.message ?? ''}`.trim()),
  });
  return { ...on, events, rest };
}

async function reads(text: string, setup?: Parameters<typeof stage>[0]): Promise<Run> {
  const running = run(setup);
  running.stream.sends(text);
  await settle();
  return running;
}

const suffix = ', client: 192.0.2.1, server: 127.0.0.1:143';
const bad = (text: string): string => `[error] *1 ${text} while reading PROXY protocol${suffix}`;

test('a header of a trusted peer takes the place of the client', async () => {
  const { session, events, rest } = await reads(V1);
  assert.deepEqual(events, ['accepted']);
  assert.deepEqual(session.client, { address: '198.51.100.7', port: 40001 });
  assert.deepEqual(session.local, { address: '127.0.0.1', port: 143 }, 'the real one');
  assert.equal(session.proxyHeader?.destination, '198.51.100.8');
  assert.deepEqual(rest, []);
});

test('a header of anyone else is told to the auth server only', async () => {
  const { session, events } = await reads(V1, { client: { address: '203.0.113.1', port: 1 } });
  assert.deepEqual(events, ['accepted']);
  assert.deepEqual(session.client, { address: '203.0.113.1', port: 1 });
  assert.equal(session.proxyHeader?.source, '198.51.100.7');
});

test('an address that is none is told to the auth server only', async () => {
  const { session, events } = await reads('PROXY TCP4 9 5.6.7.8 111 222\r\n');
  assert.deepEqual(events, ['accepted']);
  assert.equal(session.clientText, '192.0.2.1');
  assert.equal(session.proxyHeader?.source, '9');
});

test('an address is shown as nginx writes it', async () => {
  const { session } = await reads('PROXY TCP6 2001:DB8:0:0::1 ::1 1 2\r\n');
  assert.equal(session.clientText, '2001:db8::1');
});

test('a header without addresses changes nothing', async () => {
  for (const header of ['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN 1.2.3.4 5.6.7.8 1 2\r\n']) {
    const { session, events } = await reads(header);
    assert.deepEqual(events, ['accepted']);
    assert.equal(session.proxyHeader, undefined);
    assert.equal(session.clientText, '192.0.2.1');
  }
});

test('what comes right behind the header is read next, and what follows it after that', async () => {
  const { stream, rest } = await reads(`${V1}a NOOP\r\n`);
  stream.sends('b NOOP\r\n');
  await settle();
  assert.equal(rest.join(''), 'a NOOP\r\nb NOOP\r\n');
});

test('a header that is not whole in the first read is broken', async () => {
  for (let n = 1; n < V1.length; n += 5) {
    const { events, recording } = await reads(V1.slice(0, n));
    assert.deepEqual(events, ['closed']);
    assert.equal(recording.lines.length, 1);
    assert.match(recording.lines[0] ?? '', /^\[error\] \*1 broken header: "/);
  }
});

test('a header of more than 4096 bytes is broken', async () => {
  const { events } = await reads(`PROXY UNKNOWN ${'x'.repeat(4090)}\r\n`);
  assert.deepEqual(events, ['closed']);
});

test('a client without a header is turned away, and its login is not logged', async () => {
  const { events, recording } = await reads('a LOGIN joe secret\r\n');
  assert.deepEqual(events, ['closed']);
  assert.match(recording.lines.join(), /broken header: "a /);
  assert.doesNotMatch(recording.lines.join(), /secret/);
});

test('an end before the header', async () => {
  const { stream, events, recording } = run();
  stream.ends();
  await settle();
  assert.deepEqual(events, ['closed']);
  assert.deepEqual(recording.lines, [bad('broken header: ""')]);
});

test('a reset before the header is told with its error', async () => {
  const { stream, events } = run();
  stream.breaks('ECONNRESET', 104, 'read');
  await settle();
  assert.deepEqual(events, ['closed ECONNRESET']);
});

test('the header is waited for as long as the time limit, and the limit ends with it', async (t: TestContext) => {
  const clock = new FakeClock(t);
  const silent = run();
  clock.tick(1000);
  assert.deepEqual(silent.events, ['timeout']);
  await reads(V1);
  assert.equal(clock.armed, 0);
});
