// What workers tell each other of upstream peers, by way of their master.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inetAddress } from '../../../src/core/address.ts';
import { PeerKeeper, type PeerUser } from '../../../src/process/master/peer-keeper.ts';
import { Peer, PLAIN_SERVER } from '../../../src/upstream/peer.ts';
import { PeerZone } from '../../../src/upstream/peer-zone.ts';

const NAMES = ['a', 'b'] as const;

interface Worker {
  readonly user: PeerUser;
  readonly zone: PeerZone;
  readonly a: Peer;
  readonly b: Peer;
  /** Messages to the master that got through. */
  reports: number;
  /** The master does not keep up. */
  isStuck: boolean;
}

const peer = (name: string): Peer =>
  new Peer(inetAddress(new Uint8Array(4), 143), name, name, { ...PLAIN_SERVER, maxConns: 2 });

function join(keeper: PeerKeeper, id = 'z'): Worker {
  const zone = new PeerZone(id);
  const [a, b] = NAMES.map(peer);
  assert.ok(a !== undefined && b !== undefined);
  zone.watch([a, b]);
  const user: PeerUser = {
    tell: (message) => {
      if (message.kind === 'peers' && message.zone === id) zone.hear(message.news);
    },
  };
  const worker: Worker = { user, zone, a, b, reports: 0, isStuck: false };
  zone.connect({
    report: (to, reports) => {
      if (worker.isStuck) return false;
      worker.reports++;
      keeper.receive(user, { kind: 'peers', zone: to, reports });
      return true;
    },
    offer: () => {},
    withdraw: () => {},
  });
  return worker;
}

/** Everything that is to be told is told. */
function settle(t: TestContext): void {
  for (let i = 0; i < 4; i++) t.mock.timers.tick(50);
}

const time = (t: TestContext): void => t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });

test('what a peer has to do for others counts for max_conns', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, two] = [join(keeper), join(keeper)];
  one.a.take(Date.now());
  one.a.take(Date.now());
  assert.ok(two.a.isUsable(Date.now()));
  settle(t);
  assert.deepEqual([two.a.load, two.a.isUsable(Date.now()), two.b.load], [2, false, 0]);
  assert.deepEqual([one.a.load, one.reports], [2, 2], 'its own is not counted twice, and two sessions are one message');
  one.a.release('ok', Date.now());
  settle(t);
  assert.ok(two.a.isUsable(Date.now()));
});

test('failures are those of all, and so is the end of them', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, two] = [join(keeper), join(keeper)];
  one.a.take(Date.now());
  one.a.release('failed', Date.now());
  settle(t);
  assert.equal(two.a.isUsable(Date.now()), false);
  t.mock.timers.tick(10_001);
  assert.ok(two.a.isUsable(Date.now()));
  two.a.take(Date.now());
  settle(t);
  assert.equal(one.a.isUsable(Date.now()), false, 'one session tries it, and not one for each worker');
  two.a.proved(Date.now());
  settle(t);
  assert.ok(one.a.isUsable(Date.now()));
});

test('a worker that comes later hears of what was; one that is gone is not counted', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const one = join(keeper);
  one.a.take(Date.now());
  one.b.take(Date.now());
  one.b.release('failed', Date.now());
  settle(t);
  const late = join(keeper);
  assert.deepEqual([late.a.load, late.b.isUsable(Date.now())], [1, false]);
  keeper.leave(one.user);
  keeper.receive(one.user, { kind: 'peers', zone: 'z', reports: [{ peer: 'a a', conns: 7, health: undefined }] });
  settle(t);
  assert.equal(late.a.load, 0);
});

test('zones do not know each other', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, other] = [join(keeper), join(keeper, 'y')];
  one.a.take(Date.now());
  settle(t);
  assert.equal(other.a.load, 0);
});

test('a master that does not keep up hears later, of how it is then', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, two] = [join(keeper), join(keeper)];
  one.isStuck = true;
  one.a.take(Date.now());
  settle(t);
  one.a.take(Date.now());
  settle(t);
  assert.equal(two.a.load, 0);
  one.isStuck = false;
  settle(t);
  assert.deepEqual([two.a.load, one.reports], [2, 2]);
});

test('without a master a worker is on its own', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, two] = [join(keeper), join(keeper)];
  one.a.take(Date.now());
  settle(t);
  two.zone.disconnect();
  assert.equal(two.a.load, 0);
});

test('peers that a name stands for anew keep what is known of them', (t) => {
  time(t);
  const keeper = new PeerKeeper();
  const [one, two] = [join(keeper), join(keeper)];
  one.a.take(Date.now());
  settle(t);
  const fresh = peer('a');
  two.zone.watch([fresh, two.b]);
  assert.equal(fresh.load, 1);
  two.zone.watch([two.b]);
  const again = peer('a');
  two.zone.watch([again, two.b]);
  assert.equal(again.load, 0, 'it was forgotten in between');
});
