// Contestants take turns, since the machine may do other things for a while.
import { Cleanup } from '../support/cleanup.ts';
import type { Bench } from './bench.ts';
import type { Door, MailProxy } from './proxy.ts';
import type { Arguments, Found } from './tool.ts';

/** Each in every round; who was last begins the next. */
export async function inRounds<T>(
  rounds: number,
  contestants: readonly T[],
  turn: (contestant: T) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const contestant of order) await turn(contestant);
  }
}

export interface Slice {
  readonly found: Found;
  /** Processor time of the server while the order was carried out, in milliseconds. */
  readonly cpuMs: number;
  /** The same for each worker. */
  readonly workersMs: readonly number[];
}

/** One load on one server. @throws where anything went wrong for a client */
export async function slice(bench: Bench, proxy: MailProxy, door: Door, args: Arguments): Promise<Slice> {
  const scope = new Cleanup();
  try {
    const load = await bench.load(scope, door, args);
    await proxy.settles();
    const [before, workersBefore] = [proxy.cpuMs(), proxy.workersMs()];
    const found = await load.carryOut();
    await proxy.settles();
    const cpuMs = proxy.cpuMs() - before;
    const workersMs = proxy.workersMs().map((ms, i) => ms - (workersBefore[i] ?? 0));
    await load.finish();
    allWell(found, `${proxy.name}, ${Object.entries(args).join(' ')}`);
    return { found, cpuMs, workersMs };
  } finally {
    await scope.run();
  }
}

function allWell(found: Found, what: string): void {
  for (const failure of ['refused', 'lost', 'denied']) {
    const count = found.get(failure) ?? 0;
    if (count > 0) throw new Error(`${what}: ${count} ${failure}`);
  }
}

/** A number that the load has to have found. */
export function numberOf(found: Found, name: string): number {
  const value = found.get(name);
  if (value === undefined) throw new Error(`the load did not say "${name}"`);
  return value;
}
