// What the states of backends, and of workers, come to.
import type { PeerLine } from '../http/dashboard/messages.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'off';

const STATES: Readonly<Record<string, readonly [Tone, string]>> = {
  up: ['good', 'up'],
  checking: ['busy', 'checking'],
  draining: ['busy', 'draining'],
  down: ['off', 'down'],
  unavail: ['bad', 'unavailable'],
  unhealthy: ['bad', 'unhealthy'],
  // Of worker processes.
  serving: ['good', 'serving'],
  full: ['busy', 'full'],
};

/** `good` has sessions, `busy` will have or had, `bad` should have and cannot, `off` is told not to. */
export const toneOf = (state: string): Tone => STATES[state]?.[0] ?? 'off';

export const stateName = (state: string): string => STATES[state]?.[1] ?? state;

const RANK: Readonly<Record<Tone, number>> = { bad: 0, busy: 1, off: 2, good: 3 };

/** Those that need a look first; otherwise as they come, by group. */
export const byNeed = (peers: readonly PeerLine[]): PeerLine[] =>
  [...peers].sort((one, other) => RANK[toneOf(one.state)] - RANK[toneOf(other.state)]);

export interface Health {
  readonly tone: Tone;
  readonly text: string;
}

/**
 * Of all backends, in a sentence; undefined: there are none in groups.
 * @param leftOut how many more there are
 */
export function healthOf(peers: readonly PeerLine[], leftOut = 0): Health | undefined {
  if (peers.length === 0) return undefined;
  // Those that are up are left out first: where one of them is there, the others are up as well.
  const unseen = peers.some(({ state }) => state === 'up') ? leftOut : 0;
  const many = (tone: Tone): number =>
    peers.filter(({ state }) => toneOf(state) === tone).length + (tone === 'good' ? unseen : 0);
  const all = peers.length + leftOut;
  const bad = many('bad');
  if (bad > 0) return { tone: 'bad', text: `${bad} of ${all} backends ${bad === 1 ? 'is' : 'are'} failing.` };
  const good = many('good');
  if (good < all) return { tone: many('busy') > 0 ? 'busy' : 'off', text: `${good} of ${all} backends are up.` };
  return { tone: 'good', text: all === 1 ? 'The backend is up.' : `All ${all} backends are up.` };
}
