// Which server each user belongs to: as long as a session lives, and for a time after the last one.
import type { ByteString } from '../../conf/directive.ts';

export interface AffinityRules {
  /** How many users a table may hold. */
  readonly users: number;
  /** After a user's last session. */
  readonly timeoutMs: number;
}

interface Entry<H> {
  server: ByteString;
  /** With how many sessions each has. */
  readonly holders: Map<H, number>;
  /** Until when it holds without a session; the beginning of time: none has ended so far. */
  untilMs: number;
}

/** @typeParam H who has sessions: workers */
export class AffinityTable<H> {
  /** Users with sessions. */
  readonly #live = new Map<ByteString, Entry<H>>();
  /** Users without, the longest so first. */
  readonly #idle = new Map<ByteString, Entry<H>>();

  /** A session begins. @param server where there is no other one yet @returns where it belongs */
  claim(user: ByteString, server: ByteString, holder: H, rules: AffinityRules, nowMs: number): ByteString {
    const entry = this.#live.get(user) ?? this.#resumed(user, nowMs) ?? this.#added(user, server, rules);
    if (entry === undefined) return server;
    entry.holders.set(holder, (entry.holders.get(holder) ?? 0) + 1);
    return entry.server;
  }

  /** The server that it belonged to cannot take it. */
  move(user: ByteString, server: ByteString): void {
    const entry = this.#live.get(user);
    if (entry !== undefined) entry.server = server;
  }

  /** A session has ended. @param counts false: it has never come to be, and changes nothing */
  end(user: ByteString, holder: H, counts: boolean, { timeoutMs }: AffinityRules, nowMs: number): void {
    const entry = this.#live.get(user);
    const sessions = entry?.holders.get(holder);
    if (entry === undefined || sessions === undefined) return;
    if (counts) entry.untilMs = nowMs + timeoutMs;
    if (sessions > 1) entry.holders.set(holder, sessions - 1);
    else entry.holders.delete(holder);
    if (entry.holders.size === 0) this.#retire(user, entry, nowMs);
  }

  /** A holder is gone, and its sessions with it. */
  leave(holder: H, { timeoutMs }: AffinityRules, nowMs: number): void {
    for (const [user, entry] of this.#live) {
      if (!entry.holders.delete(holder)) continue;
      entry.untilMs = nowMs + timeoutMs;
      if (entry.holders.size === 0) this.#retire(user, entry, nowMs);
    }
  }

  #resumed(user: ByteString, nowMs: number): Entry<H> | undefined {
    const entry = this.#idle.get(user);
    this.#idle.delete(user);
    if (entry === undefined || entry.untilMs <= nowMs) return undefined;
    this.#live.set(user, entry);
    return entry;
  }

  /** @returns undefined: there is no room, which users with sessions have */
  #added(user: ByteString, server: ByteString, { users }: AffinityRules): Entry<H> | undefined {
    if (this.#live.size >= users) return undefined;
    const [oldest] = this.#idle.keys();
    if (oldest !== undefined && this.#live.size + this.#idle.size >= users) this.#idle.delete(oldest);
    const entry: Entry<H> = { server, holders: new Map(), untilMs: 0 };
    this.#live.set(user, entry);
    return entry;
  }

  #retire(user: ByteString, entry: Entry<H>, nowMs: number): void {
    this.#live.delete(user);
    if (entry.untilMs > nowMs) this.#idle.set(user, entry);
  }
}
