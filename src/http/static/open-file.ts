// Opens files for static answers, and says as nginx does why one cannot be opened.
import { close, constants, fstat, open, type Stats, stat } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { errnoNumber, errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { HttpRequest } from '../request/request.ts';

export interface OpenedFile {
  /** The caller closes it. */
  readonly fd: number;
  readonly stats: Stats;
}

export interface OpenFault {
  readonly call: 'open()' | 'stat()' | 'fstat()';
  readonly errno: number;
}

const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;
const ENAMETOOLONG = 36;
const ELOOP = 40;

/** There is no such file. */
export const isMissing = (errno: number): boolean => [ENOENT, ENOTDIR, ENAMETOOLONG].includes(errno);
export const isForbidden = (errno: number): boolean => [EACCES, ELOOP].includes(errno);

/** A pipe is not waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

export const closeFile = (fd: number): void => close(fd, () => {});

export function openFile(path: ByteString): Promise<OpenedFile | OpenFault> {
  return new Promise((resolve) => {
    const name = nameOf(path);
    if (name === undefined) {
      resolve({ call: 'open()', errno: ENOENT });
      return;
    }
    open(name, FLAGS, (error, fd) => {
      if (error !== null) {
        resolve({ call: 'open()', errno: errnoOf(error) });
        return;
      }
      fstat(fd, (failed, stats) => {
        if (failed === null) {
          resolve({ fd, stats });
          return;
        }
        closeFile(fd);
        resolve({ call: 'fstat()', errno: errnoOf(failed) });
      });
    });
  });
}

export function statFile(path: ByteString): Promise<Stats | OpenFault> {
  return new Promise((resolve) => {
    const name = nameOf(path);
    if (name === undefined) {
      resolve({ call: 'stat()', errno: ENOENT });
      return;
    }
    stat(name, (error, stats) => resolve(error === null ? stats : { call: 'stat()', errno: errnoOf(error) }));
  });
}

/** Logs why a file cannot be served. @returns the status of the answer */
export function openFailure(request: HttpRequest, path: ByteString, fault: OpenFault, logsMissing: boolean): number {
  const { call, errno } = fault;
  const missing = isMissing(errno);
  const expected = missing || isForbidden(errno);
  if (!missing || logsMissing) {
    const level = expected ? Level.error : Level.crit;
    request.log.write(level, `${call} "${path}" failed${errnoSuffix(errno)}`, request);
  }
  return missing ? 404 : expected ? 403 : 500;
}

/** A NUL ends no name here: there is no such file. */
const nameOf = (path: ByteString): Buffer | undefined =>
  path.includes('\0') ? undefined : Buffer.from(path, 'latin1');

function errnoOf(error: unknown): number {
  return systemError(error)?.errno ?? errnoNumber('EIO') ?? 5;
}
