// One address of an upstream: how much it gets, how it has failed, and what it is at work on: requests, or sessions.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import type { PeerCounters } from '../stats/peer-counters.ts';
import type { PeerState } from '../stats/registry.ts';

/** The parameters of a `server` line. */
export interface ServerParameters {
  readonly weight: number;
  /** 0: failures do not count. */
  readonly maxFails: number;
  readonly failTimeoutMs: number;
  /** 0 is without limit. */
  readonly maxConns: number;
  /** How long one that is back after failures takes to get its whole share; 0: it has it at once. */
  readonly slowStartMs: number;
  readonly backup: boolean;
  readonly down: boolean;
  /** It gets no new users; those that belong to it stay. */
  readonly drain?: boolean;
}

export const PLAIN_SERVER: ServerParameters = {
  weight: 1,
  maxFails: 1,
  failTimeoutMs: 10_000,
  maxConns: 0,
  slowStartMs: 0,
  backup: false,
  down: false,
};

/** How a peer has failed; times are those of the system's clock. */
export interface PeerHealth {
  readonly fails: number;
  readonly failedMs: number;
  readonly checkedMs: number;
}

/** What became of a request to a peer. `next`: it answered, in a way that has another one asked. */
export type PeerOutcome = 'ok' | 'failed' | 'next';

/** Hears of what others are to know of a peer. */
export interface PeerWatcher {
  loadChanged(peer: Peer): void;
  healthChanged(peer: Peer): void;
}

export class Peer {
  readonly address: SocketAddress;
  /** As the log shows it: `127.0.0.1:80`, `unix:/path`. */
  readonly text: ByteString;
  /** As the `server` line names it; several addresses of a name share it. */
  readonly server: ByteString;
  parameters: ServerParameters;
  /** In its group. */
  readonly id: number;
  /** How many that are the same stand before it in its group. */
  readonly nth: number;
  /** The only one of its upstream: no failure disables it. */
  alone = false;
  /** `down`, or turned away by a check. */
  isOut: boolean;
  /** Weight less what failures took away. */
  effectiveWeight: number;
  currentWeight = 0;
  /** Requests that it is answering, or sessions that it has. */
  conns = 0;
  /** The same of other processes that share the zone of the upstream, as far as it is known. */
  othersConns = 0;
  watcher: PeerWatcher | undefined;
  /** undefined: nothing shows them. */
  counters: PeerCounters | undefined;
  #isTurnedAway = false;
  #fails = 0;
  /** When it last failed. */
  #failedMs = 0;
  /** When it was last tried after failures, or failed. */
  #checkedMs = 0;
  /** When it came back after failures. */
  #backMs = Number.NEGATIVE_INFINITY;

  constructor(
    address: SocketAddress,
    text: ByteString,
    server: ByteString,
    parameters: ServerParameters,
    id = 0,
    nth = 0,
  ) {
    this.address = address;
    this.text = text;
    this.server = server;
    this.parameters = parameters;
    this.effectiveWeight = parameters.weight;
    this.isOut = parameters.down;
    this.id = id;
    this.nth = nth;
  }

  /** May be asked at present. @param nowMs the time */
  isUsable(nowMs: number): boolean {
    return this.parameters.drain !== true && this.takesOwn(nowMs);
  }

  /** The same, of one who belongs to it. */
  takesOwn(nowMs: number): boolean {
    const { maxConns } = this.parameters;
    return !this.isOut && (maxConns === 0 || this.load < maxConns) && !this.#isDisabled(nowMs);
  }

  #isDisabled(nowMs: number): boolean {
    const { maxFails, failTimeoutMs } = this.parameters;
    return !this.alone && maxFails > 0 && this.#fails >= maxFails && nowMs - this.#checkedMs <= failTimeoutMs;
  }

  /** @param isChecked a check has turned it away, and not that it waits for its first one */
  stateAt(nowMs: number, isChecked: boolean): PeerState {
    if (this.parameters.down) return 'down';
    if (this.parameters.drain === true) return 'draining';
    if (this.isOut) return isChecked ? 'unhealthy' : 'checking';
    return this.#isDisabled(nowMs) ? 'unavail' : 'up';
  }

  /** What it is at work on, for everybody. */
  get load(): number {
    return this.conns + this.othersConns;
  }

  get health(): PeerHealth {
    return { fails: this.#fails, failedMs: this.#failedMs, checkedMs: this.#checkedMs };
  }

  /** What others have found out. */
  set health({ fails, failedMs, checkedMs }: PeerHealth) {
    if (fails === 0 && this.#fails > 0) this.#recovered(Date.now());
    this.#fails = fails;
    this.#failedMs = failedMs;
    this.#checkedMs = checkedMs;
  }

  /** Its weight; less while it is still coming back. Never 0. */
  weightAt(nowMs: number): number {
    const { weight, slowStartMs } = this.parameters;
    const sinceMs = nowMs - this.#backMs;
    if (slowStartMs === 0 || this.alone || sinceMs >= slowStartMs) return weight;
    return (weight * Math.max(1, sinceMs)) / slowStartMs;
  }

  /** A request goes to it. One that was disabled is tried with a single request for each fail_timeout. */
  take(nowMs: number): void {
    this.conns++;
    this.counters?.taken();
    this.watcher?.loadChanged(this);
    if (nowMs - this.#checkedMs <= this.parameters.failTimeoutMs) return;
    this.#checkedMs = nowMs;
    if (this.#fails > 0) this.watcher?.healthChanged(this);
  }

  /** What was to go to it goes elsewhere. */
  putBack(): void {
    this.conns--;
    this.counters?.putBack();
    this.watcher?.loadChanged(this);
  }

  /** It works, though what it is at work on may take hours: what failed before is forgotten. */
  proved(nowMs: number): void {
    if (this.#fails === 0 || this.#failedMs >= this.#checkedMs) return;
    this.#recovered(nowMs);
    this.watcher?.healthChanged(this);
  }

  /** The request has ended. @returns whether this failure disables it */
  release(outcome: PeerOutcome, nowMs: number): boolean {
    this.conns--;
    this.counters?.released();
    this.watcher?.loadChanged(this);
    const disables = this.#released(outcome, nowMs);
    if (outcome === 'failed') this.counters?.failed(disables);
    return disables;
  }

  #released(outcome: PeerOutcome, nowMs: number): boolean {
    if (this.alone) return false;
    if (outcome !== 'failed') {
      this.proved(nowMs);
      return false;
    }
    const { weight, maxFails } = this.parameters;
    this.#fails++;
    this.#failedMs = nowMs;
    this.#checkedMs = nowMs;
    this.watcher?.healthChanged(this);
    if (maxFails === 0) return false;
    this.effectiveWeight = Math.max(0, this.effectiveWeight - Math.floor(weight / maxFails));
    return this.#fails >= maxFails;
  }

  /** It is another server line from here on, with what has been found out about it. */
  change(parameters: ServerParameters): void {
    if (parameters.weight !== this.parameters.weight) this.effectiveWeight = parameters.weight;
    this.parameters = parameters;
    this.isOut = this.#isTurnedAway || parameters.down;
  }

  /** What checks have come to. One that is back is as good as new, but for slow_start. */
  judge(isOut: boolean, nowMs: number): void {
    const wasOut = this.isOut;
    this.#isTurnedAway = isOut;
    this.isOut = isOut || this.parameters.down;
    if (!wasOut || this.isOut) return;
    if (this.parameters.slowStartMs > 0) this.#backMs = nowMs;
    this.effectiveWeight = this.parameters.weight;
    if (this.#fails === 0) return;
    this.#fails = 0;
    this.watcher?.healthChanged(this);
  }

  #recovered(nowMs: number): void {
    const { maxFails, slowStartMs } = this.parameters;
    if (slowStartMs > 0 && maxFails > 0 && this.#fails >= maxFails) this.#backMs = nowMs;
    this.#fails = 0;
  }
}
