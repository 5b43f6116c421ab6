// The master's part in spreading connections: knows how many sessions each worker has, and says what a fair share is.
import { ceilingOf } from '../worker/fair-share.ts';

export interface Sharer {
  tell(message: { readonly kind: 'share'; readonly sessions: number }): void;
}

/** How often the workers hear of another share. */
const TELL_MS = 50;

/** Of workers that accept on the same sockets. */
export class Shares {
  readonly #sessions = new Map<Sharer, number>();
  readonly #waiting = new Set<Sharer>();
  #timer: NodeJS.Timeout | undefined;
  #told = 0;

  /** It accepts from now on. */
  add(worker: Sharer): void {
    this.#sessions.set(worker, 0);
    this.#changed();
  }

  remove(worker: Sharer): void {
    this.#waiting.delete(worker);
    if (this.#sessions.delete(worker)) this.#changed();
  }

  /** @param waits it does not accept until its ceiling is higher */
  report(worker: Sharer, count: number, waits: boolean): void {
    if (!this.#sessions.has(worker)) return;
    this.#sessions.set(worker, count);
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
      this.#waiting.delete(worker);
      worker.tell({ kind: 'share', sessions: share });
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tellAll();
    }, TELL_MS).unref();
  }

  #tellAll(): void {
    const share = this.#share;
    if (share === this.#told) return;
    this.#told = share;
    for (const worker of this.#sessions.keys()) worker.tell({ kind: 'share', sessions: share });
  }
}
