// The history that a master keeps: while a worker wants it, over the death of one, and not for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORGET_MS, HistoryKeeper } from '../../../../src/process/master/history-keeper.ts';
import type { ToWorker } from '../../../../src/process/messages.ts';
import { SAMPLE_MS } from '../../../../src/stats/samples.ts';

class Worker {
  #heard: ToWorker | undefined;

  tell(message: ToWorker): void {
    this.#heard = message;
  }

  /** How many samples there are. */
  count(keeper: HistoryKeeper): number {
    keeper.receive(this, { kind: 'find-history', ask: 7 });
    assert.ok(this.#heard?.kind === 'history' && this.#heard.ask === 7);
    return this.#heard.samples.length;
  }
}

test('samples are taken from the first worker that wants them until the last one is gone', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] });
  let looks = 0;
  const keeper = new HistoryKeeper(() => {
    looks++;
    return new Map();
  });
  const [one, two, stranger] = [new Worker(), new Worker(), new Worker()];
  t.mock.timers.tick(SAMPLE_MS);
  assert.equal(looks, 0, 'nobody wants it');
  keeper.receive(one, { kind: 'keep-history' });
  keeper.receive(two, { kind: 'keep-history' });
  t.mock.timers.tick(2 * SAMPLE_MS);
  assert.deepEqual([one.count(keeper), stranger.count(keeper)], [3, 3]);
  keeper.leave(one);
  keeper.receive(one, { kind: 'keep-history' }); // its last words
  t.mock.timers.tick(SAMPLE_MS);
  assert.equal(two.count(keeper), 4);
  keeper.leave(two);
  t.mock.timers.tick(FORGET_MS - 1);
  const next = new Worker();
  keeper.receive(next, { kind: 'keep-history' });
  assert.equal(next.count(keeper), 5, 'nothing was taken meanwhile, and nothing is forgotten');
  keeper.leave(next);
  t.mock.timers.tick(FORGET_MS);
  assert.equal(stranger.count(keeper), 0);
});
