// proxy_next_upstream, auth_http_next_upstream: after which failures, and which answers, another peer is asked.

export type NextOn =
  | 'error'
  | 'timeout'
  | 'invalid_header'
  | 'invalid_response'
  | 'http_500'
  | 'http_502'
  | 'http_503'
  | 'http_504'
  | 'http_403'
  | 'http_404'
  | 'http_429'
  | 'non_idempotent'
  | 'updating'
  | 'off';

export interface NextRules {
  readonly on: ReadonlySet<NextOn>;
  /** 0: as many as there are peers. */
  readonly tries: number;
  /** From the first peer on; 0 is without limit. */
  readonly timeoutMs: number;
}

export interface Tried {
  readonly method: string;
  /** Bytes of the request may have reached the peer. */
  readonly requestSent: boolean;
  /** Another peer may be asked. */
  readonly hasMore: boolean;
  /** Since the first one was asked. */
  readonly elapsedMs: number;
}

/** A second time could do something twice. */
const NOT_IDEMPOTENT = new Set(['POST', 'LOCK', 'PATCH']);

export function asksNext(reason: NextOn, { on, timeoutMs }: NextRules, tried: Tried): boolean {
  if (!tried.hasMore || on.has('off') || !on.has(reason)) return false;
  if (timeoutMs > 0 && tried.elapsedMs >= timeoutMs) return false;
  return !tried.requestSent || !NOT_IDEMPOTENT.has(tried.method) || on.has('non_idempotent');
}

const BY_STATUS: ReadonlyMap<number, NextOn> = new Map([
  [500, 'http_500'],
  [502, 'http_502'],
  [503, 'http_503'],
  [504, 'http_504'],
  [403, 'http_403'],
  [404, 'http_404'],
  [429, 'http_429'],
]);

/** The rule that a status of an answer may meet. */
export const reasonOfStatus = (status: number): NextOn | undefined => BY_STATUS.get(status);

/** These say that something is not there, and nothing about the peer. */
export const isFailureOfPeer = (status: number): boolean => status !== 403 && status !== 404;
