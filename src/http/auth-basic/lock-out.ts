// Who has sent wrong passwords from one address too often is not listened to for a while. Each process counts for itself.
import type { SocketAddress } from '../../core/address.ts';
import { unmapped } from '../../core/cidr.ts';

/** So many wrong ones in a row. */
export const MAX_FAILURES = 10;
export const LOCKED_MS = 60_000;
/** Addresses that are remembered; of more, those are forgotten that failed longest ago. */
export const MAX_ADDRESSES = 10_000;
/** Of IPv6: who has one address of a network has all of them. */
const IPV6_BYTES = 8;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
}

export class LockOut {
  /** The one that failed longest ago first. */
  readonly #failures = new Map<string, Failures>();

  /** Clients of a unix socket have no address, and are those that its mode lets in. */
  isLocked(client: SocketAddress, nowMs: number): boolean {
    const failures = client.kind === 'unix' ? undefined : this.#failures.get(keyOf(client));
    return failures !== undefined && failures.count >= MAX_FAILURES && nowMs - failures.lastMs < LOCKED_MS;
  }

  failed(client: SocketAddress, nowMs: number): void {
    const key = keyOf(client);
    const before = this.#failures.get(key);
    const count = before === undefined || nowMs - before.lastMs >= LOCKED_MS ? 1 : before.count + 1;
    this.#failures.delete(key);
    this.#failures.set(key, { count, lastMs: nowMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
  }

  passed(client: SocketAddress): void {
    this.#failures.delete(keyOf(client));
  }
}

function keyOf(client: SocketAddress): string {
  if (client.kind === 'unix') return 'unix:';
  const bytes = unmapped(client.bytes);
  return Buffer.from(bytes.length === 16 ? bytes.subarray(0, IPV6_BYTES) : bytes).toString('hex');
}
