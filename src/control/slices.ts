// Long work in slices: one at a time, and between two of them everything else of the process has its turn.
import { setImmediate } from 'node:timers/promises';

/** What else there is to do waits no longer for a slice. */
const SLICE_MS = 5;

export class Slices {
  readonly #now: () => number;
  #last: Promise<void> = Promise.resolve();

  /** @param now milliseconds that are never set back */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /**
   * Goes through things, which may come and go meanwhile, when what was begun before is done.
   * @param step so many of them are quick enough for a look at the clock behind them
   * @param isWanted asked at the beginning
   * @returns false: it was not wanted any more
   */
  run<T>(
    things: Iterable<T>,
    step: number,
    each: (thing: T) => void,
    isWanted = (): boolean => true,
  ): Promise<boolean> {
    const done = this.#last.then(() => isWanted() && this.#go(things, step, each));
    this.#last = done.then(nothing, nothing);
    return done;
  }

  async #go<T>(things: Iterable<T>, step: number, each: (thing: T) => void): Promise<true> {
    let until = this.#now() + SLICE_MS;
    let left = step;
    for (const thing of things) {
      each(thing);
      if (--left > 0) continue;
      left = step;
      if (this.#now() < until) continue;
      await setImmediate();
      until = this.#now() + SLICE_MS;
    }
    return true;
  }
}

const nothing = (): void => {};
