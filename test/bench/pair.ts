// `npm run bench:pair`: Postern beside Postern: with all that shows and steers and without, or this build and another.
import { parseArgs } from 'node:util';
import { Cleanup } from '../support/cleanup.ts';
import { postern } from '../support/target.ts';
import { Bench } from './bench.ts';
import { Figures } from './figures.ts';
import { type Halt, haltsOnSignals, untilHalted } from './halt.ts';
import { describeMachine, Watch } from './machine.ts';
import { FULL } from './options.ts';
import { type Found, pairTable } from './pair/report.ts';
import { builds, observed, type Sides } from './pair/sides.ts';
import { cost, WORKS, type Work } from './pair/work.ts';
import { MailProxy } from './proxy.ts';
import { inRounds } from './rounds.ts';
import { median } from './statistics.ts';
import { machineLines } from './table.ts';
import { makeTools } from './tools.ts';

const USAGE = `Usage: npm run bench:pair -- [options]
  --against FOLDER  another build of Postern, instead of this one with everything switched on
  --starts N        how often both are started: 8; two starts of the same differ by some percent
  --rounds N        rounds of each start: 5
  --only NAME       work with this in its name; may be given again
`;

interface Options {
  readonly sides: Sides;
  readonly starts: number;
  readonly rounds: number;
  readonly works: readonly Work[];
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        against: { type: 'string' },
        starts: { type: 'string', default: '8' },
        rounds: { type: 'string', default: '5' },
        only: { type: 'string', multiple: true },
      },
    });
    const number = (text: string): number => {
      if (!(Number.isSafeInteger(Number(text)) && Number(text) > 0)) throw new Error(`${text} is no number`);
      return Number(text);
    };
    const { against, only } = values;
    const works = WORKS.filter(({ name }) => only === undefined || only.some((part) => name.includes(part)));
    if (works.length === 0) throw new Error('there is no such work');
    const sides = against === undefined ? observed() : builds(against);
    return { sides, starts: number(values.starts), rounds: number(values.rounds), works };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

/** Until everything is compiled: 12,000 logins, of which V8 has forgotten much where nothing was done for ten seconds. */
const WARM_UPS = 8;

/** Both are started once, and do all the work in turns. */
async function oneStart(bench: Bench, { sides, rounds, works }: Options, found: readonly Found[]): Promise<void> {
  const scope = new Cleanup();
  try {
    const base = await MailProxy.start(scope, bench, sides.base.contestant);
    const other = await MailProxy.start(scope, bench, sides.other.contestant);
    for (const [i, work] of works.entries()) {
      for (let warm = 0; warm < WARM_UPS; warm++) for (const proxy of [base, other]) await cost(bench, proxy, work);
      const costs = new Map<MailProxy, number[]>([
        [base, []],
        [other, []],
      ]);
      await inRounds(rounds, [base, other], async (proxy) => {
        costs.get(proxy)?.push(await cost(bench, proxy, work));
      });
      found[i]?.base.push(median(costs.get(base) ?? []));
      found[i]?.other.push(median(costs.get(other) ?? []));
    }
  } finally {
    await scope.run();
  }
}

async function main(options: Options, halt: Halt): Promise<void> {
  const unable = postern.missing();
  if (unable !== undefined) throw new Error(unable);
  const scope = new Cleanup();
  const watch = new Watch();
  const found: readonly Found[] = options.works.map(({ name, unit }) => ({ name, unit, base: [], other: [] }));
  try {
    const tools = await makeTools(scope, false);
    const sizes = { quick: false, sizes: FULL, only: [], json: undefined, docs: false, saveBaseline: false };
    const bench = await Bench.start(scope, { ...sizes, nodeTools: false }, new Figures(), halt, tools);
    for (let start = 1; start <= options.starts; start++) {
      await oneStart(bench, options, found);
      bench.say(`start ${start} of ${options.starts}`);
    }
  } finally {
    await scope.run();
  }
  process.stdout.write(machineLines(describeMachine(watch.others())));
  process.stdout.write(pairTable(options.sides, found));
}

const options = readOptions();
if (options === undefined) process.exitCode = 1;
else await untilHalted(() => main(options, haltsOnSignals()));
