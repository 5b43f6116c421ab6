// What one caller waits for: it moves from a name to its CNAME, and ends once, by an outcome, its deadline or its signal.
import { failure, type Outcome, ResolveCode } from './result.ts';
import { nameTarget, type Target } from './target.ts';

/** setTimeout fires at once for anything larger; 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const MAX_ALIASES = 50;

type Detach = (lookup: Lookup, outcome: Outcome) => void;

export class Lookup {
  /** What is asked for at present. */
  target: Target;
  /** CNAMEs followed so far. */
  aliases = 0;
  readonly outcome: Promise<Outcome>;
  #end: ((outcome: Outcome) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #detach: Detach;
  readonly #abort = (): void => this.settle(failure(ResolveCode.canceled));

  /**
   * @param timeoutMs 0: no deadline
   * @param detach called at the end, however it comes
   */
  constructor(target: Target, timeoutMs: number, signal: AbortSignal | undefined, detach: Detach) {
    this.target = target;
    this.#signal = signal;
    this.#detach = detach;
    this.outcome = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (timeoutMs > 0) {
      const expire = (): void => this.settle(failure(ResolveCode.timedOut));
      this.#timer = setTimeout(expire, Math.min(timeoutMs, MAX_TIMER_MS));
    }
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted === true) this.#abort();
  }

  get settled(): boolean {
    return this.#end === undefined;
  }

  /** The first call counts. */
  settle(outcome: Outcome): void {
    const end = this.#end;
    if (end === undefined) return;
    this.#end = undefined;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#detach(this, outcome);
    end(outcome);
  }
}

/** Ends the lookup, or points it at the CNAME. */
export function follow(lookup: Lookup, outcome: Outcome): void {
  if (outcome.kind !== 'alias') {
    lookup.settle(outcome);
    return;
  }
  const target = nameTarget(outcome.alias);
  if (target === undefined || lookup.aliases === MAX_ALIASES) {
    lookup.settle(failure(ResolveCode.hostNotFound));
    return;
  }
  lookup.aliases++;
  lookup.target = target;
}
