// What the test asks of the load's process, and what that answers; plain data, since it goes from process to process.
import type { Place } from './client.ts';
import type { Protocol, Security } from './dialogues.ts';

/** Where the server under test takes clients. */
export interface Door extends Place {
  readonly protocol: Protocol;
  readonly security: Security;
}

export type Order =
  /**
   * So many clients at once log in, use the relay and leave, by each door in turn, each so many times: Infinity is
   * until it is enough.
   */
  | { readonly kind: 'log-in'; readonly doors: readonly Door[]; readonly clients: number; readonly times: number }
  /** Sessions that stay: greeted only, or logged in as `user`. */
  | { readonly kind: 'hold'; readonly doors: readonly Door[]; readonly count: number; readonly user?: string }
  /** The held clients read nothing more, and write the text: once, or for as long as somebody takes it. */
  | { readonly kind: 'stick'; readonly text: string; readonly times: 'once' | 'forever' }
  /** How many of the held clients are there still, and what those that write on have got rid of. */
  | { readonly kind: 'look' }
  /** All held clients go. */
  | { readonly kind: 'let-go'; readonly by: 'fin' | 'reset' };

/** Ends a log-in that has no end; it is answered when the last client has left. */
export const ENOUGH = 'enough';

export interface Answer {
  /** Sessions that went as they should. */
  readonly good: number;
  /** What went wrong, the first few. */
  readonly failures: readonly string[];
  /** Bytes that the connections took, of those that were flooded. */
  readonly bytes: number;
}
