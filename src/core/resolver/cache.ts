// A bounded cache of answers: each has its time, and one that nobody uses goes first.

interface Entry<V> {
  readonly value: V;
  readonly expires: number;
  used: number;
}

/** The order of the map is the order of use. Times are whole seconds. */
export class AnswerCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #capacity: number;
  readonly #idle: number;

  /** @param idle an entry that was not used for so many seconds may go */
  constructor(capacity: number, idle: number) {
    this.#capacity = capacity;
    this.#idle = idle;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expires < now) return undefined;
    entry.used = now;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param expires the last second in which the value holds */
  set(key: string, value: V, expires: number, now: number): void {
    this.#entries.delete(key);
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size < this.#capacity && entry.used + this.#idle > now) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, expires, used: now });
  }
}
