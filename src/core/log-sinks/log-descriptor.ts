// Opens what a log is written to: a file in append mode, or the standard error (logging, "DEST" of error_log).
import { closeSync, constants, fstatSync, openSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';

/** The descriptors of the standard output and of the standard error. */
export const STDOUT = 1;
export const STDERR = 2;

const ENXIO = 6;
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
    fd = openAtOnce(target);
  } catch (error) {
    const own = ownDescriptor(target);
    return own === undefined ? { errno: systemError(error)?.errno ?? EINVAL } : (withoutBlocking(own) ?? own);
  }
  return fd;
}

/**
 * A pipe that nobody reads must not stop the process in open(2), which it would for as long as there is no reader: it
 * takes what it has room for, and the next reader gets that. @throws Error of the system
 */
function openAtOnce(target: ByteString): number {
  // The path as bytes: it need not be UTF-8, and pino would take a name of digits for a descriptor.
  const path = Buffer.from(target, 'latin1');
  const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK, 0o644);
  } catch (error) {
    if (systemError(error)?.errno !== ENXIO || !statSync(path).isFIFO()) throw error;
    return openSync(path, O_RDWR | O_APPEND | O_NOCTTY | O_NONBLOCK);
  }
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
