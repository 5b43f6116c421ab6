// The programs under test: the real nginx and Postern, started by the same command line.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Target {
  readonly name: 'nginx' | 'postern';
  readonly command: string;
  /** Arguments before nginx's own. */
  readonly args: readonly string[];
  /** Main-level directives that let it run in the foreground as one process. */
  readonly globals: string;
  /** Why it cannot run here; undefined: it can. */
  missing(): string | undefined;
}

/** The top of the source tree; compiled tests run from dist/test/support. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

const NGINX = '/usr/sbin/nginx';
const MAIL_MODULE = '/usr/lib/nginx/modules/ngx_mail_module.so';
const COMMAND = join(ROOT, 'bin', 'postern.cjs');
const FOREGROUND = 'daemon off; master_process off;';

/** The transport that POSTERN_TEST_TRANSPORT names: one of those that `transport` has. */
const { POSTERN_TEST_TRANSPORT: TRANSPORT } = process.env;

export const nginx: Target = {
  name: 'nginx',
  command: NGINX,
  args: [],
  globals: `load_module ${MAIL_MODULE}; ${FOREGROUND}`,
  missing: () =>
    [NGINX, MAIL_MODULE].map((file) => (existsSync(file) ? undefined : `${file} is not installed`)).find(Boolean),
};

export const postern: Target = {
  name: 'postern',
  command: process.execPath,
  args: [COMMAND],
  globals: TRANSPORT === undefined ? FOREGROUND : `${FOREGROUND} transport ${TRANSPORT};`,
  missing: () => (existsSync(COMMAND) ? undefined : `${COMMAND} does not exist`),
};

/** What the tests run against: Postern, or what POSTERN_TEST_TARGET names. */
export function defaultTarget(): Target {
  return targetNamed(process.env.POSTERN_TEST_TARGET ?? 'postern');
}

export function targetNamed(name: string): Target {
  if (name === 'nginx') return nginx;
  if (name === 'postern') return postern;
  throw new Error(`no such target: ${name} (nginx or postern)`);
}
