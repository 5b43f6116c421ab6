// What a master makes of orders: answers of all workers put together, and what holds for those that start later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_HELD } from '../../../../src/control/holds.ts';
import { type ControlAnswer, type ControlOrder, type GroupOrder, NO_ANSWER } from '../../../../src/control/order.ts';
import { ControlKeeper, POLL_MS } from '../../../../src/process/master/control-keeper.ts';
import { MAX_CHANGES } from '../../../../src/process/master/group-changes.ts';
import type { ToWorker } from '../../../../src/process/messages.ts';

class Worker {
  readonly heard: ToWorker[] = [];

  tell(message: ToWorker): void {
    this.heard.push(message);
  }

  get orders(): ControlOrder[] {
    return this.heard.flatMap((message) => (message.kind === 'control' ? [message.order] : []));
  }

  get results(): ControlAnswer[] {
    return this.heard.flatMap((message) => (message.kind === 'control-result' ? [message.answer] : []));
  }

  /** Answers what it was asked last. */
  answer(keeper: ControlKeeper, answer: ControlAnswer): void {
    const asked = this.heard.findLast((message) => message.kind === 'control');
    assert.ok(asked !== undefined);
    keeper.receive(this, { kind: 'control-answer', poll: asked.poll, answer });
  }
}

const CONFIGURATION = {};
const END: ControlOrder = { kind: 'end-sessions', filter: { user: 'me' } };
const counted = (count: number): ControlAnswer => ({ ...NO_ANSWER, count });

function workers(keeper: ControlKeeper, ...configurations: readonly object[]): Worker[] {
  return configurations.map((configuration) => {
    const worker = new Worker();
    keeper.join(worker, configuration);
    return worker;
  });
}

test('all workers are asked, of every configuration, and their answers are one', () => {
  const keeper = new ControlKeeper();
  const [one, two, old] = workers(keeper, CONFIGURATION, CONFIGURATION, {});
  assert.ok(one && two && old);
  keeper.receive(one, { kind: 'control', ask: 7, order: END });
  for (const [i, worker] of [one, two, old].entries()) {
    assert.deepEqual(worker.orders, [END]);
    assert.deepEqual(one.results, []);
    worker.answer(keeper, counted(i + 1));
  }
  assert.deepEqual(one.heard.at(-1), { kind: 'control-result', ask: 7, answer: counted(6) });
  one.answer(keeper, counted(5));
  assert.equal(one.results.length, 1, 'late answers count for nothing');
});

test('who is stuck or gone is not waited for', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const keeper = new ControlKeeper();
  const [one, gone, stuck] = workers(keeper, CONFIGURATION, CONFIGURATION, CONFIGURATION);
  assert.ok(one && gone && stuck);
  keeper.receive(one, { kind: 'control', ask: 1, order: END });
  one.answer(keeper, counted(1));
  keeper.leave(gone);
  assert.deepEqual(one.results, []);
  t.mock.timers.tick(POLL_MS);
  assert.deepEqual(one.results, [counted(1)]);
});

test('the last one that was waited for may go instead of answering', () => {
  const keeper = new ControlKeeper();
  const [one, gone] = workers(keeper, CONFIGURATION, CONFIGURATION);
  assert.ok(one && gone);
  keeper.receive(one, { kind: 'control', ask: 1, order: END });
  one.answer(keeper, counted(2));
  assert.deepEqual(one.results, []);
  keeper.leave(gone);
  assert.deepEqual(one.results, [counted(2)]);
});

test('holds are for every worker to come, changes of groups for those of the configuration, in their order', () => {
  const keeper = new ControlKeeper();
  const [one, old] = workers(keeper, CONFIGURATION, {});
  assert.ok(one && old);
  const hold: ControlOrder = { kind: 'hold', user: 'me', untilMs: Date.now() + 60_000 };
  const change = (id: number, what: object): ControlOrder => ({ kind: 'change-server', group: 'g', id, change: what });
  const add: ControlOrder = {
    kind: 'add-server',
    group: 'g',
    id: 3,
    server: 'b:143',
    at: { kind: 'name', host: 'b', port: 143 },
    change: {},
  };
  const ask = (order: ControlOrder): void => keeper.receive(one, { kind: 'control', ask: 1, order });
  ask(hold);
  ask(change(0, { weight: 2 }));
  ask(change(1, { weight: 3 }));
  ask({ kind: 'remove-server', group: 'g', id: 2 });
  ask(add);
  ask(change(0, { drain: true, weight: undefined }));
  assert.deepEqual(old.orders, [hold], 'its groups are others');
  const [later, other] = workers(keeper, CONFIGURATION, {});
  assert.deepEqual(later?.orders, [
    hold,
    change(0, { weight: 2, drain: true }),
    change(1, { weight: 3 }),
    { kind: 'remove-server', group: 'g', id: 2 },
    add,
  ]);
  assert.deepEqual(other?.orders, [hold]);
  ask({ kind: 'hold', user: 'me', untilMs: 0 });
  assert.deepEqual(workers(keeper, {})[0]?.orders, []);
});

test('more users than there is room for are not held', () => {
  const keeper = new ControlKeeper();
  const [one] = workers(keeper, CONFIGURATION);
  assert.ok(one);
  const untilMs = Date.now() + 60_000;
  for (let i = 0; i <= MAX_HELD; i++) {
    keeper.receive(one, { kind: 'control', ask: i, order: { kind: 'hold', user: `u${i}`, untilMs } });
    if (i < MAX_HELD) one.answer(keeper, counted(1));
  }
  assert.equal(one.orders.length, MAX_HELD);
  assert.deepEqual(one.results.at(-1), { ...NO_ANSWER, isFull: true });
});

const added = (id: number, server: string): GroupOrder => ({
  kind: 'add-server',
  group: 'g',
  id,
  server,
  at: { kind: 'address', address: { kind: 'unix', path: '/x' } },
  change: {},
});
const removed = (id: number): GroupOrder => ({ kind: 'remove-server', group: 'g', id });
const weighed = (id: number, weight: number): GroupOrder => ({
  kind: 'change-server',
  group: 'g',
  id,
  change: { weight },
});

test('servers that come and go for years leave nothing behind, and no id is that of two', () => {
  const keeper = new ControlKeeper();
  const [one] = workers(keeper, CONFIGURATION);
  assert.ok(one);
  const ask = (order: ControlOrder, count = 1): void => {
    keeper.receive(one, { kind: 'control', ask: 1, order });
    one.answer(keeper, counted(count));
  };
  ask(added(2, 'first'));
  for (let i = 0; i < MAX_CHANGES; i++) {
    ask(added(2, `s${i}`)); // the worker that asks may have heard of none of the others
    ask(weighed(3 + i, 2));
    ask(removed(3 + i));
  }
  ask(weighed(0, 3));
  ask(removed(0));
  ask(added(2, 'last'));
  ask(weighed(3 + MAX_CHANGES, 5));
  assert.ok(one.results.every(({ isFull }) => isFull === undefined));
  const [later] = workers(keeper, CONFIGURATION);
  assert.deepEqual(later?.orders, [
    added(2, 'first'),
    removed(0),
    { ...added(3 + MAX_CHANGES, 'last'), change: { weight: 5 } },
  ]);
});

test('what no worker could carry out is nothing that a later one is told', () => {
  const keeper = new ControlKeeper();
  const [one] = workers(keeper, CONFIGURATION);
  assert.ok(one);
  for (const order of [added(2, 'is there'), removed(7), weighed(8, 2)]) {
    keeper.receive(one, { kind: 'control', ask: 1, order });
    one.answer(keeper, counted(0));
  }
  assert.deepEqual(workers(keeper, CONFIGURATION)[0]?.orders, []);
});

test('there is room for the changes of so many servers, and no more', () => {
  const keeper = new ControlKeeper();
  const [one] = workers(keeper, CONFIGURATION);
  assert.ok(one);
  for (let i = 0; i <= MAX_CHANGES; i++) {
    keeper.receive(one, { kind: 'control', ask: i, order: added(2, `s${i}`) });
    if (i < MAX_CHANGES) one.answer(keeper, counted(1));
  }
  assert.deepEqual(one.results.at(-1), { ...NO_ANSWER, isFull: true });
  assert.equal(one.orders.length, MAX_CHANGES);
});
