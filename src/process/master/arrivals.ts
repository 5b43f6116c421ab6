// Which workers began more sessions lately than the others: they leave the next ones to those. Short sessions, as of
// logins in a storm, do not show in how many a worker has at a time.

/** For how long a beginning counts, more or less. */
const MEMORY_MS = 2000;
/** A worker may be ahead by this part of the average, and by so many. */
const LEAD = 0.02;
const LEAD_SESSIONS = 64;
/** Of whom nothing was heard for so long, there is nothing to be said: it may hang, or have nothing to do. */
export const SILENT_MS = 250;

interface Arrived {
  /** As its worker counts them. */
  begun: number;
  /** Fewer with time. */
  recent: number;
  heardMs: number;
}

export class Arrivals<Worker> {
  readonly #workers = new Map<Worker, Arrived>();
  readonly #now: () => number;
  #fadedMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  remove(worker: Worker): void {
    this.#workers.delete(worker);
  }

  /** @param begun so many since it was started */
  count(worker: Worker, begun: number): void {
    this.#fade();
    const now = this.#now();
    const arrived = this.#workers.get(worker);
    if (arrived === undefined || now - arrived.heardMs > SILENT_MS) {
      // Who was away need not make up for it, else the others would do nothing meanwhile.
      const recent = Math.max(arrived?.recent ?? 0, this.#average(now));
      this.#workers.set(worker, { begun, recent, heardMs: now });
      return;
    }
    arrived.recent += begun - arrived.begun;
    arrived.begun = begun;
    arrived.heardMs = now;
  }

  /** As it was heard last. */
  begun(worker: Worker): number {
    return this.#workers.get(worker)?.begun ?? 0;
  }

  /** How many it may have begun, by its own count, before it hears more. */
  limit(worker: Worker): number {
    this.#fade();
    const arrived = this.#workers.get(worker);
    if (arrived === undefined) return Number.POSITIVE_INFINITY;
    const average = this.#average(this.#now());
    const left = average * (1 + LEAD) + LEAD_SESSIONS - arrived.recent;
    return arrived.begun + Math.max(0, Math.floor(left));
  }

  /** Of those that were heard of. */
  #average(now: number): number {
    let sum = 0;
    let count = 0;
    for (const { recent, heardMs } of this.#workers.values()) {
      if (now - heardMs > SILENT_MS) continue;
      sum += recent;
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }

  #fade(): void {
    const now = this.#now();
    const part = Math.exp((this.#fadedMs - now) / MEMORY_MS);
    this.#fadedMs = now;
    for (const arrived of this.#workers.values()) arrived.recent *= part;
  }
}
