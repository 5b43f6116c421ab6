// What logins have cost in each situation.
import { median } from '../statistics.ts';
import { digits } from '../table.ts';

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

/** In Markdown; a ratio is that of the medians, to the first situation. */
export function crowdTable(found: readonly Found[]): string {
  const head = ['While', 'A login', 'Ratio'];
  const base = median(found[0]?.costs ?? []);
  const rows = found.map(({ situation, costs }) => {
    const middle = median(costs);
    const [least, most] = [Math.min(...costs), Math.max(...costs)];
    return [
      situation.name,
      `${digits(middle)} (${digits(least)} to ${digits(most)}) µs CPU`,
      (middle / base).toFixed(2),
    ];
  });
  return `\n${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}
