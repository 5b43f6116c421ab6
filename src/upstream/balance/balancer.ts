// What a balancing method is: made once for an upstream, it chooses peers for each request, or session.
import type { Peer } from '../peer.ts';

/** The way of one request, or one login, through the peers. */
export interface Picker {
  /**
   * @param tried peers that have been asked for it
   * @returns undefined: none of them is usable
   */
  pick(peers: readonly Peer[], tried: ReadonlySet<Peer>, nowMs: number): Peer | undefined;
}

/** @typeParam S what is balanced */
export interface Balancer<S> {
  /** Whether `server` lines below the directive may say `backup` and `slow_start`. */
  readonly allowsBackup: boolean;
  begin(subject: S): Picker;
}

/** Those of the peers that come into question. */
export const usable = (peers: readonly Peer[], tried: ReadonlySet<Peer>, nowMs: number): Peer[] =>
  peers.filter((peer) => !tried.has(peer) && peer.isUsable(nowMs));
