// The run that others are compared with, kept in the repository: one number a row.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/target.ts';
import type { Result, RowResult } from './result.ts';

const FILE = join(ROOT, 'test', 'bench', 'baseline.json');

/** Ratios to nginx where there are any, since they mean the same on another machine; else Postern's own figures. */
export type Baseline = Readonly<Record<string, number>>;

export interface Comparison {
  readonly id: string;
  readonly before: number;
  readonly now: number;
  /** What it was is not among what the rounds found now. */
  readonly outside: boolean;
}

const comparable = (row: RowResult) => row.ratio ?? row.postern;

export function baselineOf({ rows }: Pick<Result, 'rows'>): Baseline {
  const entries = rows.flatMap((row) => {
    const found = comparable(row);
    return found === undefined ? [] : [[row.id, Number(found.median.toPrecision(4))] as const];
  });
  return Object.fromEntries(entries);
}

export function compare({ rows }: Pick<Result, 'rows'>, baseline: Baseline): readonly Comparison[] {
  return rows.flatMap((row) => {
    const [found, before] = [comparable(row), baseline[row.id]];
    if (found === undefined || before === undefined) return [];
    return [{ id: row.id, before, now: found.median, outside: before < found.min || before > found.max }];
  });
}

/** In words: how much more or less it is than it was. */
export function changeOf(id: string, comparisons: readonly Comparison[]): string | undefined {
  const found = comparisons.find((comparison) => comparison.id === id);
  if (found === undefined) return undefined;
  const { before, now, outside } = found;
  const change = before === 0 ? '' : ` ${now >= before ? '+' : '−'}${Math.abs((now / before - 1) * 100).toFixed(0)} %`;
  return `${before.toFixed(2)}${change}${outside ? ' !' : ''}`;
}

/** Empty where there is none yet. */
export function readBaseline(): Baseline {
  if (!existsSync(FILE)) return {};
  const parsed: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${FILE} is no baseline`);
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => typeof value === 'number'));
}

/** Rows that were not measured stay as they were. */
export function saveBaseline(result: Result): void {
  const merged = { ...readBaseline(), ...baselineOf(result) };
  writeFileSync(FILE, `${JSON.stringify(merged, null, 2)}\n`);
}
