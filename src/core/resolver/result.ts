// How a lookup ends: RCODEs of RFC 1035, section 4.1.1, and two system errors, with nginx's texts.
import { randomInt } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';

/** `code` is 1 to 5 (an RCODE), 110 (no answer in time) or 125 (given up by its caller or by `close`). */
export interface ResolveFailure {
  readonly ok: false;
  readonly code: number;
  readonly text: string;
}

export type ResolveResult<T> = { readonly ok: true; readonly value: T } | ResolveFailure;

export const ResolveCode = {
  formatError: 1,
  serverFailure: 2,
  hostNotFound: 3,
  unimplemented: 4,
  refused: 5,
  timedOut: 110,
  canceled: 125,
} as const;

const TEXTS: ReadonlyMap<number, string> = new Map([
  [ResolveCode.formatError, 'Format error'],
  [ResolveCode.serverFailure, 'Server failure'],
  [ResolveCode.hostNotFound, 'Host not found'],
  [ResolveCode.unimplemented, 'Unimplemented'],
  [ResolveCode.refused, 'Operation refused'],
  [ResolveCode.timedOut, 'Operation timed out'],
  [ResolveCode.canceled, 'Operation canceled'],
]);

export function resolveText(code: number): string {
  return TEXTS.get(code) ?? 'Unknown error';
}

/** What is known of a target. */
export type Outcome =
  | { readonly kind: 'failure'; readonly code: number }
  | { readonly kind: 'name'; readonly name: ByteString; readonly ttl: number }
  | {
      readonly kind: 'addresses';
      readonly addresses: readonly string[];
      readonly ttl: number;
    }
  | {
      readonly kind: 'alias';
      readonly alias: ByteString;
      readonly ttl: number;
    };

export const failure = (code: number): Outcome => ({ kind: 'failure', code });

/** Addresses from the cache begin with one of them by chance, so that the load is spread. */
export function rotated(outcome: Outcome): Outcome {
  if (outcome.kind !== 'addresses' || outcome.addresses.length < 2) return outcome;
  const from = randomInt(outcome.addresses.length);
  return {
    ...outcome,
    addresses: [...outcome.addresses.slice(from), ...outcome.addresses.slice(0, from)],
  };
}

/** For callers: what was not found is a failure. */
export function failed(outcome: Outcome): ResolveFailure {
  const code = outcome.kind === 'failure' ? outcome.code : ResolveCode.hostNotFound;
  return { ok: false, code, text: resolveText(code) };
}
