// What may be asked of all processes that serve, what each answers, and how several answers are one.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import type { SessionFilter, SessionView } from './session-view.ts';
import type { TailOrder, TailPart } from './tail.ts';

/** Of a session in the order in which they are listed: the oldest first. */
export interface Place {
  readonly sinceMs: number;
  readonly connection: number;
}

/** What may change of a server in a group; undefined: it stays. */
export interface ServerChange {
  readonly weight?: number | undefined;
  readonly maxConns?: number | undefined;
  readonly maxFails?: number | undefined;
  readonly failTimeoutMs?: number | undefined;
  readonly slowStartMs?: number | undefined;
  readonly backup?: boolean | undefined;
  readonly down?: boolean | undefined;
  /** It gets no new users; those that belong to it stay. */
  readonly drain?: boolean | undefined;
}

/** A change to a group of backends. Servers have their ids in it, which are the same in all processes. */
export type GroupOrder =
  | { readonly kind: 'change-server'; readonly group: ByteString; readonly id: number; readonly change: ServerChange }
  | {
      readonly kind: 'add-server';
      readonly group: ByteString;
      /** Or a larger one, if others have been added meanwhile. */
      readonly id: number;
      readonly server: ByteString;
      readonly at: ServerPlace;
      readonly change: ServerChange;
    }
  | { readonly kind: 'remove-server'; readonly group: ByteString; readonly id: number };

/** Where a server is: at an address, or where a name is looked up to again and again. */
export type ServerPlace =
  | { readonly kind: 'address'; readonly address: SocketAddress }
  | { readonly kind: 'name'; readonly host: ByteString; readonly port: number };

/** Logins of a user wait until then, in milliseconds since 1970; 0: they wait no longer. */
export interface HoldOrder {
  readonly kind: 'hold';
  readonly user: ByteString;
  readonly untilMs: number;
}

export type ControlOrder =
  /** A page of sessions: what comes after a place, and not more of them than the limit. */
  | {
      readonly kind: 'list-sessions';
      readonly filter: SessionFilter;
      readonly after: Place | undefined;
      readonly limit: number;
      readonly isNewestFirst?: boolean | undefined;
    }
  | { readonly kind: 'end-sessions'; readonly filter: SessionFilter }
  /** Logins that wait, by user. */
  | { readonly kind: 'list-waiting' }
  /** What was counted so far is forgotten. */
  | { readonly kind: 'reset-counts'; readonly block: string }
  | TailOrder
  | HoldOrder
  | GroupOrder;

/** What holds for processes too that start later. */
export type StandingOrder = HoldOrder | GroupOrder;

export interface ControlAnswer {
  readonly sessions: readonly SessionView[];
  /** How many the order was about: all that match, or those that were ended. */
  readonly count: number;
  /** Logins that wait, by user. */
  readonly waiting: ReadonlyMap<ByteString, number>;
  /** Users held, and until when. */
  readonly held: ReadonlyMap<ByteString, number>;
  /** It was not carried out: there is too much of it. */
  readonly isFull?: boolean;
  /** Of the live tail, by process. */
  readonly tails?: readonly TailPart[];
  /** Whether it was carried out is not known in time. */
  readonly isLate?: boolean;
}

export const NO_ANSWER: ControlAnswer = { sessions: [], count: 0, waiting: new Map(), held: new Map() };

/** They change nothing. */
const QUESTIONS: readonly ControlOrder['kind'][] = ['list-sessions', 'list-waiting', 'tail'];

/** It does not only ask. */
export const isChange = (order: ControlOrder): boolean => !QUESTIONS.includes(order.kind);

export const isStanding = (order: ControlOrder): order is StandingOrder =>
  isChange(order) && order.kind !== 'end-sessions' && order.kind !== 'reset-counts';

export const isBehind = (a: Place, b: Place, isNewestFirst = false): boolean => {
  const [late, early] = isNewestFirst ? [b, a] : [a, b];
  return late.sinceMs > early.sinceMs || (late.sinceMs === early.sinceMs && late.connection > early.connection);
};

export function mergeAnswers(order: ControlOrder, answers: readonly ControlAnswer[]): ControlAnswer {
  const limit = order.kind === 'list-sessions' ? order.limit : 0;
  const sessions = answers.flatMap((answer) => answer.sessions);
  const isNewestFirst = order.kind === 'list-sessions' && order.isNewestFirst === true;
  sessions.sort((a, b) => (isBehind(a, b, isNewestFirst) ? 1 : -1));
  const waiting = new Map<ByteString, number>();
  const held = new Map<ByteString, number>();
  for (const answer of answers) {
    for (const [user, count] of answer.waiting) waiting.set(user, (waiting.get(user) ?? 0) + count);
    for (const [user, untilMs] of answer.held) held.set(user, Math.max(held.get(user) ?? 0, untilMs));
  }
  return {
    sessions: sessions.slice(0, limit),
    count: answers.reduce((sum, { count }) => sum + count, 0),
    waiting,
    held,
    ...(order.kind === 'tail' ? { tails: answers.flatMap(({ tails = [] }) => tails) } : {}),
    ...(answers.some(({ isFull }) => isFull === true) ? { isFull: true } : {}),
  };
}
