// The auth servers of a group, and when another one of them is asked: auth_http_next_upstream.
import type { ByteString } from '../../conf/directive.ts';
import type { NextOn, NextRules } from '../../upstream/next-upstream.ts';
import type { MailGroup } from '../upstream/context.ts';

/** The words of auth_http_next_upstream. */
export const NEXT_ON = [
  'error',
  'timeout',
  'invalid_response',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_429',
  'off',
] as const satisfies readonly NextOn[];

export type NextAuthOn = (typeof NEXT_ON)[number];

export interface AuthGroup {
  readonly servers: MailGroup;
  readonly next: NextRules;
  /** Of servers that name none. */
  readonly port: number;
  /** For each of them, in milliseconds. */
  readonly timeoutMs: number;
  /** The name, for logs. */
  readonly text: ByteString;
}
