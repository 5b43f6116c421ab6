// Health checks without a network: what a row of results comes to, whose turn it is, and which worker has to.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inetAddress } from '../../../src/core/address.ts';
import { CheckKeeper } from '../../../src/process/master/check-keeper.ts';
import { PeerKeeper } from '../../../src/process/master/peer-keeper.ts';
import type { ToWorker } from '../../../src/process/messages.ts';
import { afterCheck, type CheckRules, type CheckState } from '../../../src/upstream/health/check-state.ts';
import { type Check, CheckSchedule } from '../../../src/upstream/health/schedule.ts';
import { Peer, PLAIN_SERVER, type ServerParameters } from '../../../src/upstream/peer.ts';
import { PeerZone } from '../../../src/upstream/peer-zone.ts';
import { until } from '../../support/processes.ts';

const RULES: CheckRules = { id: 'imap 0', fails: 2, passes: 3, mandatory: false, persistent: false };

const peer = (name: string, parameters: Partial<ServerParameters> = {}): Peer =>
  new Peer(inetAddress(new Uint8Array(4), 143), name, name, { ...PLAIN_SERVER, ...parameters });

const time = (t: TestContext): void => t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });

/** Everything that is to be told is told. */
function settle(t: TestContext): void {
  for (let i = 0; i < 4; i++) t.mock.timers.tick(50);
}

/** `+` passes, `-` fails. */
function course(rules: CheckRules, results: string): readonly CheckState[] {
  const states: CheckState[] = [];
  for (const result of results) states.push(afterCheck(rules, states.at(-1), result === '+', states.length));
  return states;
}

const shown = (states: readonly CheckState[]): string =>
  states.map(({ isHealthy }) => (isHealthy ? '+' : '-')).join('');

test('so many in a row turn a peer away, and so many let it in', () => {
  assert.equal(shown(course(RULES, '+-+--++-++++-')), '++++------+++');
  assert.equal(shown(course({ ...RULES, fails: 1, passes: 1 }, '+-+--+')), '+-+--+');
});

test('the first check decides about one that is mandatory to check', () => {
  const rules = { ...RULES, mandatory: true };
  assert.equal(shown(course(rules, '+-+--')), '++++-');
  assert.equal(shown(course(rules, '-++')), '---', 'turned away, it has to pass as often as others');
  assert.equal(shown(course(rules, '-+++')), '---+');
});

test('a state counts checks, failures, and how often the peer has become unhealthy', () => {
  const { checks, fails, unhealthy, lastPassed, checkedMs } = course(RULES, '--+++--').at(-1) ?? assert.fail();
  assert.deepEqual([checks, fails, unhealthy, lastPassed, checkedMs], [7, 4, 2, false, 6]);
  assert.equal(course({ ...RULES, mandatory: true }, '--').at(-1)?.unhealthy, 1);
});

test('a peer that is turned away gets nothing, though it is the only one, and is as good as new when it is back', (t) => {
  time(t);
  const zone = new PeerZone('z');
  const one = peer('a', { slowStartMs: 10_000 });
  one.alone = true;
  zone.watch([one]);
  zone.addCheck({ ...RULES, fails: 1, passes: 1 });
  const rules = { ...RULES, fails: 1, passes: 1 };
  assert.equal(zone.checked('a a', rules, true, 1), undefined);
  assert.equal(zone.checked('a a', rules, false, 2), 'unhealthy');
  assert.equal(zone.checked('a a', rules, false, 3), undefined);
  assert.equal(one.isUsable(Date.now()), false);
  one.alone = false;
  one.take(Date.now());
  one.release('failed', Date.now());
  assert.equal(zone.checked('a a', rules, true, 4), 'healthy');
  assert.ok(one.isUsable(Date.now()), 'the failure of the session is forgotten');
  assert.ok(one.weightAt(Date.now() + 5000) < 1 && one.weightAt(Date.now() + 10_000) === 1, 'slow_start');
});

test('one that is down stays so, whatever checks say', () => {
  const zone = new PeerZone('z');
  const one = peer('a', { down: true });
  zone.watch([one]);
  zone.addCheck(RULES);
  zone.checked('a a', RULES, true, 1);
  assert.equal(one.isUsable(0), false);
});

test('each of several checks has to pass', () => {
  const zone = new PeerZone('z');
  const one = peer('a');
  zone.watch([one]);
  const [first, second] = [RULES, { ...RULES, id: 'gate 1', fails: 1, passes: 1 }];
  for (const rules of [first, second]) zone.addCheck(rules);
  zone.checked('a a', second, false, 1);
  zone.checked('a a', first, true, 2);
  assert.equal(one.isUsable(0), false);
  zone.checked('a a', second, true, 3);
  assert.ok(one.isUsable(0));
  assert.deepEqual(
    zone.checks.of('a a').map(({ id, checks }) => [id, checks]),
    [
      ['imap 0', 1],
      ['gate 1', 2],
    ],
  );
});

interface Worker {
  readonly zone: PeerZone;
  readonly user: { tell(message: ToWorker): void };
  /** What it was told to do, and when its peers changed. */
  readonly duties: string[];
}

class Master {
  readonly peers = new PeerKeeper();
  readonly checks = new CheckKeeper();

  worker(rules: CheckRules, names: readonly string[], bornMs = 0): Worker {
    const zone = new PeerZone('z');
    zone.watch(names.map((name) => peer(name)));
    zone.addCheck(rules);
    zone.checks.bornMs = bornMs;
    const duties: string[] = [];
    const user = {
      tell: (message: ToWorker): void => {
        if (message.kind === 'peers') zone.hear(message.news);
        if (message.kind === 'check-peers') zone.assume();
      },
    };
    zone.connect({
      report: (to, reports) => {
        this.peers.receive(user, { kind: 'peers', zone: to, reports });
        return true;
      },
      offer: (id) => this.checks.receive(user, { kind: 'offer-checks', zone: id }),
      withdraw: (id) => this.checks.receive(user, { kind: 'withdraw-checks', zone: id }),
    });
    zone.offer({ begin: () => duties.push('begin'), peersChanged: () => duties.push('peers') });
    return { zone, user, duties };
  }

  leave({ user }: Worker): void {
    this.peers.leave(user);
    this.checks.leave(user);
  }
}

const usable = ({ zone }: Worker): readonly string[] =>
  [...zone.peers.values()].filter((one) => one.isUsable(Date.now())).map(({ text }) => text);

test('one worker of all checks; another one goes on when it withdraws or dies', (t) => {
  time(t);
  const master = new Master();
  const workers = [1, 2, 3].map(() => master.worker(RULES, ['a']));
  const [one, two, three] = workers;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const begun = (): readonly number[] => workers.map(({ duties }) => duties.length);
  assert.deepEqual(begun(), [1, 0, 0]);
  master.leave(two);
  assert.deepEqual(begun(), [1, 0, 0]);
  one.zone.withdraw();
  assert.deepEqual(begun(), [1, 0, 1]);
  master.leave(one);
  const four = master.worker(RULES, ['a']);
  master.checks.receive(two.user, { kind: 'offer-checks', zone: 'z' });
  master.leave(three);
  assert.deepEqual([begun(), four.duties], [[1, 0, 1], ['begin']], 'last words of the dead do not count');
});

test('without a master each worker checks for itself, unless it has withdrawn', () => {
  const master = new Master();
  const [one, two, three] = [1, 2, 3].map(() => master.worker(RULES, ['a']));
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  three.zone.withdraw();
  for (const { zone } of [one, two, three]) zone.disconnect();
  assert.deepEqual([one.duties, two.duties, three.duties], [['begin'], ['begin'], []]);
});

test('the others hear what has been found out, also of peers that they do not know yet, and those that come later', (t) => {
  time(t);
  const master = new Master();
  const rules = { ...RULES, fails: 1, mandatory: true };
  const [one, two] = [master.worker(rules, ['a', 'b']), master.worker(rules, ['a'])];
  assert.deepEqual([usable(one), usable(two)], [[], []]);
  for (const key of ['a a', 'b b']) one.zone.checked(key, rules, true, 1);
  settle(t);
  assert.deepEqual([usable(one), usable(two)], [['a', 'b'], ['a']]);
  two.zone.watch(['a', 'b'].map((name) => peer(name)));
  assert.deepEqual(usable(two), ['a', 'b']);
  one.zone.checked('a a', rules, false, 2);
  settle(t);
  const late = master.worker(rules, ['a', 'b']);
  assert.deepEqual([usable(two), usable(late)], [['b'], ['b']]);
});

test('a peer that was gone has to be checked anew', (t) => {
  time(t);
  const master = new Master();
  const rules = { ...RULES, mandatory: true };
  const [one, two] = [master.worker(rules, ['a', 'b']), master.worker(rules, ['a', 'b'])];
  for (const key of ['a a', 'b b']) one.zone.checked(key, rules, true, 1);
  settle(t);
  one.zone.watch([peer('a')]);
  settle(t);
  assert.deepEqual(one.duties, ['begin', 'peers']);
  one.zone.watch(['a', 'b'].map((name) => peer(name)));
  assert.deepEqual([usable(one), usable(two), usable(master.worker(rules, ['a', 'b']))], [['a'], ['a'], ['a']]);
});

test('what is older than the configuration does not count for mandatory, unless it is persistent', (t) => {
  time(t);
  const master = new Master();
  const rules = { ...RULES, mandatory: true };
  master.worker(rules, ['a']).zone.checked('a a', rules, true, 500);
  settle(t);
  const seen = [
    master.worker(rules, ['a'], 500),
    master.worker(rules, ['a'], 501),
    master.worker({ ...rules, persistent: true }, ['a'], 501),
    master.worker(RULES, ['a'], 501),
  ].map((worker) => usable(worker));
  assert.deepEqual(seen, [['a'], [], ['a'], ['a']]);
});

class FakeCheck implements Check {
  readonly intervalMs: number;
  readonly jitterMs = 0;
  runs = 0;
  cancels = 0;
  end: (() => void) | undefined;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  run(done: () => void): void {
    this.runs++;
    this.end = done;
  }

  cancel(): void {
    this.cancels++;
  }
}

const reach = (condition: () => boolean): Promise<void> => until(condition, 'the check');

test('so many checks at a time, and everybody has a turn; each waits for the end of its own', async (t) => {
  const schedule = new CheckSchedule({ atOnce: 2 });
  t.after(() => schedule.stop());
  const checks = Array.from({ length: 5 }, () => new FakeCheck(60_000));
  for (const check of checks) schedule.add(check);
  const running = (): FakeCheck[] => checks.filter(({ end }) => end !== undefined);
  for (let ended = 0; ended < checks.length; ended++) {
    const now = Math.min(2, checks.length - ended);
    await reach(() => running().length === now);
    const [first] = running();
    const { end } = first ?? assert.fail();
    if (first !== undefined) first.end = undefined;
    end?.();
    end?.(); // a second time is nothing
  }
  assert.deepEqual(
    checks.map(({ runs }) => runs),
    [1, 1, 1, 1, 1],
  );
});

test('a check that has ended comes again; one that was removed does not, and is cancelled where it runs', async (t) => {
  const schedule = new CheckSchedule({ random: () => 0 });
  t.after(() => schedule.stop());
  const [again, gone] = [new FakeCheck(1), new FakeCheck(1)];
  schedule.add(again);
  schedule.add(gone);
  await reach(() => gone.runs === 1 && again.runs === 1);
  schedule.remove(gone);
  gone.end?.();
  for (let runs = 2; runs < 5; runs++) {
    again.end?.();
    await reach(() => again.runs === runs);
  }
  assert.deepEqual([gone.runs, gone.cancels, again.cancels], [1, 1, 0]);
  schedule.stop();
  assert.equal(again.cancels, 1);
});
