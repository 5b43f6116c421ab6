// Reads the file of users at each request, a piece at a time: a file that is replaced meanwhile is read to its old end.
import { read } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { errnoNumber, systemError } from '../../core/errno.ts';
import { closeFile, openFile } from '../static/open-file.ts';
import { UserScanner } from './user-scanner.ts';

export interface FileFault {
  readonly call: 'open()' | 'fstat()' | 'stat()' | 'pread()';
  readonly errno: number;
}

const PIECE = 16_384;
/** Bytes. What is larger is no file of users: a device may have no end. */
const MAX_FILE = 64 * 2 ** 20;

/** @returns the user's hash; undefined: there is no such user */
export async function findUser(path: ByteString, user: Buffer): Promise<Buffer | undefined | FileFault> {
  const opened = await openFile(path);
  if (!('fd' in opened)) return opened;
  try {
    return await scan(opened.fd, user);
  } finally {
    closeFile(opened.fd);
  }
}

async function scan(fd: number, user: Buffer): Promise<Buffer | undefined | FileFault> {
  const scanner = new UserScanner(user);
  const piece = Buffer.alloc(PIECE);
  for (let total = 0; total <= MAX_FILE; ) {
    const length = await readPiece(fd, piece);
    if (typeof length !== 'number') return length;
    const found = length === 0 ? scanner.end() : scanner.feed(piece.subarray(0, length));
    piece.fill(0, 0, length);
    if (found !== undefined || length === 0) return found;
    total += length;
  }
  return { call: 'pread()', errno: errnoNumber('EFBIG') ?? 27 };
}

function readPiece(fd: number, piece: Buffer): Promise<number | FileFault> {
  return new Promise((resolve) => {
    read(fd, piece, 0, piece.length, null, (error, length) => {
      if (error === null) resolve(length);
      else resolve({ call: 'pread()', errno: systemError(error)?.errno ?? errnoNumber('EIO') ?? 5 });
    });
  });
}
