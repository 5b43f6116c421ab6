// The master's part in the resumption of TLS sessions: keeps what its workers share, across reloads.
import type { ByteString } from '../../conf/directive.ts';
import { ownCopy } from '../../core/own-copy.ts';
import { type SessionLimits, SessionStore } from '../../net/tls/session-cache.ts';
import type { SharedUse, TicketKeysById } from '../../net/tls/session-zones.ts';
import { RotatingKeys, type TicketKey } from '../../net/tls/ticket-keys.ts';
import type { SessionMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface ZoneUser {
  tell(message: ToWorker): void;
}

interface Kept {
  readonly store: SessionStore;
  keys: RotatingKeys | undefined;
}

/** For ticket keys without a zone. */
const NOTHING: SessionLimits = { sessions: 0, bytes: 0 };
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Ids of sessions have 32 bytes, those of chains some more. */
const MAX_ID = 64;

export class SessionZoneKeeper {
  readonly #kept = new Map<ByteString, Kept>();
  readonly #users = new Set<ZoneUser>();
  #timer: NodeJS.Timeout | undefined;

  /** Makes what is not there yet. @returns the ticket keys, for a worker's first message */
  open(uses: readonly SharedUse[]): TicketKeysById {
    for (const use of uses) this.#keep(use);
    // Where the timer is late, those who have keys already hear of the new ones too.
    const nowMs = Date.now();
    this.#rotate(nowMs);
    const keys = new Map<ByteString, readonly TicketKey[]>();
    for (const { id } of uses) {
      const rotating = this.#kept.get(id)?.keys;
      if (rotating !== undefined) keys.set(id, rotating.current(nowMs));
    }
    return keys;
  }

  /** Drops what is not in use now. */
  retain(configurations: readonly { readonly sharedUses: readonly SharedUse[] }[]): void {
    const wanted = new Set(configurations.flatMap(({ sharedUses }) => sharedUses.map(({ id }) => id)));
    for (const id of this.#kept.keys()) if (!wanted.has(id)) this.#kept.delete(id);
  }

  join(user: ZoneUser): void {
    this.#users.add(user);
  }

  leave(user: ZoneUser): void {
    this.#users.delete(user);
  }

  receive(from: ZoneUser, message: SessionMessage): void {
    const store = this.#kept.get(message.zone)?.store;
    const id = Buffer.from(message.id);
    switch (message.kind) {
      case 'put-session':
        // As received it is a piece of a larger buffer, which it would hold.
        if (id.length <= MAX_ID) store?.put(id, ownCopy(message.session), message.lifetimeS);
        from.tell({ kind: 'session', ask: message.ask, session: undefined });
        return;
      case 'find-session':
        from.tell({ kind: 'session', ask: message.ask, session: store?.get(id) });
        return;
      case 'forget-session':
        store?.remove(id);
        for (const user of this.#users) if (user !== from) user.tell(message);
        return;
      default:
        message satisfies never;
    }
  }

  #keep({ id, limits, ticketLifetimeS }: SharedUse): void {
    const kept = this.#kept.get(id) ?? {
      store: new SessionStore(limits ?? NOTHING),
      keys: undefined,
    };
    this.#kept.set(id, kept);
    if (ticketLifetimeS === undefined) return;
    kept.keys ??= new RotatingKeys(ticketLifetimeS);
    kept.keys.lifetimeS = ticketLifetimeS;
  }

  #rotate(nowMs: number): void {
    const changed = new Map<ByteString, readonly TicketKey[]>();
    for (const [id, { keys }] of this.#kept) {
      if (keys !== undefined && nowMs > keys.dueMs) changed.set(id, keys.current(nowMs));
    }
    if (changed.size > 0) for (const user of this.#users) user.tell({ kind: 'ticket-keys', keys: changed });
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const due = [...this.#kept.values()].map(({ keys }) => keys?.dueMs ?? Number.POSITIVE_INFINITY);
    const waitMs = Math.min(...due) + 1 - Date.now();
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#rotate(Date.now()), Math.min(Math.max(waitMs, 0), MAX_TIMER_MS));
    this.#timer.unref();
  }
}
