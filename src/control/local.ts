// What a process does when it is asked: about its sessions, its users held, and its groups of backends.
import type { ByteString } from '../conf/directive.ts';
import type { StatsRegistry } from '../stats/registry.ts';
import { Holds } from './holds.ts';
import { type ControlAnswer, type ControlOrder, type GroupOrder, NO_ANSWER, type Place } from './order.ts';
import { type SessionFilter, SessionMatcher, type SessionView } from './session-view.ts';
import { Tail } from './tail.ts';

/** What comes after a place, and not more of it than the limit. */
export interface PageOrder {
  readonly after: Place | undefined;
  readonly limit: number;
  readonly isNewestFirst?: boolean | undefined;
}

export interface FoundSessions {
  /** A page of them. */
  readonly sessions: readonly SessionView[];
  /** Of all that match. */
  readonly count: number;
}

/** The sessions of a process. There may be many: other work goes on meanwhile. */
export interface SessionSource {
  list(matcher: SessionMatcher, page: PageOrder): Promise<FoundSessions>;
  /** @returns how many */
  end(matcher: SessionMatcher): Promise<number>;
}

/** A group of backends that may be changed. */
export interface ControlledGroup {
  readonly name: ByteString;
  /** @returns false: it has no such server, or has it already, or no room */
  obey(order: GroupOrder): boolean;
}

export class LocalControl {
  readonly holds = new Holds();
  readonly tail = new Tail();
  readonly #groups: ControlledGroup[] = [];
  #sessions: SessionSource | undefined;
  #stats: StatsRegistry | undefined;

  serve(sessions: SessionSource): void {
    this.#sessions = sessions;
  }

  count(stats: StatsRegistry): void {
    this.#stats = stats;
  }

  add(group: ControlledGroup): void {
    this.#groups.push(group);
  }

  obey(order: ControlOrder): ControlAnswer | Promise<ControlAnswer> {
    switch (order.kind) {
      case 'list-sessions':
        return this.#listed(order);
      case 'end-sessions':
        return this.#ended(order.filter);
      case 'list-waiting':
        return { ...NO_ANSWER, waiting: this.holds.waiting, held: this.holds.held };
      case 'reset-counts':
        this.#stats?.reset(order.block);
        return NO_ANSWER;
      case 'tail':
        return { ...NO_ANSWER, tails: [this.tail.obey(order, Date.now())] };
      case 'hold':
        return this.holds.hold(order.user, order.untilMs, Date.now())
          ? { ...NO_ANSWER, count: 1 }
          : { ...NO_ANSWER, isFull: true };
      case 'change-server':
      case 'add-server':
      case 'remove-server': {
        const group = this.#groups.find(({ name }) => name === order.group);
        return group?.obey(order) === true ? { ...NO_ANSWER, count: 1 } : NO_ANSWER;
      }
      default:
        return order satisfies never;
    }
  }

  async #listed({ filter, ...page }: PageOrder & { readonly filter: SessionFilter }): Promise<ControlAnswer> {
    return { ...NO_ANSWER, ...(await this.#sessions?.list(new SessionMatcher(filter), page)) };
  }

  async #ended(filter: SessionFilter): Promise<ControlAnswer> {
    return { ...NO_ANSWER, count: (await this.#sessions?.end(new SessionMatcher(filter))) ?? 0 };
  }
}
