// Opens the logs anew after a rotation.
import { chmodSync, chownSync, statSync } from 'node:fs';
import type { ByteString } from '../conf/directive.ts';
import type { Account } from '../core/accounts.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';
import { Level } from '../core/log.ts';
import type { CycleLogs } from './cycle-logs.ts';

/**
 * The record of it still goes to the old file.
 * @param owner who the workers are, where this process is root: they have to open the new files as well
 */
export function reopenLogs(logs: CycleLogs, owner?: Account): void {
  logs.log.write(Level.notice, 'reopening logs');
  reopenFiles(logs, owner);
}

/** The same without a word. A file that cannot be opened stays the old one. */
export function reopenFiles(logs: CycleLogs, owner?: Account): void {
  for (const fault of logs.files.reopenAll()) {
    logs.log.write(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
  }
  if (owner !== undefined) for (const path of logs.files.paths) giveTo(path, owner, logs);
}

function giveTo(path: ByteString, { uid }: Account, logs: CycleLogs): void {
  const file = Buffer.from(path, 'latin1');
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return; // a terminal or pipe is not ours to give
    const { uid: now, gid, mode } = stat;
    if (now !== uid) chownSync(file, uid, gid);
    if ((mode & 0o600) !== 0o600) chmodSync(file, mode | 0o600);
  } catch (error) {
    logs.log.write(Level.emerg, `chown("${path}", ${uid}) failed${errnoSuffix(systemError(error)?.errno ?? 0)}`);
  }
}
