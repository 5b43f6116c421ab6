// The phases of an HTTP connection, and what it counts as in each.
import type { ConnectionCounts } from '../../core/connection-counts.ts';

export type Phase =
  /** Nothing of a first request has come. */
  | 'waiting'
  | 'head'
  | 'serving'
  /** The answer is sent, and the rest of the body is read and dropped. */
  | 'discarding'
  | 'idle'
  | 'closed';

const COUNTED = {
  waiting: 'waiting',
  head: 'reading',
  serving: 'writing',
  discarding: 'writing',
  idle: 'waiting',
  closed: undefined,
} as const;

export function recount(counts: ConnectionCounts, before: Phase, now: Phase): void {
  const old = COUNTED[before];
  const next = COUNTED[now];
  if (old !== undefined) counts[old]--;
  if (next !== undefined) counts[next]++;
}
