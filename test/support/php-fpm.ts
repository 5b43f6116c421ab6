// A php-fpm of its own for a test, on a unix socket in a temporary folder, with the scripts that the test brings.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './children.ts';
import type { Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { temporaryFolder } from './tmp.ts';

const FOLDER = '/usr/sbin';

/** Debian puts the version into the name. */
export const phpFpm = (): string | undefined =>
  readdirSync(FOLDER)
    .filter((name) => /^php-fpm[\d.]*$/.test(name))
    .sort()
    .at(-1);

export interface PhpFpm {
  /** For fastcgi_pass. */
  readonly at: string;
  /** Where the scripts are. */
  readonly root: string;
}

const configuration = (dir: string, isRoot: boolean): string => `[global]
daemonize = no
error_log = ${dir}/fpm.log
log_level = notice
[www]
listen = ${dir}/fpm.sock
listen.mode = 0666
${isRoot ? 'user = nobody\ngroup = nogroup' : ''}
pm = static
pm.max_children = 2
php_admin_value[error_reporting] = 32767
php_admin_flag[display_errors] = off
php_admin_flag[log_errors] = on
`;

/** @param scripts by their names */
export async function startPhpFpm(scope: Scope, scripts: Readonly<Record<string, string>>): Promise<PhpFpm> {
  const name = phpFpm();
  if (name === undefined) throw new Error('php-fpm is not installed');
  const dir = temporaryFolder(scope, 'php');
  const root = join(dir, 'scripts');
  chmodSync(dir, 0o755); // its workers are somebody else
  mkdirSync(root);
  for (const [file, text] of Object.entries(scripts)) writeFileSync(join(root, file), text);
  const log = new LogFile(join(dir, 'fpm.log'));
  writeFileSync(log.path, '');
  writeFileSync(join(dir, 'fpm.conf'), configuration(dir, process.getuid?.() === 0));
  const child = new Child(join(FOLDER, name), ['-n', '-F', '-p', dir, '-y', join(dir, 'fpm.conf')], { ownGroup: true });
  scope.after(async () => {
    await child.stop(['SIGTERM']);
  });
  await Promise.race([
    log.wait(/ready to handle connections/),
    child.exited.then(() => Promise.reject(new Error(`php-fpm did not start: ${child.stderr}${log.text()}`))),
  ]);
  return { at: `unix:${dir}/fpm.sock`, root };
}
