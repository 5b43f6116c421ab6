// Quantiles of what a histogram has gained: estimates, as even as the buckets allow.
import { BUCKET_MS, countOf, type Histogram } from './histogram.ts';

/** How it was a while ago is taken off; where a process is gone that has not told, nothing is. */
export const gained = (now: Histogram, before: Histogram | undefined): Histogram => ({
  counts: now.counts.map((count, i) => Math.max(0, count - (before?.counts[i] ?? 0))),
  sumMs: Math.max(0, now.sumMs - (before?.sumMs ?? 0)),
});

/**
 * Milliseconds, taken as spread evenly over the bucket; beyond the last end, that end.
 * @param share from 0 to 1
 * @returns undefined: there is nothing to take it of
 */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const count = countOf(histogram);
  if (count === 0) return undefined;
  const rank = share * count;
  let [below, from] = [0, 0];
  for (const [i, end] of BUCKET_MS.entries()) {
    const upTo = histogram.counts[i] ?? 0;
    if (upTo >= rank && upTo > below) return from + ((end - from) * (rank - below)) / (upTo - below);
    below = upTo;
    from = end;
  }
  return from;
}
