// Whether what a log holds ends with a line: after a disk was full it may not.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;

/** @returns undefined where it cannot be told: a pipe, or a file that we may not read */
export function endsWithLine(fd: number): boolean | undefined {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    return stat.size === 0 || lastByte(fd, stat.size) === NEWLINE;
  } catch {
    return undefined;
  }
}

/** Logs are opened for writing only. */
function lastByte(fd: number, size: number): number | undefined {
  const reader = openSync(`/proc/self/fd/${fd}`, 'r');
  try {
    const byte = Buffer.alloc(1);
    readSync(reader, byte, 0, 1, size - 1);
    return byte[0];
  } finally {
    closeSync(reader);
  }
}
