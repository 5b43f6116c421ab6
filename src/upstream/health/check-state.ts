// What the checks of one peer have come to so far.
import type { ByteString } from '../../conf/directive.ts';

/** How many checks decide. */
export interface CheckRules {
  /** Tells the checks of a group apart. */
  readonly id: ByteString;
  /** So many in a row that fail make a peer unhealthy. */
  readonly fails: number;
  /** So many in a row that pass make it healthy again. */
  readonly passes: number;
  /** A peer is not used before its first check has passed. */
  readonly mandatory: boolean;
  /** What is known from before a reload is good enough for that. */
  readonly persistent: boolean;
}

/** One check of one peer, with its numbers since the first process. Times are those of the system's clock. */
export interface CheckState {
  readonly id: ByteString;
  readonly isHealthy: boolean;
  readonly lastPassed: boolean;
  /** When the last one ended. */
  readonly checkedMs: number;
  /** How many in a row have said the contrary of `isHealthy`. */
  readonly contrary: number;
  readonly checks: number;
  readonly fails: number;
  /** How often it has become unhealthy. */
  readonly unhealthy: number;
}

/** @param before undefined: this is the first one, or as good as that */
export function afterCheck(
  { id, fails, passes, mandatory }: CheckRules,
  before: CheckState | undefined,
  passed: boolean,
  nowMs: number,
): CheckState {
  const wasHealthy = before?.isHealthy ?? !mandatory;
  const row = passed === wasHealthy ? 0 : (before?.contrary ?? 0) + 1;
  // A peer that has not been checked yet is let in by its first check, and turned away by it.
  const needed = before === undefined && mandatory ? 1 : passed ? passes : fails;
  const turns = passed !== wasHealthy && row >= needed;
  const isHealthy = turns ? passed : wasHealthy;
  const becomesUnhealthy = !passed && (turns || (before === undefined && mandatory));
  return {
    id,
    isHealthy,
    lastPassed: passed,
    checkedMs: nowMs,
    contrary: turns ? 0 : row,
    checks: (before?.checks ?? 0) + 1,
    fails: (before?.fails ?? 0) + (passed ? 0 : 1),
    unhealthy: (before?.unhealthy ?? 0) + (becomesUnhealthy ? 1 : 0),
  };
}
