// Blocks of counters: an array of numbers for each thing that is counted, by name, of one process or of all together.

/** The first numbers of a block say how many there are now; the others how many there were since the start. */
export const GAUGES = 2;
/** Sessions. */
export const NOW = 0;
/** Of these, those that relay. */
export const RELAYING = 1;
/** Bytes from the client of a server, and from a backend. */
export const RECEIVED = 2;
/** To it. */
export const SENT = 3;
/** What kinds of blocks have of their own begins here. */
export const OWN = 4;

export type Blocks = ReadonlyMap<string, Float64Array>;

/** So many names are remembered of what has ended; beyond, the oldest is forgotten. */
const MAX_ENDED = 10_000;

export function count(values: Float64Array, slot: number, more = 1): void {
  values[slot] = (values[slot] ?? 0) + more;
}

/** There are as many now as there were. */
export const reset = (values: Float64Array): Float64Array => values.fill(0, GAUGES);

export const noBlocks = (): Blocks => new Map();

/** Everything of both. */
export const sumOfBlocks = (a: Blocks, b: Blocks): Blocks => combined(a, b, 0, 1);

/** Of things that are shown as one. @param all undefined: nothing was counted */
export const sumOfValues = (all: readonly (Float64Array | undefined)[]): Float64Array | undefined =>
  all.reduce(
    (sum, values) =>
      sum === undefined || values === undefined ? (sum ?? values) : sum.map((n, i) => n + (values[i] ?? 0)),
    undefined,
  );

/** What has ended is nothing that is there now. @param sign -1 takes the second from the first */
export function blocksSinceStart(a: Blocks, b: Blocks, sign: 1 | -1): Blocks {
  const both = combined(a, b, GAUGES, sign);
  for (const name of both.keys()) {
    if (both.size <= MAX_ENDED) break;
    both.delete(name);
  }
  return both;
}

function combined(a: Blocks, b: Blocks, from: number, sign: 1 | -1): Map<string, Float64Array> {
  const sum = new Map(a);
  for (const [name, values] of b) {
    const known = sum.get(name);
    const next = new Float64Array(Math.max(values.length, known?.length ?? 0));
    for (let i = 0; i < next.length; i++) next[i] = (known?.[i] ?? 0) + (i < from ? 0 : sign * (values[i] ?? 0));
    sum.delete(name);
    sum.set(name, next);
  }
  return sum;
}

/** Changes whenever something has been counted. */
export function activityOf(blocks: Blocks): number {
  let sum = 0;
  for (const values of blocks.values()) for (let i = GAUGES; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}
