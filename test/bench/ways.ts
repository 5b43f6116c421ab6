// The ways of spreading connections over workers that are compared, and what the processes of the comparison say.

/** The last one is that of the product; docs/performance.md describes them. */
export const WAYS = ['shared', 'one by one', 'round robin', 'reuseport', 'hand-off', 'gate'] as const;
export type Way = (typeof WAYS)[number];

/** What the bench asks a master. */
export type Question = { readonly ask: 'counts' } | { readonly ask: 'kill' };

export interface Started {
  readonly kind: 'started';
  readonly port: number;
  readonly pids: readonly number[];
}

export interface Counts {
  readonly kind: 'counts';
  readonly counts: readonly number[];
}

/** Workers to master. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sessions'; readonly count: number; readonly waits: boolean }
  | { readonly kind: 'counts'; readonly count: number }
  | { readonly kind: 'connection' };

/** Master to worker. */
export type FromMaster =
  | { readonly kind: 'listen'; readonly way: Way; readonly port: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'share'; readonly sessions: number }
  | { readonly kind: 'connection' };
