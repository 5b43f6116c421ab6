// The command line of the benchmark, and how much work each of its measurements is.
import { parseArgs } from 'node:util';

/** How much is done in a round, and how often what is not done in rounds. */
export interface Sizes {
  readonly rounds: number;
  /** Before the rounds: so often what is done in one, until everything is compiled. */
  readonly warmUps: number;
  readonly logins: number;
  readonly tlsLogins: number;
  /** Of one worker, and of two. */
  readonly sharedLogins: number;
  readonly sharedRounds: number;
  readonly latencyMs: number;
  readonly bulkBytes: number;
  readonly sessions: number;
  readonly memoryRounds: number;
  readonly commands: number;
  readonly starts: number;
  readonly reloads: number;
  readonly reloadRounds: number;
}

export const FULL: Sizes = {
  rounds: 24,
  warmUps: 5,
  logins: 800,
  tlsLogins: 600,
  sharedLogins: 6000,
  sharedRounds: 5,
  latencyMs: 500,
  bulkBytes: 96 * 1024 * 1024,
  sessions: 5000,
  memoryRounds: 2,
  commands: 8000,
  starts: 15,
  reloads: 10,
  reloadRounds: 3,
};

const QUICK: Sizes = {
  rounds: 6,
  warmUps: 2,
  logins: 600,
  tlsLogins: 200,
  sharedLogins: 1500,
  sharedRounds: 3,
  latencyMs: 200,
  bulkBytes: 24 * 1024 * 1024,
  sessions: 1000,
  memoryRounds: 1,
  commands: 3000,
  starts: 4,
  reloads: 3,
  reloadRounds: 1,
};

export interface Options {
  readonly quick: boolean;
  readonly sizes: Sizes;
  /** Parts of names of workloads or rows; empty: all. */
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly docs: boolean;
  readonly saveBaseline: boolean;
  readonly nodeTools: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]
  --quick          less of everything: below two minutes
  --only NAME      workloads or rows with this in their name; may be given again
  --rounds N       rounds of each measurement
  --json FILE      writes all figures
  --docs           puts the table into docs/performance.md
  --save-baseline  makes this run the one that others are compared with
  --node-tools     the programs around the servers run on Node.js, also where there is a C compiler
`;

/** @throws with a message for the user */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
      'save-baseline': { type: 'boolean', default: false },
      'node-tools': { type: 'boolean', default: false },
    },
  });
  const sizes = values.quick ? QUICK : FULL;
  return {
    quick: values.quick,
    sizes: values.rounds === undefined ? sizes : withRounds(sizes, values.rounds),
    only: values.only,
    json: values.json,
    docs: values.docs,
    saveBaseline: values['save-baseline'],
    nodeTools: values['node-tools'],
  };
}

function withRounds(sizes: Sizes, text: string): Sizes {
  const rounds = Number(text);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds ${text} is no number of rounds`);
  return {
    ...sizes,
    rounds,
    sharedRounds: Math.min(rounds, sizes.sharedRounds),
    memoryRounds: Math.min(rounds, sizes.memoryRounds),
    reloadRounds: Math.min(rounds, sizes.reloadRounds),
  };
}
