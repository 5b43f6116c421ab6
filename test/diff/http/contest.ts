// Plays one case against both sides at once and compares; a difference has to show again before it counts.
import type { LogFile } from '../../support/log-file.ts';
import { Random } from '../seeded.ts';
import type { Ground, GroundPair } from './arena.ts';
import { talk } from './client.ts';
import { differencesOf, type HttpObservation, observe } from './observation.ts';
import type { HttpCase } from './site.ts';

export interface HttpVerdict {
  readonly name: string;
  readonly case: HttpCase;
  /** Lines that tell the differences; empty: the same on both sides. */
  readonly differences: readonly string[];
  /** Differed once and then not again. */
  readonly unstable: readonly string[];
  readonly left: HttpObservation;
}

/** A log line may be written a little after the answer came: wait this long for both to agree. */
const LOG_MS = 1000;
const REPLAYS = 1;

/** @param name of site and case */
export async function contestHttp(pair: GroundPair, name: string, kase: HttpCase, seed: string): Promise<HttpVerdict> {
  const first = await once(pair, name, kase, seed);
  if (first.differences.length === 0) return first;
  for (let i = 0; i < REPLAYS; i++) {
    const again = await once(pair, name, kase, seed);
    if (again.differences.length > 0) return again;
  }
  return { ...first, differences: [], unstable: first.differences };
}

async function once(pair: GroundPair, name: string, kase: HttpCase, seed: string): Promise<HttpVerdict> {
  const [left, right] = await Promise.all([
    play(pair.left, kase, new Random(`${seed}/${name}`)),
    play(pair.right, kase, new Random(`${seed}/${name}`)),
  ]);
  const compare = (): string[] => differencesOf(left(), right(), kase.log !== false, kase.changed);
  if (compare().length > 0) {
    const equal = (): true | undefined => (compare().length === 0 ? true : undefined);
    const watch = (log: LogFile): Promise<true | undefined> => log.waitUntil(equal, LOG_MS);
    const { left: a, right: b } = pair;
    await Promise.race([a.access, a.error, b.access, b.error].map(watch));
  }
  return { name, case: kase, differences: compare(), unstable: [], left: left() };
}

/** @returns looks at what has been written to the logs so far */
async function play(ground: Ground, kase: HttpCase, random: Random): Promise<() => HttpObservation> {
  const access = ground.access.text().length;
  const error = ground.error.text().length;
  ground.behind.restart(kase.backend ?? [], kase.fastcgi ?? []);
  const seen = await talk(ground, kase, random);
  return () => observe(ground, seen, ground.access.text().slice(access), ground.error.text().slice(error));
}
