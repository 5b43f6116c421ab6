// The arithmetic of the benchmark: medians, and ratios of what was measured in the same round.

/** The middle of the values in order; the mean of the two in the middle where their number is even. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** What several rounds found. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @returns undefined where there is nothing */
export function summary(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Ours to theirs, round by round: what the machine did in a round happened to both. Rounds that one lacks are left out. */
export function ratios(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  return ours.slice(0, theirs.length).flatMap((value, round) => {
    const reference = theirs[round];
    return reference === undefined || reference === 0 ? [] : [value / reference];
  });
}
