// What a pattern consists of, after it has been read.
import type { ByteSet } from './byte-set.ts';

export type Node =
  /** One byte out of a set. */
  | { readonly kind: 'set'; readonly set: ByteSet }
  /** A place in the subject, as JavaScript writes it. */
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly branches: readonly Node[] }
  /** @param number from 1 */
  | { readonly kind: 'capture'; readonly number: number; readonly inner: Node }
  /** What it has matched is not tried in another way. */
  | { readonly kind: 'atomic'; readonly inner: Node }
  | { readonly kind: 'look'; readonly sign: '?=' | '?!' | '?<=' | '?<!'; readonly inner: Node }
  | { readonly kind: 'repeat'; readonly inner: Node; readonly times: Times }
  | { readonly kind: 'reference'; readonly to: Reference; readonly ignoreCase: boolean };

export interface Times {
  readonly min: number;
  /** Infinity: without bound. */
  readonly max: number;
  readonly isLazy: boolean;
  readonly isPossessive: boolean;
}

/** To a capture, which may stand further on. */
export interface Reference {
  /** Or a name, until all has been read. */
  readonly group: number | string;
  /** Where the message about a missing group points. */
  readonly at: number;
}

export interface Pattern {
  readonly node: Node;
  /** How many captures there are. */
  readonly captures: number;
  /** In the order of the pattern. */
  readonly names: ReadonlyMap<string, number>;
}
