// Loopback addresses and ports for tests that run side by side.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A loopback address that only this process uses, made of its pid, so that a free port found on it stays free.
 * Each `lane` 0..1 is another address; all have the same length. Elsewhere than on Linux only 127.0.0.1 answers.
 */
export function ownAddress(lane: 0 | 1 = 0): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  const pid = process.pid;
  const pad = (n: number): number => 100 + n; // three digits each: texts keep their length from run to run
  return `127.${pad(((pid >> 14) & 0x3f) + lane * 64)}.${pad((pid >> 7) & 0x7f)}.${pad(pid & 0x7f)}`;
}

/** Binds a port, 0 for any, and lets it go again. @returns the port, or undefined where it is taken. */
function probe(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
    });
  });
}

// Ports that Linux gives to nobody who has not asked for them: outgoing connections have theirs above. Who listens on
// every address would be in the way of those with one of their own, so these have other ports.
const OWN = { lowest: 12_000, highest: 24_999 };
const SHARED = { lowest: 25_000, highest: 32_767 };

// What this process has given away. A port is noted before it is tried: the try would be in its owner's way.
const given = new Set<number>();

/**
 * A port that is free on every one of the hosts. It is given once in a process, so that tests side by side, and
 * listeners that are opened later, never get the same one.
 */
export async function freePort(...hosts: readonly string[]): Promise<number> {
  const own = hosts.every((host) => host === ownAddress(0) || host === ownAddress(1));
  const { lowest, highest } = own ? OWN : SHARED;
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = randomInt(lowest, highest + 1);
    if (given.has(port)) continue;
    given.add(port);
    const found = await Promise.all(hosts.map((host) => probe(host, port)));
    if (found.every((p) => p === port)) return port;
  }
  throw new Error(`no port is free on ${hosts.join(' and ')}`);
}

/** Whether this machine can listen on ::1. */
export async function hasIpv6(): Promise<boolean> {
  return probe('::1', 0).then(
    (port) => port !== undefined,
    () => false,
  );
}
