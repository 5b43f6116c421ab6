// A worker and its master about orders: answers, a master that is stuck, and one that is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlOrder, NO_ANSWER } from '../../../../src/control/order.ts';
import type { ToMaster } from '../../../../src/process/messages.ts';
import { ANSWER_MS, ControlLink } from '../../../../src/process/worker/control-link.ts';

const LIST: ControlOrder = { kind: 'list-waiting' };
const HOLD: ControlOrder = { kind: 'hold', user: 'me', untilMs: Date.now() + 60_000 };

function started() {
  const said: ToMaster[] = [];
  return { said, link: new ControlLink((message) => said.push(message)) };
}

test('what the master has gathered is the answer, and once', async () => {
  const { said, link } = started();
  const asked = link.ask(LIST);
  assert.deepEqual(said, [{ kind: 'control', ask: 1, order: LIST }]);
  link.receive({ kind: 'control-result', ask: 1, answer: { ...NO_ANSWER, count: 3 } });
  link.receive({ kind: 'control-result', ask: 1, answer: { ...NO_ANSWER, count: 4 } });
  assert.equal((await asked).count, 3);
});

test('a master that is stuck: what is asked is answered for this worker, and nothing is changed twice', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { link } = started();
  const [held, listed] = [link.ask(HOLD), link.ask(LIST)];
  t.mock.timers.tick(ANSWER_MS);
  assert.deepEqual(await held, { ...NO_ANSWER, isLate: true });
  assert.deepEqual(await listed, NO_ANSWER);
  assert.equal(link.local.holds.isEmpty, true);
  link.receive({ kind: 'control', poll: 1, order: HOLD });
  assert.equal(link.local.holds.isEmpty, false);
});

test('without a master a worker obeys for itself', async () => {
  const { said, link } = started();
  const asked = link.ask(HOLD);
  link.lost();
  assert.equal((await asked).count, 1);
  assert.deepEqual([...(await link.ask(LIST)).held.keys()], ['me']);
  assert.equal(said.length, 1);
});
