// The master's part in locking out who sends wrong passwords: counts for all workers, across reloads.
import { LockOutTable } from '../../control/lock-out-table.ts';
import type { LockOutMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface PasswordChecker {
  tell(message: ToWorker): void;
}

export class LockOutKeeper {
  readonly #table = new LockOutTable<PasswordChecker>();
  /** Their last words may be read after their end was seen. */
  readonly #gone = new WeakSet<PasswordChecker>();

  receive(from: PasswordChecker, message: LockOutMessage): void {
    if (this.#gone.has(from)) return;
    const { address } = message;
    if (message.kind === 'end-try') this.#table.end(address, from, message.how, performance.now());
    else {
      const { ask } = message;
      this.#table.begin(address, from, performance.now(), (isLocked) => from.tell({ kind: 'try', ask, isLocked }));
    }
  }

  leave(checker: PasswordChecker): void {
    this.#gone.add(checker);
    this.#table.leave(checker, performance.now());
  }
}
