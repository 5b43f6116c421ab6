// The master's numbers of connections: it asks all but the one who wants to know, and forgets nothing that was counted.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type ConnectionCounts, noCounts } from '../../../../src/core/connection-counts.ts';
import { CountKeeper, POLL_MS } from '../../../../src/process/master/count-keeper.ts';
import type { ToWorker } from '../../../../src/process/messages.ts';
import { GAUGES } from '../../../../src/stats/block.ts';
import type { ProcessReport } from '../../../../src/stats/status.ts';

const of = (counts: Partial<ConnectionCounts>): ConnectionCounts => ({ ...noCounts(), ...counts });

const reportOf = (
  connections: ConnectionCounts,
  blocks: ReadonlyMap<string, Float64Array> = new Map(),
): ProcessReport => ({ connections, blocks, pid: 1, slot: 0, condition: 'serving' });

/** The connections in the only answer so far. */
function answerTo(worker: FakeWorker, ask: number): ConnectionCounts {
  const [message, ...more] = worker.heard.splice(0);
  assert.ok(message?.kind === 'others' && more.length === 0);
  assert.equal(message.ask, ask);
  return message.others.total.connections;
}

class FakeWorker {
  readonly heard: ToWorker[] = [];
  readonly #keeper: CountKeeper;
  counts = noCounts();
  blocks: ReadonlyMap<string, Float64Array> = new Map();

  constructor(keeper: CountKeeper) {
    this.#keeper = keeper;
    keeper.join(this);
  }

  tell(message: ToWorker): void {
    this.heard.push(message);
  }

  asks(ask: number): void {
    this.#keeper.receive(this, { kind: 'find-counts', ask, report: reportOf(this.counts, this.blocks) });
  }

  /** Every question so far. */
  answers(): void {
    for (const message of this.heard.splice(0)) {
      assert.ok(message.kind === 'count');
      this.#keeper.receive(this, { kind: 'counts', ask: message.ask, report: reportOf(this.counts, this.blocks) });
    }
  }
}

const mockTime = (t: TestContext): void => t.mock.timers.enable({ apis: ['setTimeout'] });

describe('the numbers of connections', () => {
  it('are those of all other workers, each of whom is asked', () => {
    const keeper = new CountKeeper();
    const [a, b, c] = [new FakeWorker(keeper), new FakeWorker(keeper), new FakeWorker(keeper)];
    a.counts = of({ accepted: 100, active: 100 });
    b.counts = of({ accepted: 10, handled: 9, requests: 3, active: 4, reading: 1, writing: 2, waiting: 1 });
    c.counts = of({ accepted: 1, handled: 1, requests: 1, active: 1, reading: 1, writing: 1, waiting: 1 });
    a.asks(5);
    assert.deepEqual(a.heard, []);
    b.answers();
    assert.deepEqual(a.heard, []);
    c.answers();
    const counts = of({ accepted: 11, handled: 10, requests: 4, active: 5, reading: 2, writing: 3, waiting: 2 });
    assert.deepEqual(answerTo(a, 5), counts);
  });

  it('come at once where there is no other worker', () => {
    const worker = new FakeWorker(new CountKeeper());
    worker.asks(1);
    assert.deepEqual(answerTo(worker, 1), noCounts());
  });

  it('do not wait for a worker that is stuck, which counts as it was known', (t) => {
    mockTime(t);
    const keeper = new CountKeeper();
    const [a, b] = [new FakeWorker(keeper), new FakeWorker(keeper)];
    b.counts = of({ accepted: 3, active: 2 });
    b.asks(1);
    a.answers();
    b.heard.splice(0);
    a.asks(2);
    t.mock.timers.tick(POLL_MS);
    assert.deepEqual(answerTo(a, 2), b.counts);
    b.answers();
    assert.deepEqual(a.heard, []);
  });

  it('keep what a worker has counted that is gone, but not what it had open', () => {
    const keeper = new CountKeeper();
    const [a, b] = [new FakeWorker(keeper), new FakeWorker(keeper)];
    b.counts = of({ accepted: 3, handled: 2, requests: 1, active: 2, waiting: 2 });
    a.asks(1);
    b.answers();
    a.heard.splice(0);
    keeper.leave(b);
    keeper.leave(b);
    a.asks(2);
    const counts = of({ accepted: 3, handled: 2, requests: 1 });
    assert.deepEqual(answerTo(a, 2), counts);
  });

  it('do not wait for a worker that goes meanwhile, and take its last words also after its end', () => {
    const keeper = new CountKeeper();
    const [a, b] = [new FakeWorker(keeper), new FakeWorker(keeper)];
    keeper.receive(b, { kind: 'counts', ask: 0, report: reportOf(of({ accepted: 3, requests: 1 })) });
    a.asks(1);
    keeper.leave(b);
    assert.deepEqual(answerTo(a, 1), of({ accepted: 3, requests: 1 }));
    keeper.receive(b, { kind: 'counts', ask: 0, report: reportOf(of({ accepted: 5, requests: 4, active: 1 })) });
    a.asks(2);
    assert.deepEqual(answerTo(a, 2), of({ accepted: 5, requests: 4 }));
  });
});

describe('blocks of counters', () => {
  const block = (gauge: number, counted: number): Float64Array => {
    const values = new Float64Array(GAUGES + 1);
    values[0] = gauge;
    values[GAUGES] = counted;
    return values;
  };
  const answer = (worker: FakeWorker): [string, number, number][] => {
    const [message] = worker.heard.splice(0);
    assert.ok(message?.kind === 'others');
    return [...message.others.total.blocks].map(([name, v]) => [name, v[0] ?? 0, v[GAUGES] ?? 0]);
  };

  it('begin anew, also those of workers that are gone or go then, and what there is now stays', () => {
    const keeper = new CountKeeper();
    const [a, b, c] = [new FakeWorker(keeper), new FakeWorker(keeper), new FakeWorker(keeper)];
    for (const [worker, count] of [
      [b, 10],
      [c, 5],
    ] as const) {
      worker.blocks = new Map([
        ['x', block(2, count)],
        ['y', block(1, 1)],
      ]);
    }
    a.asks(1);
    b.answers();
    c.answers();
    a.heard.splice(0);
    keeper.leave(c);
    keeper.reset('x');
    keeper.reset('none');
    assert.equal(b.blocks.get('x')?.[GAUGES], 10, 'a copy');
    a.asks(2);
    b.blocks = new Map([['x', block(2, 1)]]);
    b.answers();
    assert.deepEqual(answer(a).sort(), [
      ['x', 2, 1],
      ['y', 0, 1],
    ]);
    keeper.reset('x');
    keeper.leave(b);
    a.asks(3);
    assert.deepEqual(answer(a).sort(), [
      ['x', 0, 0],
      ['y', 0, 1],
    ]);
  });

  it('are added up by name, and of those that are gone what was since the start stays', () => {
    const keeper = new CountKeeper();
    const [a, b, c] = [new FakeWorker(keeper), new FakeWorker(keeper), new FakeWorker(keeper)];
    b.blocks = new Map([['x', block(2, 10)]]);
    c.blocks = new Map([
      ['x', block(1, 5)],
      ['y', block(3, 7)],
    ]);
    a.asks(1);
    b.answers();
    c.answers();
    assert.deepEqual(answer(a).sort(), [
      ['x', 3, 15],
      ['y', 3, 7],
    ]);
    keeper.leave(c);
    a.asks(2);
    b.answers();
    assert.deepEqual(answer(a).sort(), [
      ['x', 2, 15],
      ['y', 0, 7],
    ]);
  });

  it('come with what the master has seen, and with each process', () => {
    const keeper = new CountKeeper();
    const [a, b] = [new FakeWorker(keeper), new FakeWorker(keeper)];
    keeper.respawns();
    keeper.reloads();
    keeper.reloads();
    a.asks(1);
    b.answers();
    const [message] = a.heard;
    assert.ok(message?.kind === 'others');
    const { processes, history } = message.others;
    assert.deepEqual([processes.length, history.respawned, history.reloads], [1, 1, 2]);
  });
});
