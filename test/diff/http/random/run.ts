// The random mode of the http part: requests from a grammar until the time is over; what differs is made small.
import { Cleanup } from '../../../support/cleanup.ts';
import type { RandomOptions } from '../../random/run.ts';
import { Random } from '../../seeded.ts';
import { type GroundPair, startGrounds } from '../arena.ts';
import { contestHttp, type HttpVerdict } from '../contest.ts';
import { type HttpCase, http } from '../site.ts';
import { deliberate, unfit } from './exempt.ts';
import { randomRequests } from './grammar.ts';
import { shrinkText } from './shrink.ts';
import { randomSite } from './site.ts';

const LANES = 6;

/** Calls `told` with each verdict; one that differs has the smallest text found. */
export async function runRandomHttp(options: RandomOptions, told: (verdict: HttpVerdict) => void): Promise<void> {
  const scope = new Cleanup();
  try {
    const sites = Array.from({ length: LANES }, (_, i) => randomSite(i));
    const pairs = await startGrounds(scope, sites, options.arena);
    const end = Date.now() + options.minutes * 60_000;
    let failures = 0;
    const lane = async (pair: GroundPair, index: number): Promise<void> => {
      for (let n = 0; Date.now() < end && failures < options.failures; n++) {
        const name = `http ${options.seed}/${index}/${n}`;
        const text = randomRequests(new Random(name));
        if (unfit(text)) continue;
        const verdict = await judged(pair, name, text);
        if (verdict.differences.length > 0) failures++;
        told(verdict);
      }
    };
    await Promise.all(pairs.map(lane));
  } finally {
    await scope.run();
  }
}

async function judged(pair: GroundPair, name: string, text: string): Promise<HttpVerdict> {
  const play = (requests: string): Promise<HttpVerdict> => contestHttp(pair, name, caseOf(name, requests), 'random');
  const verdict = await play(text);
  if (verdict.differences.length === 0) return verdict;
  if (deliberate(verdict.left)) return { ...verdict, differences: [] };
  const differs = async (shorter: string): Promise<boolean> => !unfit(shorter) && isFailure(await play(shorter));
  return play(await shrinkText(text, differs));
}

const isFailure = ({ differences, left }: HttpVerdict): boolean => differences.length > 0 && !deliberate(left);

/** In one piece: what the log has of a request line that breaks off depends on how it came. */
const caseOf = (name: string, text: string): HttpCase => http(name, text, { whole: true });
