// Who has sent wrong passwords from one address too often is not listened to for a while.
import type { SocketAddress } from '../core/address.ts';
import { unmapped } from '../core/cidr.ts';

/** So many wrong ones in a row. */
export const MAX_FAILURES = 10;
export const LOCKED_MS = 60_000;
/** Addresses that are remembered; of more, those are forgotten that failed longest ago. */
export const MAX_ADDRESSES = 10_000;
/** Tries that wait for others to end; beyond, they are not listened to. */
export const MAX_WAITING = 1000;
/** Of IPv6: who has one address of a network has all of them. */
const IPV6_BYTES = 8;

/** What has come of a try; `dropped`: nobody knows whether the password was right. */
export type TryEnd = 'passed' | 'failed' | 'dropped';

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

interface Waiting<H> {
  readonly holder: H;
  readonly decided: (isLocked: boolean) => void;
}

/** Tries of one address that have not ended. */
interface Tries<H> {
  running: H[];
  waiting: Waiting<H>[];
}

/** @typeParam H who tries: a process, which may go in the middle of it */
export class LockOutTable<H> {
  /** The one that failed longest ago first. */
  readonly #failures = new Map<string, Failures>();
  readonly #tries = new Map<string, Tries<H>>();
  #waiting = 0;

  /**
   * Several at a time are no way round: not more are under way than may fail.
   * @param decided called once, perhaps later
   */
  begin(address: string, holder: H, nowMs: number, decided: (isLocked: boolean) => void): void {
    const tries = this.#tries.get(address) ?? { running: [], waiting: [] };
    if (this.#isLocked(address, nowMs)) decided(true);
    else if (this.#mayRun(address, tries, nowMs)) {
      tries.running.push(holder);
      this.#tries.set(address, tries);
      decided(false);
    } else if (this.#waiting >= MAX_WAITING) decided(true);
    else {
      tries.waiting.push({ holder, decided });
      this.#waiting++;
    }
  }

  end(address: string, holder: H, how: TryEnd, nowMs: number): void {
    const tries = this.#tries.get(address);
    const at = tries?.running.indexOf(holder) ?? -1;
    if (tries === undefined || at < 0) return;
    tries.running.splice(at, 1);
    if (how === 'passed') this.#failures.delete(address);
    else if (how === 'failed') this.#failed(address, nowMs);
    this.#goOn(address, tries, nowMs);
  }

  /** What it was trying comes to nothing. */
  leave(holder: H, nowMs: number): void {
    for (const [address, tries] of [...this.#tries]) {
      tries.running = tries.running.filter((one) => one !== holder);
      const left = tries.waiting.filter((one) => one.holder !== holder);
      this.#waiting -= tries.waiting.length - left.length;
      tries.waiting = left;
      this.#goOn(address, tries, nowMs);
    }
  }

  #isLocked(address: string, nowMs: number): boolean {
    return this.#count(address, nowMs) >= MAX_FAILURES;
  }

  #mayRun(address: string, { running }: Tries<H>, nowMs: number): boolean {
    return this.#count(address, nowMs) + running.length < MAX_FAILURES;
  }

  #count(address: string, nowMs: number): number {
    const failures = this.#failures.get(address);
    return failures === undefined || nowMs - failures.lastMs >= LOCKED_MS ? 0 : failures.count;
  }

  #failed(address: string, nowMs: number): void {
    const count = this.#count(address, nowMs) + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count, lastMs: nowMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
  }

  #goOn(address: string, tries: Tries<H>, nowMs: number): void {
    for (let next = tries.waiting[0]; next !== undefined; next = tries.waiting[0]) {
      const isLocked = this.#isLocked(address, nowMs);
      if (!isLocked && !this.#mayRun(address, tries, nowMs)) break;
      tries.waiting.shift();
      this.#waiting--;
      if (!isLocked) tries.running.push(next.holder);
      next.decided(isLocked);
    }
    if (tries.running.length === 0 && tries.waiting.length === 0) this.#tries.delete(address);
  }
}

/** @returns undefined: clients of a unix socket have no address, and are those that its mode lets in */
export function lockOutKey(client: SocketAddress): string | undefined {
  if (client.kind === 'unix') return undefined;
  const bytes = unmapped(client.bytes);
  return Buffer.from(bytes.length === 16 ? bytes.subarray(0, IPV6_BYTES) : bytes).toString('hex');
}
