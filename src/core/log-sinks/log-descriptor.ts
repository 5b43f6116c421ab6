// Opens what a log is written to: a file in append mode, or the standard error (logging, "DEST" of error_log).
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../errno.ts';

/** The descriptor of the standard error. */
export const STDERR = 2;

const EINVAL = 22;

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
    return { errno: systemError(error)?.errno ?? EINVAL };
  }
  const free = withoutBlocking(fd);
  if (free === undefined) return fd;
  closeLog(fd);
  return free;
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
