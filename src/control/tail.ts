// The live tail: what happens to the sessions of a process, remembered for a moment while somebody watches.
import type { ByteString } from '../conf/directive.ts';
import { type SessionFields, type SessionFilter, SessionMatcher } from './session-view.ts';

export type Happening = 'begin' | 'login' | 'refused' | 'error' | 'end';

export interface TailEvent extends SessionFields {
  readonly what: Happening;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** `PID-CONNECTION`. */
  readonly id: string;
  /** How it ended, or what the client was told; empty: nothing is known of that. */
  readonly why: ByteString;
}

/** Who gives it hears of what fits, from now on; until some seconds after the last one. */
export interface TailOrder {
  readonly kind: 'tail';
  /** No other watcher has that name. */
  readonly watcher: string;
  /** One of them has to fit. */
  readonly filters: readonly SessionFilter[];
  /** By process: what it said that it has counted, last time. */
  readonly seen: ReadonlyMap<number, number>;
}

/** Of one process. */
export interface TailPart {
  readonly pid: number;
  /** Everything that fitted somebody's filter, since the process began. */
  readonly count: number;
  /** What has happened since it was seen, the oldest first. */
  readonly events: readonly TailEvent[];
  /** How much more that was. */
  readonly missed: number;
}

interface Watcher {
  /** By what they are about. */
  readonly filters: ReadonlyMap<string, Wanted>;
  readonly untilMs: number;
}

/** Who has not asked again in this time does not watch any more. */
export const WATCH_MS = 5000;
const MAX_WATCHERS = 64;
/** More of a second, and of a filter, are only counted. */
const MAX_EVENTS = 200;
const MAX_KEPT = 2 * MAX_EVENTS;
/** Of what a client or a service has said. */
const MAX_TEXT = 1040;

/** What fits one filter: a flood of others leaves it its room. */
class Wanted {
  readonly #matcher: SessionMatcher;
  #secondMs = 0;
  #inSecond = 0;

  constructor(filter: SessionFilter) {
    this.#matcher = new SessionMatcher(filter);
  }

  fits(event: TailEvent): boolean {
    return this.#matcher.matches(event);
  }

  hasRoom(atMs: number): boolean {
    if (Math.abs(atMs - this.#secondMs) >= 1000) {
      this.#secondMs = atMs;
      this.#inSecond = 0;
    }
    return ++this.#inSecond <= MAX_EVENTS;
  }
}

export class Tail {
  readonly #watchers = new Map<string, Watcher>();
  /** The latest ones. */
  #events: { readonly number: number; readonly event: TailEvent }[] = [];
  #count = 0;

  /** All that an event costs where nobody does. */
  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  add(event: TailEvent): void {
    this.#dismiss(event.atMs);
    if (!this.#takes(event)) return;
    const { user, why } = event;
    const short = { ...event, user: user.slice(0, MAX_TEXT), why: why.slice(0, MAX_TEXT) };
    this.#events.push({ number: this.#count, event: short });
    if (this.#events.length > MAX_KEPT) this.#events = this.#events.slice(-MAX_EVENTS);
  }

  obey({ watcher, filters, seen }: TailOrder, nowMs: number): TailPart {
    this.#dismiss(nowMs);
    if (this.#watchers.has(watcher) || this.#watchers.size < MAX_WATCHERS) {
      const before = this.#watchers.get(watcher)?.filters;
      const wanted = filters.map((filter): [string, Wanted] => {
        const key = JSON.stringify(filter);
        return [key, before?.get(key) ?? new Wanted(filter)];
      });
      this.#watchers.set(watcher, { filters: new Map(wanted), untilMs: nowMs + WATCH_MS });
    }
    const before = seen.get(process.pid) ?? this.#count;
    const events = this.#events.filter(({ number }) => number > before).map(({ event }) => event);
    return { pid: process.pid, count: this.#count, events, missed: this.#count - before - events.length };
  }

  /** Counts what fits. @returns a filter that it fits has room for it */
  #takes(event: TailEvent): boolean {
    let isCounted = false;
    for (const { filters } of this.#watchers.values()) {
      for (const wanted of filters.values()) {
        if (!wanted.fits(event)) continue;
        if (!isCounted) this.#count++;
        isCounted = true;
        if (wanted.hasRoom(event.atMs)) return true;
      }
    }
    return false;
  }

  #dismiss(nowMs: number): void {
    for (const [name, { untilMs }] of this.#watchers) {
      // Or the clock was set back.
      if (nowMs > untilMs || untilMs - nowMs > WATCH_MS) this.#watchers.delete(name);
    }
    if (this.#watchers.size === 0) this.#events = [];
  }
}
