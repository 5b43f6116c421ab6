// One address of an upstream: how much it gets, how it has failed, and how many requests it is answering.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';

/** The parameters of a `server` line. */
export interface ServerParameters {
  readonly weight: number;
  /** 0: failures do not count. */
  readonly maxFails: number;
  readonly failTimeoutMs: number;
  /** 0 is without limit. */
  readonly maxConns: number;
  readonly backup: boolean;
  readonly down: boolean;
}

export const PLAIN_SERVER: ServerParameters = {
  weight: 1,
  maxFails: 1,
  failTimeoutMs: 10_000,
  maxConns: 0,
  backup: false,
  down: false,
};

/** What became of a request to a peer. `next`: it answered, in a way that has another one asked. */
export type PeerOutcome = 'ok' | 'failed' | 'next';

export class Peer {
  readonly address: SocketAddress;
  /** As the log shows it: `127.0.0.1:80`, `unix:/path`. */
  readonly text: ByteString;
  /** As the `server` line names it; several addresses of a name share it. */
  readonly server: ByteString;
  readonly parameters: ServerParameters;
  /** The only one of its upstream: no failure disables it. */
  alone = false;
  /** Weight less what failures took away. */
  effectiveWeight: number;
  currentWeight = 0;
  /** Requests that it is answering. */
  conns = 0;
  #fails = 0;
  /** When it last failed. */
  #failedMs = 0;
  /** When it was last tried after failures, or failed. */
  #checkedMs = 0;

  constructor(address: SocketAddress, text: ByteString, server: ByteString, parameters: ServerParameters) {
    this.address = address;
    this.text = text;
    this.server = server;
    this.parameters = parameters;
    this.effectiveWeight = parameters.weight;
  }

  /** May be asked at present. @param nowMs the time */
  isUsable(nowMs: number): boolean {
    const { down, maxFails, failTimeoutMs, maxConns } = this.parameters;
    if (down || (maxConns > 0 && this.conns >= maxConns)) return false;
    return this.alone || maxFails === 0 || this.#fails < maxFails || nowMs - this.#checkedMs > failTimeoutMs;
  }

  /** A request goes to it. One that was disabled is tried with a single request for each fail_timeout. */
  take(nowMs: number): void {
    this.conns++;
    if (nowMs - this.#checkedMs > this.parameters.failTimeoutMs) this.#checkedMs = nowMs;
  }

  /** The request has ended. @returns whether this failure disables it */
  release(outcome: PeerOutcome, nowMs: number): boolean {
    this.conns--;
    if (this.alone) return false;
    if (outcome !== 'failed') {
      if (this.#failedMs < this.#checkedMs) this.#fails = 0;
      return false;
    }
    const { weight, maxFails } = this.parameters;
    this.#fails++;
    this.#failedMs = nowMs;
    this.#checkedMs = nowMs;
    if (maxFails === 0) return false;
    this.effectiveWeight = Math.max(0, this.effectiveWeight - Math.floor(weight / maxFails));
    return this.#fails >= maxFails;
  }
}
