// The run that others are compared with, kept in the repository: one number a row.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/target.ts';
import type { Result, RowResult } from './result.ts';
import type { Summary } from './statistics.ts';

const FILE = join(ROOT, 'test', 'bench', 'baseline.json');

/** A ratio to nginx where there is one, since that means the same on another machine; else a figure of Postern's own. */
export interface Mark {
  readonly of: 'ratio' | 'figure';
  readonly value: number;
}

export type Baseline = Readonly<Record<string, Mark>>;

export interface Comparison {
  readonly id: string;
  readonly before: number;
  readonly now: number;
  /** What it was is not among what the rounds found now. */
  readonly outside: boolean;
}

function comparable({ ratio, postern }: RowResult): { readonly of: Mark['of']; readonly found: Summary } | undefined {
  if (ratio !== undefined) return { of: 'ratio', found: ratio };
  return postern === undefined ? undefined : { of: 'figure', found: postern };
}

export function baselineOf({ rows }: Pick<Result, 'rows'>): Baseline {
  const entries = rows.flatMap((row) => {
    const mark = comparable(row);
    return mark === undefined
      ? []
      : [[row.id, { of: mark.of, value: Number(mark.found.median.toPrecision(4)) }] as const];
  });
  return Object.fromEntries(entries);
}

/** Ratios with ratios, figures with figures: without nginx there is nothing to compare with a ratio. */
export function compare({ rows }: Pick<Result, 'rows'>, baseline: Baseline): readonly Comparison[] {
  return rows.flatMap((row) => {
    const [mark, before] = [comparable(row), baseline[row.id]];
    if (mark === undefined || before === undefined || mark.of !== before.of) return [];
    const { median, min, max } = mark.found;
    return [{ id: row.id, before: before.value, now: median, outside: before.value < min || before.value > max }];
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
  return Object.fromEntries(Object.entries(parsed).filter(isEntry));
}

function isEntry(entry: [string, unknown]): entry is [string, Mark] {
  const [, mark] = entry;
  if (typeof mark !== 'object' || mark === null || !('of' in mark) || !('value' in mark)) return false;
  return (mark.of === 'ratio' || mark.of === 'figure') && typeof mark.value === 'number';
}

/** Rows that were not measured stay as they were. */
export function saveBaseline(result: Result): void {
  const merged = { ...readBaseline(), ...baselineOf(result) };
  writeFileSync(FILE, `${JSON.stringify(merged, null, 2)}\n`);
}
