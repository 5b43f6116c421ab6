// The ways of spreading connections over workers that are compared, and what the processes of the comparison say.

/** docs/performance.md describes them; the last one is that of the product. */
export const WAYS = ['shared', 'round robin', 'reuseport', 'hand-off', 'gate'] as const;
export type Way = (typeof WAYS)[number];

/** What may happen to the workers. `freeze`: one of them hangs. */
export type Event = 'kill' | 'reload' | 'freeze';

/** What the bench asks a master. Each is answered. */
export type Question = { readonly ask: 'counts' | Event };

export type FromSpreadMaster =
  | { readonly kind: 'started'; readonly port: number; readonly pids: readonly number[] }
  | { readonly kind: 'counts'; readonly counts: readonly number[] }
  /** The event is over; a reload is when the last of the old workers has gone. */
  | { readonly kind: 'happened' };

/** Workers to master. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'sessions'; readonly count: number; readonly begun: number; readonly waits: boolean }
  | { readonly kind: 'counts'; readonly count: number }
  | { readonly kind: 'connection' };

/** Master to worker. */
export type FromMaster =
  | { readonly kind: 'listen'; readonly way: Way; readonly port: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'share'; readonly sessions: number; readonly upTo: number }
  | { readonly kind: 'connection' }
  /** Accept no more, and go when the last connection has gone. */
  | { readonly kind: 'quit' };
