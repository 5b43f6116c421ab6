// One request to one peer, as the exchange sees it: an answer whose body is to come, or a failure.
import type { Readable } from 'node:stream';
import type { ByteString } from '../../conf/directive.ts';
import type { Level } from '../../core/log.ts';
import type { Peer } from '../../upstream/peer.ts';
import type { HttpRequest } from '../request/request.ts';
import type { KeepaliveRules } from './group.ts';
import type { UpstreamState } from './state.ts';

export type Fields = readonly (readonly [name: ByteString, value: ByteString])[];

export interface UpstreamAnswer {
  readonly status: number;
  /** Empty: the usual one. */
  readonly reason: ByteString;
  readonly fields: Fields;
  /** Bytes of the body where they are known. */
  readonly length: number | undefined;
  /** undefined: there is none. Who does not read it destroys it. */
  readonly body: Readable | undefined;
}

/** What went wrong, with the text of the log. */
export interface AttemptFailure {
  /** `ours`: the peer has no part in it, and neither has another one. */
  readonly kind: 'error' | 'timeout' | 'invalid_header' | 'ours';
  readonly level: Level;
  /** Empty: why is in the log. */
  readonly text: ByteString;
  /** Bytes of the request may have reached the peer. */
  readonly requestSent: boolean;
  /** A kept connection that turned out to be gone: says nothing of the peer. */
  readonly stale: boolean;
}

export type AttemptResult = { readonly answer: UpstreamAnswer } | { readonly failure: AttemptFailure };

/** In milliseconds. */
export interface UpstreamTimeouts {
  readonly connectMs: number;
  readonly sendMs: number;
  readonly readMs: number;
}

export interface AttemptInput {
  readonly request: HttpRequest;
  readonly peer: Peer;
  readonly state: UpstreamState;
  readonly keepalive: KeepaliveRules;
  /** The client is gone: everything is let go, and nobody waits for the result. */
  readonly signal: AbortSignal;
}

/** How a location speaks to its peers. The request is made, and whole, before the first attempt. */
export interface Transport {
  /** As the log shows the upstream. @param peer a peer, or the name of the upstream */
  shown(peer: ByteString): ByteString;
  attempt(input: AttemptInput): Promise<AttemptResult>;
}
