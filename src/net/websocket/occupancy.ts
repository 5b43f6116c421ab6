// How many WebSockets each client address has with this process, and how fast it asks for more.
import type { ByteString } from '../../conf/directive.ts';
import { parseIp } from '../../core/ip.ts';

/** So many at once, and then one each time that so long has passed. */
export interface HandshakeRate {
  readonly count: number;
  readonly intervalMs: number;
}

export interface OccupancyLimits {
  /** WebSockets at a time; 0: any number. */
  readonly maxConnections: number;
  /** undefined: as fast as it likes. */
  readonly rate: HandshakeRate | undefined;
}

/** `many`: it has as many as it may have. `fast`: it has asked too often. */
export type Entrance = 'entered' | 'many' | 'fast';

/** For the log. */
export const CROWDED: Readonly<Record<Exclude<Entrance, 'entered'>, ByteString>> = {
  many: 'client has too many WebSockets',
  fast: 'client asks for WebSockets too fast',
};

/** Addresses whose rate is kept; of more, those that have asked longest ago are forgotten. */
const MAX_REMEMBERED = 10_000;
/** Of an IPv6 address: the network, within which a client can have any. */
const NETWORK_BYTES = 8;
/** IPv4 in IPv6. */
const MAPPED = '::ffff:';

export class Occupancy {
  readonly #counts = new Map<ByteString, number>();
  /** When the next handshake of an address would be in time for its rate, in milliseconds. */
  readonly #due = new Map<ByteString, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param address of the client; where it has entered, `leave` follows with the same one */
  enter(address: string, { maxConnections, rate }: OccupancyLimits): Entrance {
    const key = keyOf(address);
    const count = this.#counts.get(key) ?? 0;
    if (maxConnections > 0 && count >= maxConnections) return 'many';
    if (rate !== undefined && !this.#isInTime(key, rate)) return 'fast';
    this.#counts.set(key, count + 1);
    return 'entered';
  }

  leave(address: string): void {
    const key = keyOf(address);
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
  }

  #isInTime(key: ByteString, { count, intervalMs }: HandshakeRate): boolean {
    const now = this.#now();
    const due = Math.max(this.#due.get(key) ?? 0, now);
    if (due > now + intervalMs * (count - 1)) return false;
    this.#due.delete(key); // so that the order is that of their handshakes
    this.#due.set(key, due + intervalMs);
    const [oldest] = this.#due.keys();
    if (this.#due.size > MAX_REMEMBERED && oldest !== undefined) this.#due.delete(oldest);
    return true;
  }
}

function keyOf(address: string): ByteString {
  if (!address.includes(':') || address.startsWith(MAPPED)) return address;
  const bytes = parseIp(address);
  return bytes?.length === 16 ? Buffer.from(bytes.subarray(0, NETWORK_BYTES)).toString('hex') : address;
}
