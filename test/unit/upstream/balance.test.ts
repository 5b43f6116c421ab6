// Which peer gets a request. The expected choices are nginx's own, for the same servers and keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inetAddress } from '../../../src/core/address.ts';
import type { Picker } from '../../../src/upstream/balance/balancer.ts';
import { consistentPicker, ringOf } from '../../../src/upstream/balance/consistent.ts';
import { hashPicker } from '../../../src/upstream/balance/hash.ts';
import { ipHashKey, ipHashPicker } from '../../../src/upstream/balance/ip-hash.ts';
import { leastConnected, ROUND_ROBIN, roundRobinBalancer } from '../../../src/upstream/balance/least-conn.ts';
import { randomPicker } from '../../../src/upstream/balance/random.ts';
import { plainLine, UpstreamGroup } from '../../../src/upstream/group.ts';
import { Peer, PLAIN_SERVER, type ServerParameters } from '../../../src/upstream/peer.ts';

const NOW = 1_000_000;
const NOBODY: ReadonlySet<Peer> = new Set();

const peer = (server: string, parameters: Partial<ServerParameters> = {}): Peer =>
  new Peer(inetAddress(new Uint8Array(4), 80), server, server, { ...PLAIN_SERVER, ...parameters });

/** Peers whose servers end with 1, 2, 3, …, by weight. */
const weighted = (...weights: number[]): Peer[] =>
  weights.map((weight, i) => peer(`127.0.0.1:998${i + 1}`, { weight }));

const digit = (chosen: Peer | undefined): string => chosen?.server.slice(-1) ?? '-';
const keys = Array.from({ length: 12 }, (_, i) => Buffer.from(`key${i + 1}`));
const first = (picker: Picker, peers: readonly Peer[]): string => digit(picker.pick(peers, NOBODY, NOW));

test('round robin spreads the heavy ones evenly', () => {
  const peers = weighted(5, 1, 2);
  const chosen = Array.from({ length: 12 }, () => first(ROUND_ROBIN, peers));
  assert.equal(chosen.join(' '), '1 3 1 1 2 1 3 1 1 3 1 1');
});

test('hash', () => {
  const peers = weighted(1, 2, 1);
  assert.equal(keys.map((key) => first(hashPicker(key), peers)).join(' '), '1 2 2 2 2 1 3 1 3 1 3 2');
});

test('hash goes on from a peer that is down', () => {
  const peers = [peer('127.0.0.1:9981'), peer('127.0.0.1:9982', { down: true }), peer('127.0.0.1:9983')];
  assert.equal(keys.map((key) => first(hashPicker(key), peers)).join(' '), '3 1 1 3 3 1 1 1 1 1 1 3');
});

test('consistent hash', () => {
  const peers = weighted(1, 2, 1);
  const ring = ringOf(peers);
  const chosen = keys.map((key) =>
    first(
      consistentPicker(() => ring, key),
      peers,
    ),
  );
  assert.equal(chosen.join(' '), '1 2 2 2 1 2 1 1 2 3 3 2');
});

test('consistent hash: names without a port and unix sockets', () => {
  const peers = [peer('127.0.0.9'), peer('unix:/tmp/px/nosuch', { weight: 2 }), peer('127.0.0.1:9983')];
  const ring = ringOf(peers);
  const chosen = keys.map((key) =>
    first(
      consistentPicker(() => ring, key),
      peers,
    ),
  );
  assert.equal(chosen.join(' ').replaceAll('9', '0'), 'h h 0 h h 3 0 3 h 3 h h');
});

test('with a peer less, few keys of a consistent hash move', () => {
  const peers = weighted(1, 1, 1, 1);
  const ring = ringOf(peers);
  const many = Array.from({ length: 200 }, (_, i) => Buffer.from(`user${i}@example.com`));
  const before = many.map((key) =>
    first(
      consistentPicker(() => ring, key),
      peers,
    ),
  );
  const tried = new Set(peers.slice(0, 1));
  for (const [i, key] of many.entries()) {
    const after = digit(consistentPicker(() => ring, key).pick(peers, tried, NOW));
    if (before[i] === '1') assert.notEqual(after, '1');
    else assert.equal(after, before[i]);
  }
});

test('ip_hash looks at three bytes of an IPv4 address, and at all of an IPv6 address', () => {
  const peers = weighted(1, 2, 1);
  assert.deepEqual([...ipHashKey('192.0.2.7')], [192, 0, 2]);
  assert.equal(ipHashKey('2001:db8::1').length, 16);
  assert.deepEqual([...ipHashKey(undefined)], [0, 0, 0]);
  assert.equal(first(ipHashPicker(ipHashKey('127.1.7.3')), peers), '1');
  assert.equal(first(ipHashPicker(ipHashKey('::1')), peers), '2');
  const near = first(ipHashPicker(ipHashKey('192.0.2.7')), peers);
  assert.equal(first(ipHashPicker(ipHashKey('192.0.2.250')), peers), near);
});

test('methods with a key leave it to round robin where none of the tries is usable', () => {
  const peers = weighted(1, 1, 1);
  const [one, two] = peers;
  assert.ok(one !== undefined && two !== undefined);
  const tried = new Set([one, two]);
  for (const picker of [ipHashPicker(ipHashKey('127.1.7.3')), hashPicker(Buffer.from('key1'))]) {
    assert.equal(digit(picker.pick(peers, tried, NOW)), '3');
    assert.equal(picker.pick(peers, new Set(peers), NOW), undefined);
  }
});

test('least_conn: the fewest requests for the weight, round robin among equals', () => {
  const peers = weighted(1, 1, 2);
  for (const [i, conns] of [1, 0, 1].entries()) {
    const one = peers[i];
    if (one !== undefined) one.conns = conns;
  }
  assert.equal(digit(leastConnected(peers, NOW)), '2');
  for (const one of peers) one.conns = 1;
  assert.equal(digit(leastConnected(peers, NOW)), '3');
  for (const one of peers) one.conns = one.parameters.weight;
  const chosen = Array.from({ length: 4 }, () => digit(leastConnected(peers, NOW)));
  assert.deepEqual(chosen.sort(), ['1', '2', '3', '3']);
});

test('random: by weight, and with two the less busy one', () => {
  const peers = weighted(1, 3);
  const draws = (...numbers: number[]) => {
    const left = [...numbers];
    return (below: number): number => Math.min(left.shift() ?? 0, below - 1);
  };
  assert.equal(first(randomPicker(false, draws(0)), peers), '1');
  assert.equal(first(randomPicker(false, draws(1)), peers), '2');
  const [one, two] = peers;
  assert.ok(one !== undefined && two !== undefined);
  one.conns = 1;
  two.conns = 2; // less for its weight
  assert.equal(first(randomPicker(true, draws(0, 0)), peers), '2');
  two.conns = 6;
  assert.equal(first(randomPicker(true, draws(3, 0)), peers), '1');
  assert.equal(first(randomPicker(true, draws(0)), peers.slice(0, 1)), '1');
});

test('slow_start: a peer that is back after failures gets its share little by little', () => {
  const peers = [peer('127.0.0.1:9981', { slowStartMs: 30_000 }), peer('127.0.0.1:9982')];
  const [returning] = peers;
  assert.ok(returning !== undefined);
  const answers = (outcome: 'ok' | 'failed', nowMs: number): void => {
    returning.take(nowMs);
    returning.release(outcome, nowMs);
  };
  answers('failed', NOW);
  assert.equal(returning.isUsable(NOW + 1), false);
  const back = NOW + 20_000;
  answers('ok', back);
  const share = (nowMs: number): number => {
    const chosen = Array.from({ length: 60 }, () => digit(ROUND_ROBIN.pick(peers, NOBODY, nowMs)));
    return chosen.filter((name) => name === '1').length;
  };
  assert.ok(share(back + 1) <= 1);
  assert.equal(share(back + 15_000), 20, 'a weight of a half beside one of 1');
  assert.equal(share(back + 30_000), 30);
  returning.conns = 1;
  for (const one of peers.slice(1)) one.conns = 2;
  assert.equal(digit(leastConnected(peers, back + 3_000)), '2', 'one session is much for a tenth of the weight');
  assert.equal(digit(leastConnected(peers, back + 30_000)), '1');
});

const GROUP = (): UpstreamGroup<unknown> =>
  new UpstreamGroup<unknown>(
    'all',
    [1, 2].map((last) => plainLine(`127.0.0.1:998${last}`, [inetAddress(new Uint8Array([127, 0, 0, 1]), 9980 + last)])),
    roundRobinBalancer,
  );

test('a weight that is changed counts from then on, whatever servers were owed before', () => {
  const group = GROUP();
  const heavy = group.server(0);
  assert.ok(heavy !== undefined);
  group.change(heavy, { ...heavy.parameters, weight: 65_535 });
  for (let i = 0; i < 30_000; i++) ROUND_ROBIN.pick(group.peers, NOBODY, NOW);
  group.change(heavy, { ...heavy.parameters, weight: 1 });
  const chosen = Array.from({ length: 6 }, () => digit(ROUND_ROBIN.pick(group.peers, NOBODY, NOW)));
  assert.equal(chosen.sort().join(''), '111222');
});

test('a server that is added has the id that all workers know it by', () => {
  const group = GROUP();
  group.add(plainLine('unix:/a', [{ kind: 'unix', path: '/a' }]), 7);
  group.add(plainLine('unix:/b', [{ kind: 'unix', path: '/b' }]), 8);
  assert.deepEqual(
    group.peers.map(({ id }) => id),
    [0, 1, 7, 8],
  );
});
