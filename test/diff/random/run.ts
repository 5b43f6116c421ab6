// The random mode: streams from a grammar with damages, played until the time is over; a failing one is made small.
import { Cleanup } from '../../support/cleanup.ts';
import { type ArenaOptions, type Pair, startArena } from '../arena.ts';
import type { Case } from '../case.ts';
import { contest, type Verdict } from '../contest.ts';
import { Random } from '../seeded.ts';
import { BLOCKS, type RandomBlock } from './blocks.ts';
import { deliberate, unfit } from './exempt.ts';
import { shrink } from './shrink.ts';
import { randomCase } from './stream.ts';

export interface RandomOptions {
  readonly arena: ArenaOptions;
  readonly seed: string;
  readonly minutes: number;
  /** Stop after this many failures. */
  readonly failures: number;
}

/** How many streams of one server block play at the same time. */
const LANES = 2;

/** Calls `told` with each verdict; a failing one has the smallest case found. */
export async function runRandom(options: RandomOptions, told: (verdict: Verdict) => void): Promise<void> {
  const scope = new Cleanup();
  const lanes = BLOCKS.flatMap((block) => Array.from({ length: LANES }, () => block));
  try {
    const pairs = await startArena(scope, lanes, options.arena);
    const end = Date.now() + options.minutes * 60_000;
    let failures = 0;
    const lane = async (block: RandomBlock, pair: Pair, index: number): Promise<void> => {
      for (let n = 0; Date.now() < end && failures < options.failures; n++) {
        const verdict = await playOne(block, pair, `${options.seed}/${index}/${n}`);
        if (verdict === undefined) continue;
        if (verdict.differences.length > 0) failures++;
        told(verdict);
      }
    };
    await Promise.all(lanes.map((block, i) => lane(block, pairs[i] ?? lost(), i)));
  } finally {
    await scope.run();
  }
}

function lost(): never {
  throw new Error('a lane without servers');
}

async function playOne(block: RandomBlock, pair: Pair, name: string): Promise<Verdict | undefined> {
  const kase = randomCase(name, block, new Random(name));
  if (unfit(kase, block) !== undefined) return undefined;
  const verdict = await judged(pair, kase);
  if (verdict.differences.length === 0) return verdict;
  const fails = async (smaller: Case): Promise<boolean> => {
    if (unfit(smaller, block) !== undefined) return false;
    return (await judged(pair, smaller)).differences.length > 0;
  };
  return judged(pair, await shrink(kase, fails));
}

/** A verdict without the differences that are meant. */
async function judged(pair: Pair, kase: Case): Promise<Verdict> {
  const verdict = await contest(pair, kase, 'random');
  if (deliberate(kase, verdict.left, verdict.right) === undefined) return verdict;
  return { ...verdict, differences: [], unstable: [] };
}
