// What keeps within the budget.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Budget, ROWS, type Row } from '../../bench/rows.ts';
import { summary } from '../../bench/statistics.ts';
import { allowance, judge } from '../../bench/verdict.ts';
import { WORKLOADS } from '../../bench/workloads/all.ts';

const row = (budget?: Budget, better: Row['better'] = 'less'): Row => ({
  id: 'x',
  title: 'X',
  unit: 'ms',
  better,
  ...(budget === undefined ? {} : { budget }),
});

test('a ratio is judged by its median, limits included', () => {
  const cost = row({ of: 'ratio', must: 1.5, aim: 1 });
  const verdicts = [[1], [0.5, 0.9, 9], [1.01], [1.5], [1.51]].map((values) => judge(cost, summary(values), undefined));
  assert.deepEqual(verdicts, ['aim', 'aim', 'must', 'must', 'missed']);
});

test('a figure of our own is judged without nginx', () => {
  const start = row({ of: 'figure', must: 160, aim: 120 });
  assert.equal(judge(start, undefined, summary([130])), 'must');
  assert.equal(judge(start, summary([0.1]), summary([170])), 'missed');
});

test('a start may take longer where Node.js alone does', () => {
  const budget: Budget = { of: 'figure', must: 160, aim: 120, nodeMs: 50 };
  assert.equal(allowance(budget, undefined), 1);
  assert.equal(allowance(budget, summary([40])), 1, 'not less');
  assert.equal(allowance(budget, summary([100])), 2);
  assert.equal(allowance({ of: 'figure', aim: 1 }, summary([100])), 1);
  assert.deepEqual(
    [240, 241, 320, 321].map((value) => judge(row(budget), undefined, summary([value]), 2)),
    ['aim', 'must', 'must', 'missed'],
  );
});

test('of what is better the more there is, limits are the least', () => {
  const scale = row({ of: 'figure', must: 1.8, aim: 1.9 }, 'more');
  assert.deepEqual(
    [2, 1.8, 1.7].map((value) => judge(scale, undefined, summary([value]))),
    ['aim', 'must', 'missed'],
  );
});

test('an aim alone cannot be missed', () => {
  assert.equal(judge(row({ of: 'figure', aim: 2 }), undefined, summary([5])), 'must');
});

test('what has no budget, or was not measured, is not judged', () => {
  assert.equal(judge(row(), summary([1]), summary([1])), undefined);
  assert.equal(judge(row({ of: 'ratio', must: 1, aim: 1 }), undefined, summary([1])), undefined);
});

test('an aim is at least as hard as what must be', () => {
  for (const { id, budget, better } of ROWS) {
    if (budget?.must === undefined) continue;
    assert.ok(better === 'less' ? budget.aim <= budget.must : budget.aim >= budget.must, id);
  }
});

test('every row has a name of its own and is measured by one workload', () => {
  const measured = WORKLOADS.flatMap(({ rows }) => rows);
  assert.deepEqual(measured.toSorted(), ROWS.map(({ id }) => id).toSorted());
  assert.equal(new Set(measured).size, measured.length);
});
