// Whether a row keeps within its budget.
import type { Row } from './rows.ts';
import type { Summary } from './statistics.ts';

/** aim: all that is wanted; must: what has to be; missed: not even that. */
export type Verdict = 'aim' | 'must' | 'missed';

/** The median is judged. @returns undefined without a budget, or without what it is about */
export function judge(row: Row, ratio: Summary | undefined, figure: Summary | undefined): Verdict | undefined {
  const { budget } = row;
  if (budget === undefined) return undefined;
  const judged = budget.of === 'ratio' ? ratio : figure;
  if (judged === undefined || Number.isNaN(judged.median)) return undefined;
  const keeps = (limit: number): boolean => (row.better === 'less' ? judged.median <= limit : judged.median >= limit);
  if (keeps(budget.aim)) return 'aim';
  return budget.must === undefined || keeps(budget.must) ? 'must' : 'missed';
}
