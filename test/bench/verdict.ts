// Whether a row keeps within its budget.
import type { Budget, Row } from './rows.ts';
import type { Summary } from './statistics.ts';

/** aim: all that is wanted; must: what has to be; missed: not even that. */
export type Verdict = 'aim' | 'must' | 'missed';

/** How much longer than where the limits are from a start may take here: as much as Node.js alone does. */
export function allowance(budget: Budget | undefined, node: Summary | undefined): number {
  if (budget?.nodeMs === undefined || node === undefined) return 1;
  return Math.max(1, node.median / budget.nodeMs);
}

/**
 * The median is judged.
 * @param allowed times the limits
 * @returns undefined without a budget, or without what it is about
 */
export function judge(
  row: Row,
  ratio: Summary | undefined,
  figure: Summary | undefined,
  allowed = 1,
): Verdict | undefined {
  const { budget } = row;
  if (budget === undefined) return undefined;
  const judged = budget.of === 'ratio' ? ratio : figure;
  if (judged === undefined || Number.isNaN(judged.median)) return undefined;
  const keeps = (limit: number): boolean =>
    row.better === 'less' ? judged.median <= limit * allowed : judged.median >= limit * allowed;
  if (keeps(budget.aim)) return 'aim';
  return budget.must === undefined || keeps(budget.must) ? 'must' : 'missed';
}
