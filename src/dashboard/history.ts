// What was, for an hour: seconds of the last minutes, and a sample every five seconds before them.
import type { ByProtocol, Sample } from '../http/dashboard/messages.ts';

export const KEPT_MS = 3_600_000;
/** So long each second is kept. */
const FINE_MS = 300_000;
const COARSE_MS = 5000;
/** Two samples that are closer are the same one. */
const SAME_MS = 500;
/** Without a sample for so long nobody knows what was. */
export const GAP_MS = 3 * COARSE_MS;

/** A copy that holds what a sample has, and nothing else of the message that it came in. */
const bare = ({ atMs, sessions, ok, refused, error }: Sample): Sample => ({ atMs, sessions, ok, refused, error });

/**
 * Both in one, the oldest first. Where the two have the same moment, that of the first one stays.
 * @param nowMs of the server's clock
 */
export function mergeHistory(known: readonly Sample[], more: readonly Sample[], nowMs: number): Sample[] {
  const all = [...known, ...more.map(bare)].sort((one, other) => one.atMs - other.atMs);
  const merged: Sample[] = [];
  for (const sample of all) {
    const before = merged.at(-1);
    if (before === undefined || sample.atMs - before.atMs >= SAME_MS) merged.push(sample);
  }
  return thinned(merged, nowMs);
}

/** With one more at its end. In place: it comes every second. */
export function append(history: Sample[], sample: Sample): void {
  // A clock that was set back: what is of the future now has not been.
  while ((history.at(-1)?.atMs ?? 0) > sample.atMs + COARSE_MS) history.pop();
  const last = history.at(-1);
  if (last !== undefined && sample.atMs - last.atMs < SAME_MS) return;
  history.push(bare(sample));
  const { atMs } = sample;
  const isDue = Math.floor(atMs / COARSE_MS) !== Math.floor((last?.atMs ?? 0) / COARSE_MS);
  if (isDue) history.splice(0, history.length, ...thinned(history, atMs));
}

function thinned(history: readonly Sample[], nowMs: number): Sample[] {
  let slot = -1;
  return history.filter(({ atMs }) => {
    if (atMs <= nowMs - KEPT_MS || atMs > nowMs + KEPT_MS) return false;
    if (atMs > nowMs - FINE_MS) return true;
    const own = Math.floor(atMs / COARSE_MS);
    const isFirst = own !== slot;
    slot = own;
    return isFirst;
  });
}

/** The first sample that is not before a moment. */
export function indexAt(history: readonly Sample[], atMs: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((history[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The sample that is closest to a moment. */
export function nearest(history: readonly Sample[], atMs: number): number {
  const after = indexAt(history, atMs);
  const before = after - 1;
  const far = (index: number): number => Math.abs((history[index]?.atMs ?? Number.POSITIVE_INFINITY) - atMs);
  return far(before) <= far(after) ? before : after;
}

export const totalOf = (sessions: ByProtocol): number => Object.values(sessions).reduce((sum, one) => sum + one, 0);
