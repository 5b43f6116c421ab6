// What logins have cost in each situation.
import { median, ratios, summary } from '../statistics.ts';
import { digits, spread } from '../table.ts';

export interface Situation {
  readonly name: string;
  /** Those of the room. */
  readonly hasSessions: boolean;
  readonly isWatched: boolean;
}

interface Found {
  readonly situation: Situation;
  /** Of a login, in microseconds of CPU, round by round. */
  readonly costs: readonly number[];
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** In Markdown; ratios are to the first situation in the same round. */
export function crowdTable(found: readonly Found[]): string {
  const head = ['While', 'A login', 'Ratio'];
  const base = found[0]?.costs ?? [];
  const rows = found.map(({ situation, costs }) => [
    situation.name,
    `${digits(median(costs))} µs CPU`,
    spread(summary(ratios(costs, base))),
  ]);
  return `\n${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}
