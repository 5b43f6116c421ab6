// What became of each attempt at an upstream: for `$upstream_…` variables, and for whoever sends the answer on.
import type { ByteString } from '../../conf/directive.ts';
import { Key } from '../../conf/store.ts';
import type { HttpRequest } from '../request/request.ts';

/** One attempt at one peer. Times are in milliseconds. */
export class UpstreamState {
  /** The peer, or the upstream's name where none was to be had; empty: nobody was connected to. */
  peer: ByteString;
  readonly #startedMs = Date.now();
  /** undefined: nobody has answered, or the client went away. */
  status: number | undefined;
  connectMs: number | undefined;
  headerMs: number | undefined;
  responseMs: number | undefined;
  responseLength = 0;
  bytesSent = 0;
  bytesReceived = 0;

  constructor(peer: ByteString) {
    this.peer = peer;
  }

  connected(): void {
    this.connectMs = Date.now() - this.#startedMs;
  }

  answered(): void {
    this.headerMs = Date.now() - this.#startedMs;
  }

  /** The first call counts. */
  ended(): void {
    this.responseMs ??= Date.now() - this.#startedMs;
  }
}

export class UpstreamRecord {
  /** A list for each location that passed the request on: an internal redirect may lead to another one. */
  readonly rounds: UpstreamState[][] = [];
  /** Header lines of the last answer. */
  fields: readonly (readonly [name: ByteString, value: ByteString])[] = [];
}

const RECORD = new Key<UpstreamRecord>('http request: upstreams');

export const upstreamRecord = (request: HttpRequest): UpstreamRecord | undefined =>
  request.context.has(RECORD) ? request.context.get(RECORD) : undefined;

/** Begins a list of attempts. */
export function beginRound(request: HttpRequest): { readonly record: UpstreamRecord; readonly round: UpstreamState[] } {
  const record = upstreamRecord(request) ?? new UpstreamRecord();
  request.context.set(RECORD, record);
  const round: UpstreamState[] = [];
  record.rounds.push(round);
  return { record, round };
}
