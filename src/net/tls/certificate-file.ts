// Reads a certificate or key while clients wait for it: at once, and no more than such a file may have.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { errnoText, systemError } from '../../core/errno.ts';

const MAX_BYTES = 1024 * 1024;
const ENOENT = 2;
const EFBIG = 27;
const EISDIR = 21;

/** What is no plain file has nothing: nobody waits for the other end of a pipe. */
export function readCertificateFile(path: ByteString): Buffer | SystemFault {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { errno: EISDIR, text: errnoText(EISDIR) };
    if (stat.size > MAX_BYTES) return { errno: EFBIG, text: errnoText(EFBIG) };
    const content = Buffer.alloc(stat.size);
    return content.subarray(0, readSync(descriptor, content));
  } catch (error) {
    const errno = systemError(error)?.errno ?? ENOENT;
    return { errno, text: errnoText(errno) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
