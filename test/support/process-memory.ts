// The memory of another process, for what must not be in it any more (Linux, and only where the system lets us).
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const WRITABLE = /^([0-9a-f]+)-([0-9a-f]+) rw/;
const PIECE = 1 << 24;

/** @returns what stands around each place where the bytes are; undefined: it may not be looked at */
export function findInMemory(pid: number, bytes: Buffer): readonly string[] | undefined {
  let fd: number;
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
    fd = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return undefined;
  }
  const found: string[] = [];
  const piece = Buffer.alloc(PIECE + bytes.length);
  for (const line of maps.split('\n')) {
    const [, from = '', to = ''] = WRITABLE.exec(line) ?? [];
    if (from === '') continue;
    const end = Number.parseInt(to, 16);
    for (let at = Number.parseInt(from, 16); at < end; at += PIECE) {
      const part = read(fd, piece.subarray(0, Math.min(piece.length, end - at)), at);
      for (let i = part.indexOf(bytes); i >= 0 && i < PIECE; i = part.indexOf(bytes, i + 1)) {
        found.push(part.toString('latin1', Math.max(0, i - 40), i + bytes.length + 40));
      }
    }
  }
  closeSync(fd);
  return found;
}

/** Some places cannot be read. */
function read(fd: number, into: Buffer, at: number): Buffer {
  try {
    return into.subarray(0, readSync(fd, into, 0, into.length, at));
  } catch {
    return into.subarray(0, 0);
  }
}
