// A worker's link for the numbers of connections: one question at a time, and no long wait for an answer.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ConnectionCounts, noCounts } from '../../../../src/core/connection-counts.ts';
import type { ToMaster } from '../../../../src/process/messages.ts';
import { ANSWER_MS, StatusLink } from '../../../../src/process/worker/status-link.ts';

const of = (counts: Partial<ConnectionCounts>): ConnectionCounts => ({ ...noCounts(), ...counts });

class World {
  readonly sent: ToMaster[] = [];
  readonly link = new StatusLink((message) => this.sent.push(structuredClone(message)));

  others(ask: number, counts: Partial<ConnectionCounts>): void {
    this.link.receive({ kind: 'others', ask, counts: of(counts) });
  }
}

const mockTime = (t: TestContext): void => t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });

describe('a worker', () => {
  it('adds its own numbers, as they are by then, to those of the others', async () => {
    const world = new World();
    world.link.own.accepted = 2;
    const total = world.link.total();
    const again = world.link.total();
    assert.deepEqual(world.sent, [{ kind: 'find-counts', ask: 1, counts: of({ accepted: 2 }) }]);
    world.link.own.accepted = 3;
    world.others(1, { accepted: 10, active: 1 });
    assert.deepEqual(await total, of({ accepted: 13, active: 1 }));
    assert.deepEqual(await again, await total);
  });

  it('shows what it knows where no answer comes, and takes no answer that is late', async (t) => {
    mockTime(t);
    const world = new World();
    const first = world.link.total();
    world.others(1, { accepted: 10 });
    await first;
    const late = world.link.total();
    t.mock.timers.tick(ANSWER_MS);
    assert.deepEqual(await late, of({ accepted: 10 }));
    const third = world.link.total();
    world.others(2, { accepted: 11 });
    world.others(3, { accepted: 12 });
    assert.deepEqual(await third, of({ accepted: 12 }));
  });

  it('answers what it is asked', () => {
    const world = new World();
    world.link.own.requests = 4;
    world.link.receive({ kind: 'count', ask: 9 });
    assert.deepEqual(world.sent, [{ kind: 'counts', ask: 9, counts: of({ requests: 4 }) }]);
  });

  it('asks for the variables once a second at most', (t) => {
    mockTime(t);
    const world = new World();
    assert.deepEqual(world.link.recent(), noCounts());
    world.others(1, { active: 5 });
    assert.deepEqual(world.link.recent(), of({ active: 5 }));
    assert.equal(world.sent.length, 1);
    t.mock.timers.tick(1001);
    assert.deepEqual(world.link.recent(), of({ active: 5 }));
    assert.equal(world.sent.length, 2);
  });

  it('tells its master every second what it has counted, while that changes', (t) => {
    mockTime(t);
    const world = new World();
    world.link.keep();
    world.link.keep();
    t.mock.timers.tick(3000);
    assert.deepEqual(world.sent, []);
    world.link.own.accepted++;
    t.mock.timers.tick(3000);
    assert.deepEqual(world.sent, [{ kind: 'counts', ask: 0, counts: of({ accepted: 1 }) }]);
  });

  it('waits for no master that is gone', async () => {
    const world = new World();
    const total = world.link.total();
    world.link.own.active = 1;
    world.link.lost();
    assert.deepEqual(await total, of({ active: 1 }));
    assert.deepEqual(await world.link.total(), of({ active: 1 }));
    assert.deepEqual(world.link.recent(), of({ active: 1 }));
    assert.equal(world.sent.length, 1);
  });
});
