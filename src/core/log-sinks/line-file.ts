// Files that are opened for each line, by names that change; a line begins where the last one ended.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';
import { endsWithLine } from './line-end.ts';
import type { WriteFault } from './write-fault.ts';

/** A named pipe that nobody reads must not stop the worker. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;
const ENOSPC = 28;
const NEWLINE = Buffer.from('\n');
/** Names that are remembered for what went wrong; beyond, the oldest is forgotten. */
const MAX_TROUBLED = 1000;

export class LineFile {
  /** Files whose last line may be cut. */
  readonly #troubled = new Set<ByteString>();
  readonly #clock: () => number;
  /** The disk is full: nothing is written in this second; -1: it is not. */
  #skipped = -1;

  /** @param clock the time in whole seconds */
  constructor(clock = (): number => Math.floor(Date.now() / 1000)) {
    this.#clock = clock;
  }

  /** @returns why it could not be opened, or what is wrong with the line; undefined also where nothing was tried */
  append(path: ByteString, line: Buffer): SystemFault | WriteFault | undefined {
    if (this.#skipped === this.#clock()) return undefined;
    let fd: number;
    try {
      fd = openSync(Buffer.from(path, 'latin1'), APPEND, 0o644);
    } catch (error) {
      return { errno: systemError(error)?.errno ?? 0 };
    }
    const isCut = this.#troubled.delete(path) && endsWithLine(fd) === false;
    const fault = writeAll(fd, isCut ? Buffer.concat([NEWLINE, line]) : line);
    if (fault !== undefined) this.#note(path, fault);
    closeSync(fd);
    return fault;
  }

  #note(path: ByteString, { errno }: WriteFault): void {
    if (errno === ENOSPC) this.#skipped = this.#clock();
    this.#troubled.add(path);
    for (const oldest of this.#troubled) {
      if (this.#troubled.size <= MAX_TROUBLED) return;
      this.#troubled.delete(oldest);
    }
  }
}

function writeAll(fd: number, line: Buffer): WriteFault | undefined {
  const { length } = line;
  let written = 0;
  try {
    while (written < length) written += writeSync(fd, line, written);
    return undefined;
  } catch (error) {
    return { errno: systemError(error)?.errno ?? 0, written, length };
  }
}
