// Smooth weighted round robin: the heavier ones more often, and evenly spread.
import type { Peer } from '../peer.ts';

/**
 * @param among those that come into question
 * @returns undefined: none
 */
export function roundRobin(among: readonly Peer[], nowMs: number): Peer | undefined {
  let best: Peer | undefined;
  let total = 0;
  for (const peer of among) {
    const weight = Math.min(peer.effectiveWeight, peer.weightAt(nowMs));
    peer.currentWeight += weight;
    total += weight;
    if (peer.effectiveWeight < peer.parameters.weight) peer.effectiveWeight++; // recovers from failures
    if (best === undefined || peer.currentWeight > best.currentWeight) best = peer;
  }
  if (best !== undefined) best.currentWeight -= total;
  return best;
}
