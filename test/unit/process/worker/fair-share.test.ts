// When a worker stops accepting and when it goes on, and what it tells its master.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FairShare } from '../../../../src/process/worker/fair-share.ts';

interface Stage {
  readonly share: FairShare;
  /** Opened less shut. */
  readonly gate: { level: number; openings: number };
  readonly reports: string[];
}

function stage(t: TestContext): Stage {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const gate = { level: 0, openings: 0 };
  const reports: string[] = [];
  const share = new FairShare(
    {
      shut: () => void gate.level--,
      open: () => {
        gate.level++;
        gate.openings++;
      },
    },
    (sessions, _begun, waits) => void reports.push(`${sessions}${waits ? ' waits' : ''}`),
    Date.now,
  );
  return { share, gate, reports };
}

test('it accepts up to a quarter and eight more than its share', (t) => {
  const { share, gate, reports } = stage(t);
  share.share(100, Number.POSITIVE_INFINITY);
  share.count(133);
  assert.equal(gate.level, 0);
  share.count(134);
  assert.equal(gate.level, -1);
  assert.deepEqual(reports, ['134 waits'], 'the master hears of it at once');
  share.count(133);
  assert.equal(gate.level, 0, 'a session ended');
});

test('before it knows its share it asks after the ninth session', (t) => {
  const { share, gate, reports } = stage(t);
  for (let n = 1; n <= 9; n++) share.count(n);
  assert.deepEqual([gate.level, reports], [-1, ['9 waits']]);
  share.share(3, Number.POSITIVE_INFINITY);
  assert.equal(gate.level, 0);
});

test('the master hears of a changed number after a while, and of none that is as it was', (t) => {
  const { share, reports } = stage(t);
  share.count(1);
  share.count(2);
  assert.deepEqual(reports, []);
  t.mock.timers.tick(50);
  assert.deepEqual(reports, ['2']);
  share.count(1);
  share.count(2);
  t.mock.timers.tick(500);
  assert.deepEqual(reports, ['2']);
});

test('a shut gate opens for a moment now and then, and longer while others leave connections waiting', async (t) => {
  const { share, gate } = stage(t);
  let sessions = 20;
  share.count(sessions);
  assert.equal(gate.level, -1);
  const look = async (waiting: number): Promise<number> => {
    let taken = 0;
    t.mock.timers.tick(100);
    assert.equal(gate.level, 0);
    while (gate.level === 0) {
      if (taken < waiting) {
        taken++;
        share.count(++sessions);
      }
      await turn();
    }
    return taken;
  };
  assert.equal(await look(0), 0);
  assert.equal(await look(9), 1);
  assert.equal(await look(9), 2);
  assert.equal(await look(9), 4);
  assert.equal(await look(3), 3);
  assert.equal(await look(9), 8);
  assert.equal(await look(0), 0);
  assert.equal(await look(9), 1, 'nobody had waited');
});

/** So many sessions that come and go. */
function come(share: FairShare, count: number): void {
  for (let i = 0; i < count; i++) {
    share.count(1);
    share.count(0);
  }
}

test('the master hears of many short sessions, however many there are at a time', (t) => {
  const { share, reports } = stage(t);
  come(share, 31);
  assert.deepEqual(reports, []);
  come(share, 33);
  assert.deepEqual(reports, ['1', '1']);
});

test('ahead of the others it leaves the next sessions to them, until the master says more, or nothing', async (t) => {
  const { share, gate, reports } = stage(t);
  share.share(100, 10);
  come(share, 9);
  assert.equal(gate.level, 0);
  come(share, 1);
  assert.deepEqual([gate.level, reports], [-1, ['1 waits']]);
  share.share(100, 20);
  assert.equal(gate.level, 0);
  come(share, 10);
  assert.equal(gate.level, -1);
  const pass = async (): Promise<void> => {
    t.mock.timers.tick(100);
    for (let i = 0; i < 3; i++) await turn(); // a look at who waits
  };
  await pass();
  await pass();
  share.share(100, 20);
  await pass();
  await pass();
  assert.equal(gate.level, -1, 'it is so still');
  await pass();
  assert.equal(gate.level, 0, 'nobody else has begun any');
  come(share, 100);
  assert.equal(gate.level, 0);
});

test('a shut gate is left alone for longer where nothing happens, and looked at as before when something does', async (t) => {
  const { share, gate } = stage(t);
  for (let n = 1; n <= 20; n++) share.count(n);
  const openings = async (ms: number): Promise<number> => {
    const before = gate.openings;
    for (let passed = 0; passed < ms; passed += 100) {
      t.mock.timers.tick(100);
      await turn();
      await turn();
    }
    return gate.openings - before;
  };
  assert.equal(await openings(5000), 50);
  assert.equal(await openings(5000), 5);
  share.share(2, Number.POSITIVE_INFINITY);
  assert.equal(await openings(1000), 10, 'the others have other sessions');
});

test('when its master has gone it takes what comes, and says no more', (t) => {
  const { share, gate, reports } = stage(t);
  share.count(9);
  share.end();
  assert.equal(gate.level, 0);
  share.count(900);
  share.share(1, Number.POSITIVE_INFINITY);
  t.mock.timers.tick(1000);
  assert.deepEqual([gate.level, reports], [0, ['9 waits']]);
});
