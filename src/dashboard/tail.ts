// The last events, the newest first, and how many there were that nobody saw.
import type { SessionEvent, Tail } from '../http/dashboard/messages.ts';

/** No more are kept: each is a row. */
export const TAIL_LENGTH = 100;

export interface TailEntry {
  readonly sequence: number;
  readonly event: SessionEvent;
}

export class TailLog {
  #entries: readonly TailEntry[] = [];
  #sequence = 0;
  #leftOut = 0;

  get entries(): readonly TailEntry[] {
    return this.#entries;
  }

  /** How many events the server, or this page, had no room for. */
  get leftOut(): number {
    return this.#leftOut;
  }

  take({ events, leftOut }: Tail): void {
    const fresh = events.slice(-TAIL_LENGTH);
    this.#leftOut += leftOut + events.length - fresh.length;
    const entries = fresh.map((event) => ({ sequence: this.#sequence++, event })).reverse();
    this.#entries = [...entries, ...this.#entries].slice(0, TAIL_LENGTH);
  }

  clear(): void {
    this.#entries = [];
    this.#leftOut = 0;
  }
}
