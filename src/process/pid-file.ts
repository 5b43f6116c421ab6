// The pid file: how scripts and `-s` find the running process.
import { accessSync, closeSync, constants, existsSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';
import { Level } from '../core/log.ts';

const bytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');
/** So much of a file is read, as by nginx; a number has at most 20 digits. */
const MAX_BYTES = 22;

/** The pid file of a running process. All faults are nginx's messages. */
export class PidFile {
  #path: ByteString;
  #isWritten = false;

  constructor(path: ByteString) {
    this.#path = path;
  }

  get path(): ByteString {
    return this.#path;
  }

  write(): ByteString | undefined {
    const fault = writePidFile(this.#path);
    this.#isWritten = fault === undefined;
    return fault;
  }

  /** To where another configuration wants it. With a fault it stays where it is. */
  move(path: ByteString): ByteString | undefined {
    if (path === this.#path) return undefined;
    if (this.#isWritten) {
      const fault = writePidFile(path);
      if (fault !== undefined) return fault;
      this.remove();
    }
    this.#path = path;
    return undefined;
  }

  /** @param path where it is now, if somebody has moved it */
  remove(path = this.#path): ByteString | undefined {
    if (!this.#isWritten) return undefined;
    // A successor may have written its own by now.
    const found = readPidFile(path);
    if ('pid' in found && found.pid !== process.pid) return undefined;
    return attempt(`unlink() "${path}"`, () => unlinkSync(bytes(path)));
  }
}

function writePidFile(path: ByteString): ByteString | undefined {
  return attempt(`open() "${path}"`, () => writeFileSync(bytes(path), `${process.pid}\n`, { mode: 0o644 }));
}

/** `-t`: the file can be written. It is made if it is not there, and left as it is otherwise. */
export function probePidFile(path: ByteString): ByteString | undefined {
  return attempt(`open() "${path}"`, () => closeSync(openSync(bytes(path), 'a', 0o644)));
}

/** Whether it could be written, for those who do it later: who sees the file may connect. */
export function checkPidFile(path: ByteString): ByteString | undefined {
  return attempt(`open() "${path}"`, () => {
    accessSync(bytes(existsSync(bytes(path)) ? path : dirname(path)), constants.W_OK);
  });
}

/** The pid of the running master, or nginx's message. */
export function readPidFile(
  path: ByteString,
): { readonly pid: number } | { readonly level: Level; readonly fault: ByteString } {
  let file = -1;
  const closed = attempt(`open() "${path}"`, () => {
    file = openSync(bytes(path), 'r');
  });
  if (closed !== undefined) return { level: Level.error, fault: closed };
  const buffer = Buffer.alloc(MAX_BYTES);
  let length = 0;
  const unreadable = attempt(`pread() "${path}"`, () => {
    length = readSync(file, buffer, 0, MAX_BYTES, 0);
  });
  closeSync(file);
  if (unreadable !== undefined) return { level: Level.crit, fault: unreadable };
  const number = buffer.toString('latin1', 0, length).replace(/[\r\n]+$/, '');
  if (!/^\d{1,9}$/.test(number) || Number(number) === 0) {
    return { level: Level.error, fault: `invalid PID number "${number}" in "${path}"` };
  }
  return { pid: Number(number) };
}

function attempt(call: ByteString, run: () => void): ByteString | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return `${call} failed${errnoSuffix(systemError(error)?.errno ?? 0)}`;
  }
}
