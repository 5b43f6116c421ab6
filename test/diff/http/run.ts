// The scripted http run: each suite against one pair of servers, its sites side by side.
import { Cleanup } from '../../support/cleanup.ts';
import type { ArenaOptions } from '../arena.ts';
import { pooled } from '../pool.ts';
import { startGrounds } from './arena.ts';
import { contestHttp, type HttpVerdict } from './contest.ts';
import type { HttpSuite, Site } from './site.ts';

const SUITES_AT_ONCE = 4;
const SITES_AT_ONCE = 8;

/** Plays what has `only` in the names of suite, site and case. */
export async function runHttpSuites(
  suites: readonly HttpSuite[],
  options: ArenaOptions,
  seed: string,
  only: string,
  told: (verdict: HttpVerdict) => void,
): Promise<void> {
  checkNames(suites);
  await pooled(suites, SUITES_AT_ONCE, async (suite) => {
    const sites = chosen(suite, only);
    if (sites.length === 0) return;
    const scope = new Cleanup();
    try {
      const pairs = await startGrounds(scope, sites, options);
      await pooled(sites, SITES_AT_ONCE, async (site, i) => {
        const pair = pairs[i];
        if (pair === undefined) return;
        for (const kase of site.cases) told(await contestHttp(pair, nameOf(suite, site, kase.name), kase, seed));
      });
    } finally {
      await scope.run();
    }
  });
}

const nameOf = (suite: HttpSuite, site: Site, name: string): string => `http ${suite.name}/${site.name}: ${name}`;

function chosen(suite: HttpSuite, only: string): Site[] {
  return suite.sites
    .map((site) => ({ ...site, cases: site.cases.filter(({ name }) => nameOf(suite, site, name).includes(only)) }))
    .filter(({ cases }) => cases.length > 0);
}

function checkNames(suites: readonly HttpSuite[]): void {
  const names = new Set<string>();
  for (const suite of suites) {
    for (const site of suite.sites) {
      for (const { name } of site.cases) {
        const whole = nameOf(suite, site, name);
        if (names.has(whole)) throw new Error(`two cases are named "${whole}"`);
        names.add(whole);
      }
    }
  }
}
