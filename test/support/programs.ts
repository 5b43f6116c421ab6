// Programs that a test needs and a machine may lack: mail servers and mail clients.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers are installed, besides PATH. */
const SYSTEM = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The full name of a program; undefined where it is not installed. */
export function program(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The `skip` of a test that needs these programs: false, or a line that says what is missing. With POSTERN_REQUIRE_REAL=1
 * a missing program throws instead, so that no run can be green without them.
 * @param others further reasons, undefined where all is well
 */
export function missing(names: readonly string[], ...others: readonly (string | undefined)[]): string | false {
  const absent = names.filter((name) => program(name) === undefined).map((name) => `${name} is not installed`);
  const reasons = [...absent, ...others.filter((reason) => reason !== undefined)];
  if (reasons.length === 0) return false;
  const line = reasons.join(', ');
  if (process.env.POSTERN_REQUIRE_REAL === '1') throw new Error(line);
  return line;
}

/** Mail servers change users: they need root. */
export function notRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'it needs root';
}
