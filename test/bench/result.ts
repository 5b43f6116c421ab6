// What a run of the benchmark found, as it is written to a file.
import type { Figures } from './figures.ts';
import type { Machine } from './machine.ts';
import type { Name, Row } from './rows.ts';
import { ratios, type Summary, summary } from './statistics.ts';
import { allowance, judge, type Verdict } from './verdict.ts';

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** By round. */
  readonly figures: Partial<Readonly<Record<Name, readonly number[]>>>;
  readonly postern?: Summary;
  readonly nginx?: Summary;
  readonly ratio?: Summary;
  readonly ratio64k?: Summary;
  readonly verdict?: Verdict;
  /** So many times the limits may be used on this machine. */
  readonly allowed?: number;
  readonly skipped?: string;
}

export interface Result {
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly quick: boolean;
  readonly tools: string;
  readonly rows: readonly RowResult[];
}

/** @returns undefined where nothing was measured and nothing was skipped for a reason: the row was not asked for */
export function rowResult(row: Row, figures: Figures): RowResult | undefined {
  const [ours, theirs, larger] = (['postern', 'nginx', 'nginx-64k'] as const).map((name) => figures.of(row.id, name));
  if (ours === undefined || theirs === undefined || larger === undefined) return undefined;
  const { id, title, unit } = row;
  const skipped = figures.skipped(id);
  if (ours.length === 0) return skipped === undefined ? undefined : { id, title, unit, figures: {}, skipped };
  const found = {
    postern: summary(ours),
    nginx: summary(theirs),
    ratio: summary(ratios(ours, theirs)),
    ratio64k: summary(ratios(ours, larger)),
  };
  const allowed = allowance(row.budget, summary(figures.of('start-node', 'postern')));
  return {
    id,
    title,
    unit,
    figures: { postern: ours, nginx: theirs, 'nginx-64k': larger },
    ...present({ ...found, verdict: judge(row, found.ratio, found.postern, allowed), allowed }),
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
function present<T extends Record<string, unknown>>(values: T): Present<T> {
  const kept: Present<T> = {};
  for (const key in values) {
    const value = values[key];
    if (isThere(value)) kept[key] = value;
  }
  return kept;
}

function isThere<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}
