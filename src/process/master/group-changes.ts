// What has been changed in the groups of a configuration since it was read, for workers of it that start later.
import type { ByteString } from '../../conf/directive.ts';
import type { GroupOrder } from '../../control/order.ts';

/** Of so many servers changes are remembered. */
export const MAX_CHANGES = 10_000;

export class GroupChanges {
  /** By the server, in the order in which they have to be carried out. */
  readonly #orders = new Map<string, GroupOrder>();
  /** The largest id that a server was added with, by group. */
  readonly #lastIds = new Map<ByteString, number>();

  get orders(): readonly GroupOrder[] {
    return [...this.#orders.values()];
  }

  /** @returns what workers are to be told; undefined: there is no room */
  keep(order: GroupOrder): GroupOrder | undefined {
    switch (order.kind) {
      case 'change-server': {
        const before = this.#orders.get(keyOf(order));
        if (before === undefined || before.kind === 'remove-server') return this.#put(order);
        this.#orders.set(keyOf(order), { ...before, change: mergeChanges(before.change, order.change) });
        return order;
      }
      case 'add-server': {
        const id = Math.max(order.id, (this.#lastIds.get(order.group) ?? -1) + 1);
        const numbered = this.#put({ ...order, id });
        if (numbered !== undefined) this.#lastIds.set(order.group, id);
        return numbered;
      }
      case 'remove-server': {
        const before = this.#orders.get(keyOf(order));
        this.#orders.delete(keyOf(order));
        // Of one that was added nothing is left.
        return before?.kind === 'add-server' ? order : this.#put(order);
      }
      default:
        return order satisfies never;
    }
  }

  /** No worker could carry it out. */
  forget(order: GroupOrder): void {
    if (this.#orders.get(keyOf(order)) === order) this.#orders.delete(keyOf(order));
  }

  #put(order: GroupOrder): GroupOrder | undefined {
    if (this.#orders.size >= MAX_CHANGES) return undefined;
    this.#orders.set(keyOf(order), order);
    return order;
  }
}

const keyOf = ({ group, id }: GroupOrder): string => `${id} ${group}`;

/** What the later one says counts, and of the rest what the earlier one said. */
const mergeChanges = <C extends object>(before: C, after: C): C => {
  const said = Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined));
  return { ...before, ...said };
};
