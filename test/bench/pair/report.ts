// What a comparison of two ways to run Postern has found.
import type { Unit } from '../rows.ts';
import { median, ratios, summary } from '../statistics.ts';
import { digits, spread } from '../table.ts';
import type { Sides } from './sides.ts';

/** A figure for each start, of each of the two. */
export interface Found {
  readonly name: string;
  readonly unit: Unit;
  readonly base: number[];
  readonly other: number[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** In Markdown: figures are medians of all starts, and ratios those of each start. */
export function pairTable({ base, other }: Sides, found: readonly Found[]): string {
  const rows = found.map((one) => [
    one.name,
    `${digits(median(one.base))} ${one.unit}`,
    `${digits(median(one.other))} ${one.unit}`,
    spread(summary(ratios(one.other, one.base))),
  ]);
  return `\n${line(['Work', base.title, other.title, 'Ratio'])}${line(['---', '---', '---', '---'])}${rows.map(line).join('')}`;
}
