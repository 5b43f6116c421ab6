// `npm run bench`: Postern beside nginx on the same configuration. Prints ratios, and whether they keep the budget.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineLoad } from '../long/usage.ts';
import { Cleanup } from '../support/cleanup.ts';
import { nginx, postern, ROOT } from '../support/target.ts';
import { compare, readBaseline, saveBaseline } from './baseline.ts';
import { Bench } from './bench.ts';
import { Figures } from './figures.ts';
import { type Halt, Halted, haltsOnSignals, untilHalted } from './halt.ts';
import { describeMachine, Watch } from './machine.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { withReport } from './page.ts';
import { type Result, rowResult } from './result.ts';
import { ROWS } from './rows.ts';
import { BUSY, markdownReport, textReport } from './table.ts';
import { makeTools } from './tools.ts';
import { WORKLOADS } from './workloads/all.ts';
import type { Workload } from './workloads/workload.ts';

const PAGE = join(ROOT, 'docs', 'performance.md');

const warn = (text: string): void => void process.stderr.write(`${text}\n`);

/** A workload that fails leaves its rows empty, with the reason; the others go on. */
async function perform(bench: Bench, workload: Workload, wants: (row: string) => boolean): Promise<void> {
  const scope = new Cleanup();
  const began = performance.now();
  try {
    await workload.run(bench, scope, wants);
  } catch (error) {
    if (bench.halt.halted) throw new Halted();
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    warn(`${workload.name}: ${error instanceof Error ? error.message : String(error)}`);
    for (const row of workload.rows)
      if (wants(row) && bench.figures.of(row, 'postern').length === 0) bench.figures.skip(row, reason);
    process.exitCode = 1;
  } finally {
    await scope.run();
  }
  warn(`${workload.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

async function measure(options: Options, halt: Halt): Promise<Result> {
  const figures = new Figures();
  const scope = new Cleanup();
  const watch = new Watch();
  let tools = '';
  try {
    const made = await makeTools(scope, options.nodeTools);
    tools = made.description;
    for (const warning of made.warnings) warn(`Warning: ${warning}.`);
    const bench = await Bench.start(scope, options, figures, halt, made);
    for (const workload of WORKLOADS) {
      const wants = (row: string): boolean =>
        options.only.length === 0 || options.only.some((name) => row.includes(name) || workload.name === name);
      if (workload.rows.some(wants)) await perform(bench, workload, wants);
    }
  } finally {
    await scope.run();
  }
  return {
    date: new Date().toISOString(),
    machine: describeMachine(watch.others()),
    rounds: options.sizes.rounds,
    quick: options.quick,
    tools,
    rows: ROWS.flatMap((row) => rowResult(row, figures) ?? []),
  };
}

async function main(options: Options): Promise<void> {
  const halt = haltsOnSignals();
  const missing = nginx.missing();
  if (missing !== undefined) warn(`${missing}: only Postern is measured.`);
  const unable = postern.missing();
  if (unable !== undefined) throw new Error(unable);
  const load = await machineLoad();
  if (load > BUSY) warn(`Warning: ${(load * 100).toFixed(0)} % of the machine are in use before anything begins.`);
  const result = await measure(options, halt);
  process.stdout.write(textReport(result, compare(result, readBaseline())));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.docs) writeFileSync(PAGE, withReport(readFileSync(PAGE, 'utf8'), markdownReport(result)));
  if (options.saveBaseline) saveBaseline(result);
}

function optionsOrUsage(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    warn(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

const options = optionsOrUsage();
if (options === undefined) process.exitCode = 1;
else await untilHalted(() => main(options));
