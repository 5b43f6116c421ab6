// How long things took, remembered for a minute: what is slow is often rare, and would be gone before it is read.
import type { Now, PeerLine, ServerLine, Times } from '../http/dashboard/messages.ts';
import { protocolName } from './protocols.ts';

const REMEMBERED_MS = 60_000;
/** Names come from a configuration, but not without end. */
const MOST = 2000;

export interface Timed {
  readonly key: string;
  /** What took the time: the auth service, all backends of a server, or one backend. */
  readonly what: 'auth' | 'backend' | 'login';
  readonly name: string;
  readonly times: Times;
  readonly atMs: number;
}

/** Servers of several protocols often share a name. */
export const serverKey = ({ name, protocol }: ServerLine): string => `${protocolName(protocol)} ${name}`;

/** Where there is no room for all of it, the group can be guessed. */
export const peerKey = ({ group, server }: PeerLine): string => `${server} ${group}`;

export class TimesMemory {
  readonly #known = new Map<string, Timed>();

  take({ atMs, servers, peers }: Now): void {
    for (const server of servers) {
      this.#note('auth', serverKey(server), server.auth, atMs);
      this.#note('backend', serverKey(server), server.backend, atMs);
    }
    for (const peer of peers) this.#note('login', peerKey(peer), peer.login, atMs);
    // Or the server's clock was set back.
    const isOld = (timed: Timed): boolean => Math.abs(atMs - timed.atMs) > REMEMBERED_MS;
    for (const [key, timed] of this.#known) if (isOld(timed)) this.#known.delete(key);
  }

  #note(what: Timed['what'], name: string, times: Times | undefined, atMs: number): void {
    const key = `${what} ${name}`;
    if (times === undefined || times.count === 0) return;
    if (this.#known.size < MOST || this.#known.has(key)) this.#known.set(key, { key, what, name, times, atMs });
  }

  get(what: Timed['what'], name: string): Timed | undefined {
    return this.#known.get(`${what} ${name}`);
  }

  /** The slowest first. */
  slowest(most: number): Timed[] {
    return [...this.#known.values()]
      .sort((one, other) => other.times.p99 - one.times.p99 || other.times.p50 - one.times.p50)
      .slice(0, most);
  }
}

/** The borders of an axis of powers of ten that everything is within. */
export function timesDomain(timed: readonly Timed[]): { readonly from: number; readonly to: number } {
  const least = Math.min(...timed.map(({ times }) => times.p50), 1);
  const greatest = Math.max(...timed.map(({ times }) => times.p99), 100);
  const power = (value: number): number => Math.log10(Math.max(value, 0.1));
  return { from: 10 ** Math.floor(power(least)), to: 10 ** Math.ceil(power(greatest) - 1e-9) };
}
