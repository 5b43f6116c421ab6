// A worker's link for the numbers of connections: one question at a time, and no long wait for an answer.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ConnectionCounts, noCounts } from '../../../../src/core/connection-counts.ts';
import type { ToMaster } from '../../../../src/process/messages.ts';
import { ANSWER_MS, StatusLink } from '../../../../src/process/worker/status-link.ts';
import { ServerNumbers } from '../../../../src/stats/server-counters.ts';
import { nothingCounted } from '../../../../src/stats/status.ts';

const of = (counts: Partial<ConnectionCounts>): ConnectionCounts => ({ ...noCounts(), ...counts });

class World {
  readonly sent: ToMaster[] = [];
  readonly link = new StatusLink((message) => this.sent.push(structuredClone(message)), 3);

  async total(): Promise<ConnectionCounts> {
    return (await this.link.all()).total.connections;
  }

  others(ask: number, counts: Partial<ConnectionCounts>): void {
    const total = { ...nothingCounted(), connections: of(counts) };
    const history = { respawned: 0, reloads: 0, loadedMs: 0 };
    this.link.receive({ kind: 'others', ask, others: { total, processes: [], history } });
  }

  /** What the master was told: of what kind, with which number, and what of it. */
  get told(): unknown[] {
    return this.sent.map((message) => {
      assert.ok(message.kind === 'counts' || message.kind === 'find-counts');
      assert.equal(message.report.slot, 3);
      return [message.kind, message.ask, message.report.connections];
    });
  }
}

const mockTime = (t: TestContext): void => t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });

describe('a worker', () => {
  it('adds its own numbers, as the master has heard them, to those of the others', async () => {
    const world = new World();
    world.link.own.accepted = 2;
    world.link.registry.server('x', 'imap').began();
    const all = world.link.all();
    assert.deepEqual(world.told, [['find-counts', 1, of({ accepted: 2 })]]);
    world.link.own.accepted = 3;
    world.link.registry.server('x', 'imap').began();
    world.others(1, { accepted: 10, active: 1 });
    const { total, processes } = await all;
    assert.deepEqual(total.connections, of({ accepted: 12, active: 1 }));
    // Were it killed now, nobody would see less than this.
    assert.deepEqual(
      [...total.blocks.values()].map((block) => new ServerNumbers(block).connections),
      [1],
    );
    assert.equal(processes[0]?.connections.accepted, 2);
  });

  it('asks once more for who came when a question was under way, since that is not in it', async () => {
    const world = new World();
    world.link.own.requests = 1;
    const first = world.total();
    world.link.own.requests = 3;
    const later = [world.total(), world.total()];
    world.others(1, {});
    assert.equal((await first).requests, 1);
    assert.deepEqual(world.told, [
      ['find-counts', 1, of({ requests: 1 })],
      ['find-counts', 2, of({ requests: 3 })],
    ]);
    world.others(2, {});
    for (const total of later) assert.equal((await total).requests, 3);
    assert.equal(world.sent.length, 2);
  });

  it('leaves nobody waiting whose turn had not come when the master was gone', async () => {
    const world = new World();
    const [first, later] = [world.total(), world.total()];
    world.link.own.requests = 2;
    world.link.lost();
    assert.equal((await first).requests, 2);
    assert.equal((await later).requests, 2);
    assert.equal(world.sent.length, 1);
  });

  it('shows what it knows where no answer comes, and takes no answer that is late', async (t) => {
    mockTime(t);
    const world = new World();
    const first = world.total();
    world.others(1, { accepted: 10 });
    await first;
    const late = world.total();
    t.mock.timers.tick(ANSWER_MS);
    assert.deepEqual(await late, of({ accepted: 10 }));
    const third = world.total();
    world.others(2, { accepted: 11 });
    world.others(3, { accepted: 12 });
    assert.deepEqual(await third, of({ accepted: 12 }));
  });

  it('answers what it is asked', () => {
    const world = new World();
    world.link.own.requests = 4;
    world.link.receive({ kind: 'count', ask: 9 });
    assert.deepEqual(world.told, [['counts', 9, of({ requests: 4 })]]);
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
    assert.deepEqual(world.told, [['counts', 0, of({ accepted: 1 })]]);
    world.link.registry.server('x', 'imap').cacheHit();
    t.mock.timers.tick(3000);
    assert.equal(world.sent.length, 2);
  });

  it('waits for no master that is gone', async () => {
    const world = new World();
    const total = world.total();
    world.link.own.active = 1;
    world.link.lost();
    assert.deepEqual(await total, of({ active: 1 }));
    assert.deepEqual(await world.total(), of({ active: 1 }));
    assert.deepEqual(world.link.recent(), of({ active: 1 }));
    assert.equal(world.sent.length, 1);
  });
});
