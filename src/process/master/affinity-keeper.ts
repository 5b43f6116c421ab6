// The master's part in affinity: knows for all workers, across reloads, which server each user belongs to.
import type { ByteString } from '../../conf/directive.ts';
import { type AffinityRules, AffinityTable } from '../../upstream/affinity/table.ts';
import type { AffinityMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface AffinityUser {
  tell(message: ToWorker): void;
}

interface Zone {
  readonly table: AffinityTable<AffinityUser>;
  readonly users: Set<AffinityUser>;
  /** As they were heard last. */
  rules: AffinityRules;
}

export class AffinityKeeper {
  readonly #zones = new Map<ByteString, Zone>();
  /** Their last words may be read after their end was seen. */
  readonly #gone = new WeakSet<AffinityUser>();

  receive(from: AffinityUser, message: AffinityMessage): void {
    if (this.#gone.has(from)) return;
    const zone = this.#zone(message.zone);
    zone.users.add(from);
    if (message.kind === 'join-affinity') return;
    const { user, server, rules, step, ask } = message;
    zone.rules = rules;
    switch (step) {
      case 'claim':
        from.tell({ kind: 'belongs', ask, server: zone.table.claim(user, server, from, rules, Date.now()) });
        return;
      case 'move':
        zone.table.move(user, server);
        return;
      case 'end':
      case 'drop':
        zone.table.end(user, from, step === 'end', rules, Date.now());
        return;
      default:
        step satisfies never;
    }
  }

  leave(user: AffinityUser): void {
    this.#gone.add(user);
    for (const [name, { table, users, rules }] of this.#zones) {
      if (!users.delete(user)) continue;
      if (users.size === 0) this.#zones.delete(name);
      else table.leave(user, rules, Date.now());
    }
  }

  #zone(name: ByteString): Zone {
    const known = this.#zones.get(name);
    if (known !== undefined) return known;
    const zone: Zone = { table: new AffinityTable(), users: new Set(), rules: { users: 0, timeoutMs: 0 } };
    this.#zones.set(name, zone);
    return zone;
  }
}
