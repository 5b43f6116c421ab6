// The master's part in spreading connections: knows how many sessions each worker has, and says what a fair share is.
import { ceilingOf } from '../worker/fair-share.ts';
import { Arrivals } from './arrivals.ts';

export interface Sharer {
  tell(message: { readonly kind: 'share'; readonly sessions: number; readonly upTo: number }): void;
}

/** How often the workers hear of another share. */
const TELL_MS = 20;
/** Who waits because it was ahead hears nothing of fewer than so many. */
const MIN_STEP = 16;

/** Of workers that accept on the same sockets. */
export class Shares {
  readonly #sessions = new Map<Sharer, number>();
  readonly #arrivals: Arrivals<Sharer>;
  /** What they were told last. */
  readonly #limits = new Map<Sharer, number>();
  readonly #waiting = new Set<Sharer>();
  #timer: NodeJS.Timeout | undefined;
  #told = 0;

  /** @param now milliseconds that are never set back */
  constructor(now = (): number => performance.now()) {
    this.#arrivals = new Arrivals(now);
  }

  /** It accepts from now on. */
  add(worker: Sharer): void {
    this.#sessions.set(worker, 0);
    this.#changed();
  }

  remove(worker: Sharer): void {
    this.#waiting.delete(worker);
    this.#arrivals.remove(worker);
    this.#limits.delete(worker);
    if (this.#sessions.delete(worker)) this.#changed();
  }

  /**
   * @param begun how many it has begun since its start
   * @param waits it does not accept until it may have more
   */
  report(worker: Sharer, count: number, begun: number, waits: boolean): void {
    if (!this.#sessions.has(worker)) return;
    this.#sessions.set(worker, count);
    this.#arrivals.count(worker, begun);
    if (waits) this.#waiting.add(worker);
    else this.#waiting.delete(worker);
    this.#changed();
  }

  /** They accept no more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#sessions.clear();
    this.#waiting.clear();
  }

  get #share(): number {
    let sum = 0;
    for (const count of this.#sessions.values()) sum += count;
    return Math.ceil(sum / Math.max(1, this.#sessions.size));
  }

  /** Who waits hears at once that it may go on; everybody a little later. */
  #changed(): void {
    const share = this.#share;
    for (const worker of this.#waiting) {
      if ((this.#sessions.get(worker) ?? 0) > ceilingOf(share)) continue;
      const upTo = this.#arrivals.limit(worker);
      if (upTo < this.#arrivals.begun(worker) + MIN_STEP) continue;
      this.#waiting.delete(worker);
      this.#tell(worker, share, upTo);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tellAll();
    }, TELL_MS).unref();
  }

  #tellAll(): void {
    const share = this.#share;
    const isNew = share !== this.#told;
    this.#told = share;
    for (const worker of this.#sessions.keys()) {
      const upTo = this.#arrivals.limit(worker);
      if (isNew || upTo !== (this.#limits.get(worker) ?? Number.POSITIVE_INFINITY)) this.#tell(worker, share, upTo);
    }
  }

  #tell(worker: Sharer, share: number, upTo: number): void {
    this.#limits.set(worker, upTo);
    worker.tell({ kind: 'share', sessions: share, upTo });
  }
}
