// The looks of the last seconds, each told as it is compared with those before.
import type { StatsRegistry } from '../../stats/registry.ts';
import type { Everything } from '../../stats/status.ts';
import type { Now } from './messages.ts';
import { nowOf } from './now.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

/** Times are those of so long. */
const WINDOW_MS = 10_000;

export class Moments {
  readonly #registry: StatsRegistry;
  /** The oldest first. */
  #snapshots: Snapshot[] = [];

  constructor(registry: StatsRegistry) {
    this.#registry = registry;
  }

  next(everything: Everything, atMs: number): Now {
    const now = takeSnapshot(everything, this.#registry, atMs);
    const last = this.#snapshots.at(-1);
    // A clock that is set back makes all of them worthless.
    const isBehind = last !== undefined && last.atMs > atMs;
    const recent = isBehind ? [] : this.#snapshots.filter((one) => atMs - one.atMs <= WINDOW_MS);
    this.#snapshots = [...recent, now];
    return nowOf({ now, last: recent.at(-1), since: recent[0] }, this.#registry);
  }

  /** Nobody watches: when somebody does again, this will be long ago. */
  forget(): void {
    this.#snapshots = [];
  }
}
