// What was found, as a table: for the terminal, and in Markdown for the documentation.
import { type Comparison, changeOf } from './baseline.ts';
import type { Machine } from './machine.ts';
import type { Result, RowResult } from './result.ts';
import { type Budget, ROWS, type Unit } from './rows.ts';
import type { Summary } from './statistics.ts';
import type { Verdict } from './verdict.ts';

const HEAD = ['Work', 'Postern', 'nginx', 'Ratio', 'To nginx 64k', 'Must; aim', 'Budget'];
const NONE = '–';
/** From here on somebody else is at work. */
export const BUSY = 0.1;
const CAUTION = 'times are longer than they would be, and ratios less sure';
const VERDICTS: Readonly<Record<Verdict, string>> = { aim: 'aim', must: 'must', missed: 'missed' };

/** Three digits that count. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function figure(found: Summary | undefined, unit: string): string {
  if (found === undefined) return NONE;
  const value = digits(found.median);
  return unit === '' || unit === '×' || unit === '%' ? `${value}${unit === '' ? '' : ` ${unit}`}` : `${value} ${unit}`;
}

/** The median, and from the least to the most of all rounds. */
export function spread(found: Summary | undefined): string {
  if (found === undefined) return NONE;
  const middle = found.median.toFixed(2);
  return found.min === found.max ? middle : `${middle} (${found.min.toFixed(2)} to ${found.max.toFixed(2)})`;
}

/** @param allowed times the limits */
export function limits(budget: Budget | undefined, better: 'less' | 'more', unit: Unit, allowed = 1): string {
  if (budget === undefined) return NONE;
  const sign = better === 'less' ? '≤' : '≥';
  const suffix = budget.of === 'figure' && unit !== '' ? ` ${unit}` : '';
  const one = (limit: number | undefined): string => (limit === undefined ? NONE : `${sign} ${limit}${suffix}`);
  return `${one(budget.must)}; ${one(budget.aim)}${allowed === 1 ? '' : `, × ${allowed.toFixed(2)}`}`;
}

function cells(row: RowResult): readonly string[] {
  const known = ROWS.find(({ id }) => id === row.id);
  return [
    row.title,
    figure(row.postern, row.unit),
    figure(row.nginx, row.unit),
    spread(row.ratio),
    row.ratio64k === undefined ? NONE : row.ratio64k.median.toFixed(2),
    known === undefined ? NONE : limits(known.budget, known.better, known.unit, row.allowed),
    row.verdict === undefined ? NONE : VERDICTS[row.verdict],
  ];
}

function padded(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** What every report begins with. */
export function machineLines(machine: Machine): string {
  const { processors, processor, memoryGib, system, node, openssl, postern } = machine;
  const theirs = machine.nginx === undefined ? 'nginx is not installed' : `nginx ${machine.nginx}`;
  const ours = `Postern ${postern} on Node.js ${node} (OpenSSL ${openssl})`;
  return `${processors} × ${processor}, ${memoryGib} GiB, ${system}.\n${ours}; ${theirs}.\n`;
}

const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;

/** For the terminal. */
export function textReport(result: Result, baseline: readonly Comparison[]): string {
  const measured = result.rows.filter(({ skipped }) => skipped === undefined);
  const skipped = result.rows.flatMap((row) => (row.skipped === undefined ? [] : [`${row.title}: ${row.skipped}\n`]));
  const table = padded([
    [...HEAD, 'Baseline'],
    ...measured.map((row) => [...cells(row), changeOf(row.id, baseline) ?? NONE]),
  ]);
  const { others: part } = result.machine;
  const others = `Others used ${percent(part)} of the machine meanwhile${part > BUSY ? `: ${CAUTION}` : ''}.`;
  const missed = measured.filter(({ verdict }) => verdict === 'missed');
  const judged = measured.filter(({ verdict }) => verdict !== undefined);
  const budget = `Budget: ${judged.length - missed.length} of ${judged.length} rows keep what they must.`;
  const left = skipped.length === 0 ? '' : `\nLeft out:\n${skipped.join('')}`;
  return `${machineLines(result.machine)}${others}\n\n${table}${left}\n${budget}\n`;
}

const line = (row: readonly string[]): string => `| ${row.join(' | ')} |\n`;

/** For the documentation. */
export function markdownReport(result: Result): string {
  const { machine, date, rounds, tools } = result;
  const others = `Others used ${percent(machine.others)} of the machine.`;
  const about = `${machineLines(machine)}${date.slice(0, 10)}, ${rounds} rounds, clients and servers around in ${tools}. ${others}\n`;
  const rows = result.rows.map((row) =>
    row.skipped === undefined
      ? cells(row)
      : [row.title, NONE, NONE, NONE, NONE, NONE, `left out: ${row.skipped.replaceAll('|', '\\|')}`],
  );
  return `${about}\n${line(HEAD)}|${' --- |'.repeat(HEAD.length)}\n${rows.map(line).join('')}`;
}
