// Opens what a log is written to: a file in append mode, or the standard error (logging, "DEST" of error_log).
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';

/** The descriptors of the standard output and of the standard error. */
export const STDOUT = 1;
export const STDERR = 2;

const EINVAL = 22;
const OWN = /^\/(?:dev\/(?=std)|(?:dev|proc\/self)\/fd\/(?=[12]))(stdout|stderr|[12])$/;
const MAX_LINKS = 8;

/**
 * Opens a log in append mode, made with mode 0644 where it is missing, or the standard error.
 * The caller closes the descriptor, unless it is STDERR itself.
 */
export function openLog(target: ByteString | typeof STDERR): number | SystemFault {
  if (target === STDERR) return withoutBlocking(STDERR) ?? STDERR;
  let fd: number;
  try {
    // The path as bytes: it need not be UTF-8, and pino would take a name of digits for a descriptor.
    fd = openSync(Buffer.from(target, 'latin1'), 'a', 0o644);
  } catch (error) {
    const own = ownDescriptor(target);
    return own === undefined ? { errno: systemError(error)?.errno ?? EINVAL } : (withoutBlocking(own) ?? own);
  }
  const free = withoutBlocking(fd);
  if (free === undefined) return fd;
  closeLog(fd);
  return free;
}

/**
 * The descriptor that a name like /dev/stderr stands for, also by links, as images of containers have them. It may be
 * a socket, which cannot be opened by its name, or another user's once root is given up.
 * @returns undefined for other names
 */
export function ownDescriptor(target: ByteString | typeof STDERR): typeof STDOUT | typeof STDERR | undefined {
  if (target === STDERR) return STDERR;
  let path = Buffer.from(target, 'latin1').toString();
  for (let links = 0; links < MAX_LINKS; links++) {
    const [, name] = OWN.exec(path) ?? [];
    if (name !== undefined) return name === 'stdout' || name === '1' ? STDOUT : STDERR;
    try {
      path = resolve(dirname(path), readlinkSync(path));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Closes what `openLog` opened; errors are ignored, nothing could be done about them. */
export function closeLog(fd: number): void {
  if (fd <= STDERR) return;
  try {
    closeSync(fd);
  } catch {}
}

/**
 * A second, non-blocking descriptor of a pipe or terminal: a reader that stopped must not stop the process in
 * write(2). The flag cannot be set on the descriptor itself, as other processes share it.
 * @returns undefined for anything else: files do not block, and a socket (the journal's) cannot be opened twice.
 */
function withoutBlocking(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFIFO() && !stat.isCharacterDevice()) return undefined;
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
    return openSync(`/proc/self/fd/${fd}`, flags);
  } catch {
    return undefined;
  }
}
