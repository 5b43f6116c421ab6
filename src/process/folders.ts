// Folders for temporary files, made before anything is served: workers may not be allowed to.
import { chmodSync, chownSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';

const OWN_FOLDER = 0o700;
const EIO = 5;

/**
 * @param usual a folder that a package would bring: what it is in is made as well
 * @param uid of the workers; undefined: that of this process
 * @returns what is wrong, in nginx's words
 */
export function makeFolders(
  paths: readonly ByteString[],
  usual: ByteString,
  uid: number | undefined,
): ByteString | undefined {
  for (const path of paths) {
    if (path === usual) attempt('mkdir', path, () => mkdirSync(dirname(path), { recursive: true }));
    const fault = makeFolder(path, uid);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function makeFolder(path: ByteString, uid: number | undefined): ByteString | undefined {
  const name = Buffer.from(path, 'latin1');
  const made = attempt('mkdir', path, () => mkdirSync(name, OWN_FOLDER), 'EEXIST');
  if (made !== undefined || uid === undefined) return made;
  let stats: Stats | undefined;
  const seen = attempt('stat', path, () => {
    stats = statSync(name);
  });
  if (seen !== undefined || stats === undefined) return seen;
  const { mode, gid } = stats;
  const given = stats.uid === uid ? undefined : attempt('chown', path, () => chownSync(name, uid, gid));
  if (given !== undefined || (mode & OWN_FOLDER) === OWN_FOLDER) return given;
  return attempt('chmod', path, () => chmodSync(name, (mode & 0o7777) | OWN_FOLDER));
}

/** @param ignored the code of an error that is none */
function attempt(call: string, path: ByteString, run: () => void, ignored?: string): ByteString | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const system = systemError(error);
    return system?.code === ignored ? undefined : `${call}() "${path}" failed${errnoSuffix(system?.errno ?? EIO)}`;
  }
}
