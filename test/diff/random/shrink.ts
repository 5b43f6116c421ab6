// Makes a failing case smaller while it still fails: fewer turns, plainer surroundings, fewer bytes.
import type { Case } from '../case.ts';

/** Tells whether a case (still) fails. */
export type Fails = (kase: Case) => Promise<boolean>;

/** A case that hangs takes seconds to fail: shrinking ends after this long, in milliseconds. */
const TIME_MS = 20_000;

/** @param budget how many times `fails` may be asked. */
export async function shrink(kase: Case, fails: Fails, budget = 150): Promise<Case> {
  let best = kase;
  let left = budget;
  const end = Date.now() + TIME_MS;
  const attempt = async (candidate: Case): Promise<boolean> => {
    if (left <= 0 || Date.now() > end || candidate.steps.length === 0) return false;
    left--;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  const { auth: _auth, ...plainAuth } = best;
  await attempt(plainAuth);
  const { backend: _backend, ...plainBackend } = best;
  await attempt(plainBackend);
  await dropTurns(() => best, attempt);
  for (let size = 64; size >= 1; size = Math.floor(size / 2)) await dropBytes(() => best, size, attempt);
  return best;
}

async function dropTurns(best: () => Case, attempt: (candidate: Case) => Promise<boolean>): Promise<void> {
  for (let i = best().steps.length - 1; i >= 0; i--) {
    await attempt({ ...best(), steps: best().steps.filter((_, index) => index !== i) });
  }
}

/** Removes runs of `size` bytes from each turn. */
async function dropBytes(
  best: () => Case,
  size: number,
  attempt: (candidate: Case) => Promise<boolean>,
): Promise<void> {
  for (let i = 0; i < best().steps.length; i++) {
    for (let at = 0; ; ) {
      const step = best().steps[i];
      if (typeof step !== 'string' || at >= step.length) break;
      const shorter = step.slice(0, at) + step.slice(at + size);
      const steps = best()
        .steps.map((old, index) => (index === i ? shorter : old))
        .filter((text) => text !== '');
      const gone = await attempt({ ...best(), steps });
      if (!gone) at += size;
    }
  }
}
