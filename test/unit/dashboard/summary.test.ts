// The headline, backends, and what is slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byNeed, healthOf } from '../../../src/dashboard/backends.ts';
import { failureOf, sessionUrl } from '../../../src/dashboard/end-session.ts';
import { protocolsOf, seriesClass } from '../../../src/dashboard/protocols.ts';
import { summaryOf } from '../../../src/dashboard/summary.ts';
import { TimesMemory, timesDomain } from '../../../src/dashboard/times.ts';
import type { Now, PeerLine } from '../../../src/http/dashboard/messages.ts';
import { Scene } from '../../support/dashboard-scene.ts';

const START = 1_800_000_000_000;
const now: Now = new Scene({ sessions: 500, startedMs: START }).now(START);
const peer = (state: string): PeerLine => ({
  group: 'g',
  server: state,
  state,
  backup: false,
  sessions: 0,
  connections: 0,
  fails: 0,
});
const text = (message: Now): string =>
  summaryOf(message)
    .map((sentence) => sentence.map((piece) => piece.text).join(''))
    .join(' ');

test('the headline says what goes on, and trouble only where there is some', () => {
  const calm = { ...now, sessions: { imap: 1 }, ok: 0.5, refused: 0, error: 0, peers: [] };
  assert.equal(text(calm), '1 session. 0.5 logins a second.');
  const trouble = {
    ...calm,
    sessions: { imap: 900, pop3: 300 },
    refused: 3.14,
    error: 0.2,
    peers: [peer('up'), peer('unhealthy')],
  };
  assert.equal(
    text(trouble),
    '1,200 sessions. 3.8 logins a second, 3.1 refused, 0.2 failed. 1 of 2 backends is failing.',
  );
});

test('backends are well when all of them are up', () => {
  const health = (...states: string[]) => healthOf(states.map(peer));
  assert.equal(health(), undefined);
  assert.deepEqual(health('up'), { tone: 'good', text: 'The backend is up.' });
  assert.deepEqual(health('up', 'up'), { tone: 'good', text: 'All 2 backends are up.' });
  assert.deepEqual(health('up', 'draining', 'down'), { tone: 'busy', text: '1 of 3 backends are up.' });
  assert.deepEqual(health('up', 'down'), { tone: 'off', text: '1 of 2 backends are up.' });
  assert.equal(healthOf([peer('unhealthy'), peer('up')], 98)?.text, '1 of 100 backends is failing.');
  assert.equal(healthOf([peer('draining'), peer('up')], 98)?.text, '99 of 100 backends are up.');
  assert.deepEqual(health('unavail', 'unhealthy', 'up')?.text, '2 of 3 backends are failing.');
});

test('backends that need a look come first', () => {
  const states = ['up', 'down', 'draining', 'something new', 'unavail', 'checking'];
  assert.deepEqual(
    byNeed(states.map(peer)).map(({ state }) => state),
    ['unavail', 'draining', 'checking', 'down', 'something new', 'up'],
  );
});

test('what was slow is remembered for a minute', () => {
  const memory = new TimesMemory();
  const quiet: Now = { ...now, atMs: START + 59_000, servers: [], peers: [] };
  memory.take(now);
  memory.take(quiet);
  const slowest = memory.slowest(3);
  assert.equal(slowest.length, 3);
  assert.ok(slowest.every((timed, index) => timed.times.p99 <= (slowest[index - 1]?.times.p99 ?? Infinity)));
  memory.take({ ...quiet, atMs: START + 61_000 });
  assert.deepEqual(memory.slowest(3), []);
  memory.take(now);
  memory.take({ ...quiet, atMs: START - 3_600_000 });
  assert.deepEqual(memory.slowest(3), [], 'by a clock that was set back it would stay for an hour');
});

test('servers that share a name have times of their own', () => {
  const memory = new TimesMemory();
  const [server] = now.servers;
  assert.ok(server !== undefined);
  const auth = (p99: number) => ({ count: 1, p50: 1, p99 });
  memory.take({
    ...now,
    peers: [],
    servers: [
      { ...server, protocol: 'imap', name: 'm', auth: auth(5), backend: undefined },
      { ...server, protocol: 'pop3', name: 'm', auth: auth(7), backend: undefined },
    ],
  });
  assert.deepEqual(
    memory.slowest(9).map(({ name, times }) => [name, times.p99]),
    [
      ['POP3 m', 7],
      ['IMAP m', 5],
    ],
  );
  assert.deepEqual(timesDomain(memory.slowest(9)), { from: 1, to: 100 });
});

test('protocols keep their order and their colours', () => {
  assert.deepEqual(protocolsOf([{ ...now, sessions: { sieve: 1 } }], { smtp: 1, lmtp: 0, imap: 2 }), [
    'imap',
    'smtp',
    'lmtp',
    'sieve',
  ]);
  assert.deepEqual([seriesClass('imap', 4), seriesClass('x y', 9)], ['series-imap', 'series-5']);
});

test('a session is ended at this server only', () => {
  assert.equal(sessionUrl('/api', '12-7'), '/api/9/mail/sessions/12-7');
  assert.equal(sessionUrl('/api/', '../x?'), '/api/9/mail/sessions/..%2Fx%3F');
  assert.equal(sessionUrl('/', '12-7'), '/9/mail/sessions/12-7');
  for (const api of ['//evil.example/api', '/\\evil.example', 'https://evil.example/', '']) {
    assert.equal(sessionUrl(api, '12-7'), undefined, api);
  }
});

test('whoever is gone is ended, and every refusal is told', () => {
  assert.deepEqual([200, 204, 404].map(failureOf), [undefined, undefined, undefined]);
  for (const status of [301, 401, 403, 405, 429, 500, 502])
    assert.match(failureOf(status) ?? '', new RegExp(`\\(${status}\\)`));
});
