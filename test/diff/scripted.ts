// The scripted run: every case table against one pair of servers each, many cases at a time.
import { Cleanup } from '../support/cleanup.ts';
import { type ArenaOptions, startArena } from './arena.ts';
import type { Case } from './case.ts';
import { contest, type Verdict } from './contest.ts';
import { pooled } from './pool.ts';

/** A table of cases with a name. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Suites that have their servers running at the same time, and cases of one suite that play at the same time. */
const SUITES_AT_ONCE = 3;
const CASES_AT_ONCE = 12;

export async function runSuites(
  suites: readonly Suite[],
  options: ArenaOptions,
  seed: string,
  told: (v: Verdict) => void,
): Promise<void> {
  checkNames(suites);
  await pooled(suites, SUITES_AT_ONCE, async (suite) => {
    const scope = new Cleanup();
    try {
      const pairs = await startArena(scope, suite.cases, options);
      await pooled(suite.cases, CASES_AT_ONCE, async (kase, i) => {
        const pair = pairs[i];
        if (pair !== undefined) told(await contest(pair, kase, seed));
      });
    } finally {
      await scope.run();
    }
  });
}

function checkNames(suites: readonly Suite[]): void {
  const names = new Set<string>();
  for (const { cases } of suites) {
    for (const { name } of cases) {
      if (names.has(name)) throw new Error(`two cases are named "${name}"`);
      names.add(name);
    }
  }
}
