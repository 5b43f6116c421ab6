// Users whose logins wait, while their mailboxes move from one backend to another.
import type { ByteString } from '../conf/directive.ts';

/** Users that may be held at a time. */
export const MAX_HELD = 10_000;
/** How long one may be, at most. */
export const MAX_HOLD_MS = 3_600_000;
/** Logins that may wait in a process. */
export const MAX_WAITING = 10_000;

interface Held {
  readonly untilMs: number;
  readonly timer: NodeJS.Timeout;
  readonly waiting: Set<() => void>;
}

/** `free`: the login goes on at once; `full`: too many wait already. Else what makes it wait no longer. */
export type HoldVerdict = 'free' | 'full' | (() => void);

export class Holds {
  readonly #users = new Map<ByteString, Held>();
  #waiting = 0;

  get isEmpty(): boolean {
    return this.#users.size === 0;
  }

  /** @param untilMs in milliseconds since 1970; 0: the user is let go. @returns false: there are too many */
  hold(user: ByteString, untilMs: number, nowMs: number): boolean {
    const known = this.#users.get(user);
    if (untilMs <= nowMs) {
      this.#release(user);
      return true;
    }
    if (known === undefined && this.#users.size >= MAX_HELD) return false;
    clearTimeout(known?.timer);
    const timer = setTimeout(() => this.#release(user), Math.min(untilMs - nowMs, MAX_HOLD_MS)).unref();
    this.#users.set(user, { untilMs, timer, waiting: known?.waiting ?? new Set() });
    return true;
  }

  /** @param onward called when the user is let go, unless the login no longer waits */
  wait(user: ByteString, onward: () => void): HoldVerdict {
    const held = this.#users.get(user);
    if (held === undefined) return 'free';
    if (this.#waiting >= MAX_WAITING) return 'full';
    const { waiting } = held;
    waiting.add(onward);
    this.#waiting++;
    return () => {
      if (waiting.delete(onward)) this.#waiting--;
    };
  }

  /** Until when each user is held. */
  get held(): ReadonlyMap<ByteString, number> {
    return new Map([...this.#users].map(([user, { untilMs }]) => [user, untilMs]));
  }

  /** How many logins of each wait here. */
  get waiting(): ReadonlyMap<ByteString, number> {
    const counts = new Map<ByteString, number>();
    for (const [user, { waiting }] of this.#users) if (waiting.size > 0) counts.set(user, waiting.size);
    return counts;
  }

  #release(user: ByteString): void {
    const held = this.#users.get(user);
    if (held === undefined) return;
    clearTimeout(held.timer);
    this.#users.delete(user);
    this.#waiting -= held.waiting.size;
    const waiting = [...held.waiting];
    held.waiting.clear();
    for (const onward of waiting) onward();
  }
}
