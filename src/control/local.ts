// What a process does when it is asked: about its sessions, its users held, and its groups of backends.
import type { ByteString } from '../conf/directive.ts';
import type { StatsRegistry } from '../stats/registry.ts';
import { Holds } from './holds.ts';
import { type ControlAnswer, type ControlOrder, type GroupOrder, NO_ANSWER, type Place } from './order.ts';
import { SessionMatcher, type SessionView } from './session-view.ts';

/** The sessions of a process. */
export interface SessionSource {
  /** @returns a page of them, and how many match */
  list(
    matcher: SessionMatcher,
    after: Place | undefined,
    limit: number,
  ): { readonly sessions: readonly SessionView[]; readonly count: number };
  /** @returns how many */
  end(matcher: SessionMatcher): number;
}

/** A group of backends that may be changed. */
export interface ControlledGroup {
  readonly name: ByteString;
  /** @returns false: it has no such server, or has it already, or no room */
  obey(order: GroupOrder): boolean;
}

export class LocalControl {
  readonly holds = new Holds();
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

  obey(order: ControlOrder): ControlAnswer {
    switch (order.kind) {
      case 'list-sessions': {
        const found = this.#sessions?.list(new SessionMatcher(order.filter), order.after, order.limit);
        return { ...NO_ANSWER, ...found };
      }
      case 'end-sessions':
        return { ...NO_ANSWER, count: this.#sessions?.end(new SessionMatcher(order.filter)) ?? 0 };
      case 'list-waiting':
        return { ...NO_ANSWER, waiting: this.holds.waiting, held: this.holds.held };
      case 'reset-counts':
        this.#stats?.reset(order.block);
        return NO_ANSWER;
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
}
