// Plays one case against both sides at once and compares; a difference has to show again before it counts.
import type { Pair, Slot } from './arena.ts';
import type { Case } from './case.ts';
import { differences, type Observation } from './observation.ts';
import { type Played, play } from './play.ts';
import { Random } from './seeded.ts';

export interface Verdict {
  readonly case: Case;
  /** Lines that tell the differences; empty: the same on both sides. */
  readonly differences: readonly string[];
  /** Differed once and then not again. */
  readonly unstable: readonly string[];
  readonly left: Observation;
  readonly right: Observation;
}

/** A log line may be written a little after the connection closed: wait this long for both to agree. */
const LOG_MS = 1000;
const REPLAYS = 2;

export async function contest(pair: Pair, kase: Case, seed: string): Promise<Verdict> {
  const first = await once(pair, kase, seed);
  if (first.differences.length === 0) return first;
  for (let i = 0; i < REPLAYS; i++) {
    const again = await once(pair, kase, seed);
    if (again.differences.length > 0) return again;
  }
  return { ...first, differences: [], unstable: first.differences };
}

async function once(pair: Pair, kase: Case, seed: string): Promise<Verdict> {
  const at = `${seed}/${kase.name}`;
  const [a, b] = await Promise.all([play(pair.left, kase, new Random(at)), play(pair.right, kase, new Random(at))]);
  const withLog = kase.log !== false;
  const now = (): { left: Observation; right: Observation } => ({ left: whole(a), right: whole(b) });
  const compare = (): string[] => {
    const { left, right } = now();
    return differences(left, right, withLog);
  };
  if (compare().length > 0 && withLog) {
    const equal = (): true | undefined => (compare().length === 0 ? true : undefined);
    const watch = (slot: Slot): Promise<true | undefined> => slot.log.waitUntil(equal, LOG_MS);
    await Promise.race([watch(pair.left), watch(pair.right)]);
  }
  return { case: kase, differences: compare(), unstable: [], ...now() };
}

function whole(played: Played): Observation {
  return { ...played.seen, log: played.readLog() };
}
