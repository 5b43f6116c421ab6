// least_conn: the peer with the least to do for its weight; among equal ones round robin.
import type { Peer } from '../peer.ts';
import { type Balancer, type Picker, usable } from './balancer.ts';
import { roundRobin } from './round-robin.ts';

export function leastConnected(among: readonly Peer[], nowMs: number): Peer | undefined {
  let fewest: Peer[] = [];
  for (const peer of among) {
    const best = fewest[0];
    const load = best === undefined ? -1 : peer.load * best.weightAt(nowMs) - best.load * peer.weightAt(nowMs);
    if (load < 0) fewest = [peer];
    else if (load === 0) fewest.push(peer);
  }
  return roundRobin(fewest, nowMs);
}

export const ROUND_ROBIN: Picker = { pick: (peers, tried, nowMs) => roundRobin(usable(peers, tried, nowMs), nowMs) };
const LEAST_CONN: Picker = { pick: (peers, tried, nowMs) => leastConnected(usable(peers, tried, nowMs), nowMs) };

export const roundRobinBalancer: Balancer<unknown> = { allowsBackup: true, begin: () => ROUND_ROBIN };
export const leastConnBalancer: Balancer<unknown> = { allowsBackup: true, begin: () => LEAST_CONN };
