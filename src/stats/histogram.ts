// A histogram of durations in an array of counters: how many were at most so long, and how long all were together.

/** Upper ends of the buckets, in milliseconds; the last bucket has none. */
export const BUCKET_MS: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
];

/** What one takes of an array: its buckets, and the sum. */
export const HISTOGRAM_SLOTS = BUCKET_MS.length + 2;
const SUM = BUCKET_MS.length + 1;

/** @param at where the histogram begins */
export function observe(values: Float64Array, at: number, ms: number): void {
  let bucket = 0;
  while (bucket < BUCKET_MS.length && ms > (BUCKET_MS[bucket] ?? 0)) bucket++;
  values[at + bucket] = (values[at + bucket] ?? 0) + 1;
  values[at + SUM] = (values[at + SUM] ?? 0) + ms;
}

export interface Histogram {
  /** How many were no longer than the end of each bucket; the last one has all. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

export function histogramOf(values: Float64Array, at: number): Histogram {
  let count = 0;
  const counts = [...values.subarray(at, at + SUM)].map((inBucket) => {
    count += inBucket;
    return count;
  });
  return { counts, sumMs: values[at + SUM] ?? 0 };
}

/** How many there were. */
export const countOf = ({ counts }: Histogram): number => counts.at(-1) ?? 0;
