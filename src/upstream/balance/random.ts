// random: a peer by chance, the heavier ones more often; with `two`, the less busy of two.
import { randomInt } from 'node:crypto';
import type { Peer } from '../peer.ts';
import { type Balancer, type Picker, usable } from './balancer.ts';
import { peerAt, totalWeight } from './by-weight.ts';

/** @param random a whole number from 0 to less than the argument */
export function randomPicker(two: boolean, random: (below: number) => number): Picker {
  const draw = (among: readonly Peer[]): Peer | undefined =>
    among.length === 0 ? undefined : peerAt(among, random(totalWeight(among)));
  return {
    pick: (peers, tried, nowMs) => {
      const among = usable(peers, tried, nowMs);
      const first = draw(among);
      if (!two || first === undefined) return first;
      const second = draw(among.filter((peer) => peer !== first));
      if (second === undefined) return first;
      const difference = first.load * second.parameters.weight - second.load * first.parameters.weight;
      return difference > 0 ? second : first;
    },
  };
}

export const randomBalancer = (two: boolean): Balancer<unknown> => ({
  allowsBackup: false,
  begin: () => randomPicker(two, randomInt),
});
