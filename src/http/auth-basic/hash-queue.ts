// Computes hashes a little at a time, so that a slow one holds up neither the other ones nor anything else.
import type { ByteString } from '../../conf/directive.ts';
import type { Hashing } from './crypt/hashing.ts';

/** So many take turns; others wait for one of them to end. */
const AT_ONCE = 4;
/** Milliseconds, after which everything else has its turn. */
const TURN_MS = 2;

interface Job {
  readonly hashing: Hashing;
  /** Somebody still waits for it. */
  readonly isWanted: () => boolean;
  readonly done: (hash: ByteString | undefined) => void;
  readonly failed: (error: unknown) => void;
}

export class HashQueue {
  readonly #running: Job[] = [];
  readonly #waiting: Job[] = [];
  #isScheduled = false;

  /** @returns undefined: nobody wants it any more */
  run(hashing: Hashing, isWanted: () => boolean): Promise<ByteString | undefined> {
    return new Promise((done, failed) => {
      const job = { hashing, isWanted, done, failed };
      if (this.#running.length < AT_ONCE) this.#running.push(job);
      else this.#waiting.push(job);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    const job = this.#running.shift();
    if (job === undefined) return;
    if (this.#advance(job)) this.#running.push(job);
    else this.#admit();
    if (this.#running.length > 0) this.#schedule();
  };

  /** @returns false: it has ended */
  #advance({ hashing, isWanted, done, failed }: Job): boolean {
    if (!isWanted()) {
      hashing.return('');
      done(undefined);
      return false;
    }
    const endMs = performance.now() + TURN_MS;
    try {
      while (performance.now() < endMs) {
        const { done: isDone, value } = hashing.next();
        if (!isDone) continue;
        done(value);
        return false;
      }
    } catch (error) {
      failed(error);
      return false;
    }
    return true;
  }

  #admit(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#running.push(next);
  }
}
