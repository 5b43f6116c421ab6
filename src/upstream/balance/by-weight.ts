// Finds the peer that a number falls on when every peer has as much room as its weight.
import type { Peer } from '../peer.ts';

export const totalWeight = (peers: readonly Peer[]): number =>
  peers.reduce((sum, peer) => sum + peer.parameters.weight, 0);

/** @param number from 0 to less than the total weight */
export function peerAt(peers: readonly Peer[], number: number): Peer | undefined {
  let rest = number;
  for (const peer of peers) {
    rest -= peer.parameters.weight;
    if (rest < 0) return peer;
  }
  return undefined;
}
