// Gives memory back after much has gone: V8 collects while it allocates, and a quiet process allocates nothing.
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Below this many sessions at once there is nothing worth the while. */
const CROWD = 500;
/** How long it has to stay quiet, in milliseconds. */
const QUIET_MS = 2000;
const SECOND_MS = 300;

/** Collects once, a while after it was first asked to: what goes until then is part of it. */
export class Collection {
  readonly #collect: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(collect = collectGarbage) {
    this.#collect = collect;
  }

  soon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#collect();
    }, QUIET_MS);
    this.#timer.unref();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Told how many sessions there are; collects once after their number has fallen below a quarter of its peak. */
export class Reclaimer {
  readonly #collection: Collection;
  #peak = 0;

  constructor(collect = collectGarbage) {
    this.#collection = new Collection(() => {
      this.#peak = 0;
      collect();
    });
  }

  count(sessions: number): void {
    if (sessions > this.#peak) this.#peak = sessions;
    if (this.#peak < CROWD || sessions * 4 > this.#peak) this.#collection.cancel();
    else this.#collection.soon();
  }
}

/** V8 offers a full collection to nobody who has not asked for it on the command line. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  if (typeof gc !== 'function') return;
  gc();
  // What the first one freed goes back to the system with the second.
  setTimeout(() => gc(), SECOND_MS).unref();
}
