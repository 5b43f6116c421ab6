// `npm run bench:endurance`: idle sessions for minutes, and very many logins. Fails where time or memory is not as it
// has to be.
import { parseArgs } from 'node:util';
import { Cleanup } from '../support/cleanup.ts';
import { postern } from '../support/target.ts';
import { Bench } from './bench.ts';
import { idleSessions } from './endurance/idle.ts';
import { manyLogins } from './endurance/logins.ts';
import type { Length, Trial } from './endurance/trial.ts';
import { Figures } from './figures.ts';
import { haltsOnSignals, untilHalted } from './halt.ts';
import { FULL } from './options.ts';
import { makeTools } from './tools.ts';

const USAGE = `Usage: npm run bench:endurance -- [options]
  --only NAME     idle, clear or tls; may be given again
  --minutes N     how long sessions are idle: 10
  --sessions N    how many there are: 5000
  --logins N      how many logins there are of each kind: 200000
`;

const TRIALS: Readonly<Record<string, Trial>> = {
  idle: idleSessions,
  clear: (bench, scope, length) => manyLogins(bench, scope, length, 'clear'),
  tls: (bench, scope, length) => manyLogins(bench, scope, length, 'tls'),
};

interface Options extends Length {
  readonly trials: readonly (readonly [string, Trial])[];
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        minutes: { type: 'string', default: '10' },
        sessions: { type: 'string', default: '5000' },
        logins: { type: 'string', default: '200000' },
      },
    });
    const number = (text: string): number => {
      if (!(Number(text) > 0)) throw new Error(`${text} is no number`);
      return Number(text);
    };
    const only = values.only ?? Object.keys(TRIALS);
    const trials = only.map((name): [string, Trial] => {
      const trial = TRIALS[name];
      if (trial === undefined) throw new Error(`there is no ${name}`);
      return [name, trial];
    });
    const [minutes, sessions, logins] = [number(values.minutes), number(values.sessions), number(values.logins)];
    return { minutes, sessions, logins, trials };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

async function main(options: Options): Promise<void> {
  const halt = haltsOnSignals();
  const unable = postern.missing();
  if (unable !== undefined) throw new Error(unable);
  const scope = new Cleanup();
  try {
    const tools = await makeTools(scope, false);
    const bench = await Bench.start(
      scope,
      { quick: false, sizes: FULL, only: [], json: undefined, docs: false, saveBaseline: false, nodeTools: false },
      new Figures(),
      halt,
      tools,
    );
    for (const [name, trial] of options.trials) {
      const own = new Cleanup();
      try {
        const faults = await trial(bench, own, options);
        for (const fault of faults) bench.say(`${name}: FAILED: ${fault}`);
        if (faults.length > 0) process.exitCode = 1;
        else bench.say(`${name}: as it has to be`);
      } finally {
        await own.run();
      }
    }
  } finally {
    await scope.run();
  }
}

const options = readOptions();
if (options === undefined) process.exitCode = 1;
else await untilHalted(() => main(options));
