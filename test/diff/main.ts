// The differential test: nginx and Postern get the same bytes and must do the same.
import { parseArgs } from 'node:util';
import { Cleanup } from '../support/cleanup.ts';
import { targetNamed } from '../support/target.ts';
import type { ArenaOptions } from './arena.ts';
import { type ConfigVerdict, testConfigurations } from './config-test.ts';
import { testHttpConfigurations } from './http/config-test.ts';
import { runRandomHttp } from './http/random/run.ts';
import { runHttpSuites } from './http/run.ts';
import { HTTP_SUITES } from './http/suites.ts';
import { runRandom } from './random/run.ts';
import { Report } from './report.ts';
import { runSuites } from './scripted.ts';
import { SUITES } from './suites.ts';

const { values } = parseArgs({
  options: {
    /** Which two programs: nginx or postern. */
    left: { type: 'string', default: 'nginx' },
    right: { type: 'string', default: 'postern' },
    /** Only what has this text in the name of its suite or its own. */
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    /** Prints what the left side did. */
    show: { type: 'boolean', default: false },
    /** Random streams for so long instead of the scripted cases; `--only mail` or `--only http` for one of both. */
    minutes: { type: 'string' },
    /** Random mode: stop after so many failures. */
    failures: { type: 'string', default: '5' },
    /** A directive put into the right side's mail block: a difference that has to be found. */
    plant: { type: 'string' },
    /** The same in its http block. */
    'plant-http': { type: 'string' },
  },
});

const sides = { left: targetNamed(values.left), right: targetNamed(values.right) };
const withPlanted = (planted: string | undefined): ArenaOptions => ({
  ...sides,
  ...(planted === undefined ? {} : { planted }),
});
const options = withPlanted(values.plant);
const httpOptions = withPlanted(values['plant-http']);
const report = new Report(values.show);

async function scripted(): Promise<void> {
  const chosen = SUITES.map(({ name, cases }) => ({
    name,
    cases: cases.filter((kase) => `${name} ${kase.name}`.includes(values.only)),
  })).filter(({ cases }) => cases.length > 0);
  await runSuites(chosen, options, values.seed, (verdict) => report.session(verdict));
  await runHttpSuites(HTTP_SUITES, httpOptions, values.seed, values.only, (verdict) => report.exchange(verdict));
  const scope = new Cleanup();
  try {
    const told = (verdict: ConfigVerdict): void => report.configuration(verdict);
    await testConfigurations(scope, sides, values.only, told);
    await testHttpConfigurations(scope, sides, values.only, told);
  } finally {
    await scope.run();
  }
}

async function random(minutes: number): Promise<void> {
  const settings = { arena: options, seed: values.seed, minutes, failures: Number(values.failures) };
  await Promise.all([
    'mail'.includes(values.only) && runRandom(settings, (verdict) => report.session(verdict)),
    'http'.includes(values.only) &&
      runRandomHttp({ ...settings, arena: httpOptions }, (verdict) => report.exchange(verdict)),
  ]);
}

const missing = sides.left.missing() ?? sides.right.missing();
if (missing !== undefined) {
  const required = process.env.POSTERN_REQUIRE_REAL === '1';
  process.stdout.write(`${required ? 'failed' : 'skipped'}: ${missing}\n`);
  process.exitCode = required ? 1 : 0;
} else {
  await (values.minutes === undefined ? scripted() : random(Number(values.minutes)));
  process.exitCode = report.finish() ? 0 : 1;
}
