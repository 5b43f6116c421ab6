// The file conditions of if: -f, -d, -e and -x.
import { constants, type Stats, statSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { HttpRequest } from '../request/request.ts';

export type FileTest = (stats: Stats) => boolean;

const FILE_TESTS: ReadonlyMap<ByteString, FileTest> = new Map([
  ['-f', (stats) => stats.isFile()],
  ['-d', (stats) => stats.isDirectory()],
  // Devices, sockets and pipes do not count.
  ['-e', (stats) => stats.isFile() || stats.isDirectory()],
  ['-x', (stats) => (stats.mode & constants.S_IXUSR) !== 0],
]);

/** @param operator such as `-f` */
export const fileTest = (operator: ByteString): FileTest | undefined => FILE_TESTS.get(operator);

/** What says that there is no such file, and is no failure. */
const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

/** Of the file itself, where the name is that of a link to it. A file that cannot be looked at counts as absent. */
export function testFile(request: HttpRequest, test: FileTest, path: ByteString): boolean {
  if (path.includes('\0')) return false;
  try {
    return test(statSync(Buffer.from(path, 'latin1')));
  } catch (error) {
    const fault = systemError(error);
    if (fault === undefined) throw error;
    if (!ABSENT.includes(fault.code)) {
      request.log.write(Level.crit, `stat() "${path}" failed${errnoSuffix(fault.errno)}`, request);
    }
    return false;
  }
}
