// A temporary folder per test, removed with it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './cleanup.ts';

/** Makes a folder (mode 0700) that goes with the scope. POSTERN_KEEP_TMP=1 keeps it and prints its name. */
export function temporaryFolder(scope: Scope, label = 'test'): string {
  const dir = mkdtempSync(join(tmpdir(), `postern-${label}-`));
  if (process.env.POSTERN_KEEP_TMP === '1') process.stderr.write(`kept: ${dir}\n`);
  else scope.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}
