// What a page is told of two looks: rates between them, times of the last seconds, and no more lines than it has room for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCounts } from '../../../../src/core/connection-counts.ts';
import { Moments } from '../../../../src/http/dashboard/moments.ts';
import { type PeerView, StatsRegistry } from '../../../../src/stats/registry.ts';
import type { Everything } from '../../../../src/stats/status.ts';

const everything = (registry: StatsRegistry): Everything => ({
  total: { connections: noCounts(), blocks: registry.blocks },
  processes: [
    {
      connections: { ...noCounts(), active: 3 },
      blocks: new Map(),
      pid: 7,
      slot: 1,
      condition: 'serving',
    },
  ],
  history: { respawned: 2, reloads: 4, loadedMs: 5 },
});

const peer = (name: string, state: PeerView['state']): PeerView => ({
  id: 0,
  key: `peer\0group\0${name}\0${name}`,
  name,
  address: name,
  backup: false,
  weight: 1,
  maxConns: 0,
  maxFails: 1,
  failTimeoutMs: 10_000,
  slowStartMs: 0,
  state,
  parent: undefined,
  down: false,
  checks: undefined,
});

test('rates are those since the look before', () => {
  const registry = new StatsRegistry();
  const server = registry.server('front', 'imap');
  const moments = new Moments(registry);
  server.login('plain', 'ok');
  const first = moments.next(everything(registry), 1000);
  assert.deepEqual([first.ok, first.servers[0]?.ok, first.servers[0]?.auth], [0, 0, undefined]);
  server.login('plain', 'ok');
  server.login('login', 'ok');
  server.login('none', 'refused');
  server.secured('TLSv1.3', true);
  const second = moments.next(everything(registry), 3000);
  assert.deepEqual([second.ok, second.refused, second.error], [1, 0.5, 0]);
  assert.equal(second.tls['TLSv1.3'], 1);
  assert.deepEqual(second.workers, [{ pid: 7, slot: 1, condition: 'serving', connections: 3 }]);
  assert.deepEqual([second.generation, second.loadedMs, second.respawned], [5, 5, 2]);
  const third = moments.next(everything(registry), 4000);
  assert.equal(third.ok, 0);
});

test('times are those of the last ten seconds', () => {
  const registry = new StatsRegistry();
  const server = registry.server('front', 'imap');
  const moments = new Moments(registry);
  server.authTook(60_000);
  moments.next(everything(registry), 0);
  server.authTook(3);
  const auth = (atMs: number) => moments.next(everything(registry), atMs).servers[0]?.auth;
  assert.deepEqual(auth(1000), { count: 1, p50: 3.75, p99: 4.97 });
  assert.equal(auth(10_000)?.count, 1);
  assert.equal(auth(11_500), undefined);
});

test('a clock that is set back, and counters that are, make no rates', () => {
  const registry = new StatsRegistry();
  const server = registry.server('front', 'imap');
  const moments = new Moments(registry);
  for (let i = 0; i < 5; i++) server.login('plain', 'ok');
  moments.next(everything(registry), 10_000);
  server.login('plain', 'ok');
  assert.equal(moments.next(everything(registry), 5000).ok, 0);
  server.values.fill(0);
  assert.equal(moments.next(everything(registry), 6000).ok, 0);
});

test('nothing of before counts when nobody has watched meanwhile', () => {
  const registry = new StatsRegistry();
  const server = registry.server('front', 'imap');
  const moments = new Moments(registry);
  moments.next(everything(registry), 0);
  moments.forget();
  server.login('plain', 'ok');
  assert.equal(moments.next(everything(registry), 1000).ok, 0);
});

test('of more than a page has room for, those that matter', () => {
  const registry = new StatsRegistry();
  for (let i = 0; i < 300; i++) registry.server(`s${i}`, 'imap');
  registry.server('s299', 'imap').began();
  const peers = Array.from({ length: 600 }, (_, i) => peer(`p${i}`, i === 599 ? 'unavail' : 'up'));
  registry.add({
    name: 'group',
    zone: undefined,
    allowsBackup: false,
    looksUpNames: false,
    nextId: () => 0,
    peers: () => peers,
    names: () => [],
  });
  const now = new Moments(registry).next(everything(registry), 0);
  assert.deepEqual([now.servers.length, now.peers.length], [256, 512]);
  assert.deepEqual([now.servers[0]?.name, now.peers[0]?.server], ['s299', 'p599']);
  assert.deepEqual(now.leftOut, { servers: 44, peers: 88 });
  assert.deepEqual(now.sessions, { imap: 1 });
});
