// How many files a process may have open, and how many it has: Node.js has no calls for it, Linux has /proc.
import { readdirSync, readFileSync } from 'node:fs';

export interface OpenFilesLimit {
  /** Infinity: unlimited. */
  readonly soft: number;
  readonly hard: number;
}

const number = (text: string | undefined): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text));

/** undefined where the system does not tell. */
export function openFilesLimit(): OpenFilesLimit | undefined {
  try {
    const limits = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return limits === null ? undefined : { soft: number(limits[1]), hard: number(limits[2]) };
  } catch {
    return undefined;
  }
}

/** How many more could be opened now; Infinity where the system does not tell. */
export function spareDescriptors(): number {
  const limit = openFilesLimit();
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  try {
    return limit.soft - readdirSync('/proc/self/fd').length;
  } catch {
    return 0; // not even that one
  }
}

/**
 * The warning of nginx where worker_connections are more than files could be open.
 * @param rlimitNofile worker_rlimit_nofile, which holds instead of a lower limit of the process
 */
export function exceededOpenFiles(
  workerConnections: number,
  rlimitNofile: number | undefined,
  { soft } = openFilesLimit() ?? UNKNOWN,
): string | undefined {
  const limit = rlimitNofile ?? soft;
  if (workerConnections <= Math.max(soft, limit)) return undefined;
  return `${workerConnections} worker_connections exceed open file resource limit: ${limit}`;
}

const UNKNOWN: OpenFilesLimit = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };
