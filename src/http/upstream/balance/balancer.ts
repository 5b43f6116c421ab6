// What a balancing method is: made once for an upstream, it chooses peers for each request.
import type { HttpRequest } from '../../request.ts';
import type { Peer } from '../peer.ts';

/** One request's way through the peers. */
export interface Picker {
  /**
   * @param tried peers that have been asked for this request
   * @returns undefined: none of them is usable
   */
  pick(peers: readonly Peer[], tried: ReadonlySet<Peer>, nowMs: number): Peer | undefined;
}

export interface Balancer {
  /** Whether `server` lines below the directive may say `backup`. */
  readonly allowsBackup: boolean;
  /** For a request. */
  begin(request: HttpRequest): Picker;
}

/** Those of the peers that come into question. */
export const usable = (peers: readonly Peer[], tried: ReadonlySet<Peer>, nowMs: number): Peer[] =>
  peers.filter((peer) => !tried.has(peer) && peer.isUsable(nowMs));
