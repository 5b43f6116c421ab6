// How a server that checks passwords hears who is locked out, of all processes or of its own alone.
import type { SocketAddress } from '../core/address.ts';
import { LockOutTable, lockOutKey, type TryEnd } from './lock-out-table.ts';

/** To be told what has come of a try, once. */
export type EndTry = (how: TryEnd) => void;

export interface LockOut {
  /** @returns undefined: the client is locked out. The answer comes in bounded time. */
  begin(client: SocketAddress): Promise<EndTry | undefined>;
}

/** For clients that are never locked out. */
export const NOT_COUNTED: EndTry = () => {};

/** Of a process that is alone. */
export class SoleLockOut implements LockOut {
  readonly #table = new LockOutTable<undefined>();

  begin(client: SocketAddress): Promise<EndTry | undefined> {
    const key = lockOutKey(client);
    if (key === undefined) return Promise.resolve(NOT_COUNTED);
    return new Promise((resolve) => {
      const end: EndTry = (how) => this.#table.end(key, undefined, how, performance.now());
      this.#table.begin(key, undefined, performance.now(), (isLocked) => resolve(isLocked ? undefined : end));
    });
  }
}
