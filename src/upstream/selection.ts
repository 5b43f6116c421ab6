// One request's way through the peers of an upstream: whom to ask next, and what failures come to.
import type { ByteString } from '../conf/directive.ts';
import type { Picker } from './balance/balancer.ts';
import { roundRobin } from './balance/round-robin.ts';
import type { Peer, PeerOutcome } from './peer.ts';

export interface Candidates {
  readonly primary: readonly Peer[];
  readonly backup: readonly Peer[];
  /** For the primary ones. */
  readonly picker: Picker;
  readonly backupPicker: Picker;
}

export class Selection {
  readonly #candidates: Candidates;
  readonly #tried = new Set<Peer>();
  #onBackup = false;
  #tries: number;

  /** @param maxTries 0: as many as there are peers */
  constructor(candidates: Candidates, maxTries: number) {
    this.#candidates = candidates;
    const count = [...candidates.primary, ...candidates.backup].filter((peer) => !peer.isOut).length;
    this.#tries = maxTries > 0 ? Math.min(maxTries, count) : count;
  }

  /** Another peer may be asked after this one. */
  get hasMore(): boolean {
    return this.#tries > 1;
  }

  /**
   * @param server comes before all others, if it can
   * @returns undefined: there are no live upstreams
   */
  next(nowMs: number, server?: ByteString): Peer | undefined {
    const { primary, backup, picker, backupPicker } = this.#candidates;
    let peer = server === undefined ? undefined : this.#of(server, nowMs);
    if (peer === undefined && !this.#onBackup) peer = picker.pick(primary, this.#tried, nowMs);
    if (peer === undefined && backup.length > 0) {
      this.#onBackup = true;
      peer = backupPicker.pick(backup, this.#tried, nowMs);
    }
    if (peer === undefined) return undefined;
    this.#tried.add(peer);
    peer.take(nowMs);
    return peer;
  }

  #of(server: ByteString, nowMs: number): Peer | undefined {
    const all = [...this.#candidates.primary, ...this.#candidates.backup].filter((peer) => peer.server === server);
    return roundRobin(
      all.filter((peer) => !this.#tried.has(peer) && peer.takesOwn(nowMs)),
      nowMs,
    );
  }

  /** Nothing was asked of the peer. */
  putBack(peer: Peer): void {
    this.#tried.delete(peer);
    peer.putBack();
  }

  /**
   * The request to the peer has ended.
   * @param spent false: the connection had been kept, and that it was gone says nothing of the peer
   * @returns whether the peer is disabled for a while from here on
   */
  release(peer: Peer, outcome: PeerOutcome, nowMs: number, spent = true): boolean {
    if (spent) this.#tries--;
    else this.#tried.delete(peer);
    return peer.release(spent ? outcome : 'next', nowMs);
  }
}
