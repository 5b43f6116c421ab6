// Whom a request is passed to in turn, and what failures come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inetAddress } from '../../../src/core/address.ts';
import { ROUND_ROBIN } from '../../../src/upstream/balance/least-conn.ts';
import { Peer, PLAIN_SERVER, type ServerParameters } from '../../../src/upstream/peer.ts';
import { Selection } from '../../../src/upstream/selection.ts';

const NOW = 1_000_000;

const peer = (name: string, parameters: Partial<ServerParameters> = {}): Peer =>
  new Peer(inetAddress(new Uint8Array(4), 80), name, name, { ...PLAIN_SERVER, ...parameters });

function select(all: readonly Peer[], maxTries = 0): Selection {
  const primary = all.filter(({ parameters }) => !parameters.backup);
  const backup = all.filter(({ parameters }) => parameters.backup);
  return new Selection({ primary, backup, picker: ROUND_ROBIN, backupPicker: ROUND_ROBIN }, maxTries);
}

test('each peer is asked once, and then there are no live upstreams', () => {
  const selection = select([peer('a'), peer('b')]);
  const first = selection.next(NOW);
  assert.ok(first !== undefined && selection.hasMore);
  selection.release(first, 'failed', NOW);
  const second = selection.next(NOW);
  assert.ok(second !== undefined && second !== first && !selection.hasMore);
  selection.release(second, 'failed', NOW);
  assert.equal(selection.next(NOW), undefined);
});

test('a peer that failed max_fails times is left out for fail_timeout, then tried by one request', () => {
  const a = peer('a', { maxFails: 2 });
  const fail = (nowMs: number): boolean => {
    a.take(nowMs);
    return a.release('failed', nowMs);
  };
  assert.deepEqual([fail(NOW), fail(NOW)], [false, true]);
  assert.equal(a.isUsable(NOW + 10_000), false);
  assert.equal(a.isUsable(NOW + 10_001), true);
  a.take(NOW + 10_001);
  assert.equal(a.isUsable(NOW + 10_002), false, 'another one at the same time');
  a.release('ok', NOW + 10_003);
  assert.equal(a.isUsable(NOW + 10_004), true, 'the failures are forgotten');
});

test('max_fails=0 and a server that is alone are never left out', () => {
  const careless = peer('a', { maxFails: 0 });
  const alone = peer('b');
  alone.alone = true;
  for (const one of [careless, alone]) {
    for (let i = 0; i < 5; i++) {
      one.take(NOW);
      assert.equal(one.release('failed', NOW), false);
    }
    assert.equal(one.isUsable(NOW), true);
  }
});

test('a failure takes weight away, which comes back with the choices', () => {
  const a = peer('a', { weight: 6, maxFails: 3 });
  a.take(NOW);
  a.release('failed', NOW);
  assert.equal(a.effectiveWeight, 4);
  ROUND_ROBIN.pick([a], new Set(), NOW);
  assert.equal(a.effectiveWeight, 5);
});

test('max_conns and down', () => {
  const a = peer('a', { maxConns: 1 });
  a.take(NOW);
  assert.equal(a.isUsable(NOW), false);
  a.release('ok', NOW);
  assert.equal(a.isUsable(NOW), true);
  assert.equal(peer('b', { down: true }).isUsable(NOW), false);
});

test('backup servers come when no other is usable, and count as tries', () => {
  const a = peer('a');
  const spare = peer('spare', { backup: true });
  const selection = select([a, spare]);
  assert.equal(selection.next(NOW), a);
  assert.equal(selection.hasMore, true);
  selection.release(a, 'failed', NOW);
  assert.equal(selection.next(NOW), spare);
  assert.equal(selection.hasMore, false);
  assert.equal(select([a, spare]).next(NOW), spare, 'the other one is left out');
});

test('next_upstream_tries', () => {
  const selection = select([peer('a'), peer('b'), peer('c')], 2);
  assert.equal(selection.hasMore, true);
  const first = selection.next(NOW);
  assert.ok(first !== undefined);
  selection.release(first, 'failed', NOW);
  assert.equal(selection.hasMore, false);
});

test('a kept connection that was gone costs neither a try nor the peer its name', () => {
  const a = peer('a');
  const selection = select([a, peer('b', { down: true })]);
  assert.equal(selection.next(NOW), a);
  assert.equal(selection.release(a, 'failed', NOW, false), false);
  assert.equal(selection.next(NOW), a);
});
