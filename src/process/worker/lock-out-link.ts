// A worker's part in locking out who sends wrong passwords: asks its master, who counts for all workers.
import { type EndTry, type LockOut, NOT_COUNTED, SoleLockOut } from '../../control/lock-out.ts';
import { lockOutKey, type TryEnd } from '../../control/lock-out-table.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { LockOutAnswer } from '../messages.ts';
import type { Tell } from './session-link.ts';

/** Others from the same address may have to end first. Who waits longer is not listened to. */
export const ANSWER_MS = 10_000;

interface Ask {
  readonly address: string;
  readonly client: SocketAddress;
  readonly timer: NodeJS.Timeout;
  readonly decided: (end: EndTry | undefined) => void;
}

export class LockOutLink implements LockOut {
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  /** Those that nobody waits for any more, by their addresses. */
  readonly #late = new Map<number, string>();
  #lastAsk = 0;
  /** When there is no master. */
  #alone: SoleLockOut | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  begin(client: SocketAddress): Promise<EndTry | undefined> {
    if (this.#alone !== undefined) return this.#alone.begin(client);
    const address = lockOutKey(client);
    if (address === undefined) return Promise.resolve(NOT_COUNTED);
    const ask = ++this.#lastAsk;
    return new Promise((decided) => {
      this.#asks.set(ask, { address, client, timer: setTimeout(() => this.#giveUp(ask), ANSWER_MS), decided });
      this.#tell({ kind: 'begin-try', address, ask }, () => {});
    });
  }

  receive({ ask, isLocked }: LockOutAnswer): void {
    const late = this.#late.get(ask);
    this.#late.delete(ask);
    if (late !== undefined && !isLocked) this.#end(late, 'dropped');
    const asked = this.#take(ask);
    asked?.decided(isLocked ? undefined : (how) => this.#end(asked.address, how));
  }

  /** The master is gone: what others have counted is no longer known. */
  lost(): void {
    const alone = new SoleLockOut();
    this.#alone = alone;
    this.#late.clear();
    for (const ask of [...this.#asks.keys()]) {
      const asked = this.#take(ask);
      if (asked !== undefined) void alone.begin(asked.client).then(asked.decided);
    }
  }

  #end(address: string, how: TryEnd): void {
    this.#tell({ kind: 'end-try', address, how }, () => {});
  }

  #giveUp(ask: number): void {
    const asked = this.#take(ask);
    if (asked === undefined) return;
    this.#late.set(ask, asked.address);
    asked.decided(undefined);
  }

  #take(ask: number): Ask | undefined {
    const asked = this.#asks.get(ask);
    this.#asks.delete(ask);
    clearTimeout(asked?.timer);
    return asked;
  }
}
