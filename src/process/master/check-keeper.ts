// The master's part in checks of upstream peers: of the workers that could check those of a zone, one has to.
import type { ByteString } from '../../conf/directive.ts';
import type { ChecksMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface Checker {
  tell(message: ToWorker): void;
}

export class CheckKeeper {
  /** Who has offered first checks; the others wait. */
  readonly #zones = new Map<ByteString, Set<Checker>>();
  /** Their last words may be read after their end was seen. */
  readonly #gone = new WeakSet<Checker>();

  receive(from: Checker, { kind, zone }: ChecksMessage): void {
    if (this.#gone.has(from)) return;
    if (kind === 'withdraw-checks') {
      this.#drop(zone, from);
      return;
    }
    const checkers = this.#zones.get(zone) ?? new Set();
    this.#zones.set(zone, checkers.add(from));
    if (checkers.size === 1) from.tell({ kind: 'check-peers', zone });
  }

  leave(checker: Checker): void {
    this.#gone.add(checker);
    for (const zone of [...this.#zones.keys()]) this.#drop(zone, checker);
  }

  #drop(zone: ByteString, checker: Checker): void {
    const checkers = this.#zones.get(zone);
    if (checkers === undefined) return;
    const [first] = checkers;
    checkers.delete(checker);
    const [next] = checkers;
    if (next === undefined) this.#zones.delete(zone);
    else if (next !== first) next.tell({ kind: 'check-peers', zone });
  }
}
