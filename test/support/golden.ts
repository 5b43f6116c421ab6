// Golden cases of the configuration: a text, a line of ten hyphens, and what nginx says of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfError } from '../../src/conf/directive.ts';
import { PAGE_FILES, pageFolder } from '../../src/http/dashboard/page-files.ts';
import type { ModuleEntry } from '../../src/module/core-module.ts';
import { buildCycle } from '../../src/module/cycle.ts';
import { MemoryEnvironment } from './memory-environment.ts';

export interface GoldenCase {
  readonly name: string;
  readonly config: string;
  /** Warnings and the error, a line each, or `ok`; DIR stands for the directory of the configuration. */
  readonly expected: string;
  readonly globalDirectives: string | undefined;
  /** By path, relative to DIR. */
  readonly files: Readonly<Record<string, string>>;
}

/** More sections may follow the outcome: `---------- -g` and `---------- file NAME`. */
const SECTION = /^----------(?: (-g|file (.+)))?\n/m;

function parseGolden(name: string, text: string): GoldenCase {
  const [config = '', , , expected = '', ...rest] = text.split(SECTION);
  const files: Record<string, string> = {};
  let globalDirectives: string | undefined;
  for (let i = 0; i + 2 < rest.length; i += 3) {
    const [kind, file, body = ''] = rest.slice(i, i + 3);
    if (kind === '-g') globalDirectives = body.replace(/\n$/, '');
    else if (file !== undefined) files[file] = body;
  }
  return { name, config, expected: expected.trimEnd(), globalDirectives, files };
}

/** All cases of the folder test/golden, by name. */
export function goldenCases(): GoldenCase[] {
  const folder = join(import.meta.dirname, '../../../test/golden');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.conf'))
    .sort()
    .map((file) => parseGolden(file.slice(0, -'.conf'.length), readFileSync(join(folder, file), 'latin1')));
}

/** Reads a case's configuration as `-t` does, and says what nginx would say. */
export function runGolden(golden: GoldenCase, modules: readonly ModuleEntry[]): string {
  const dir = '/golden';
  const inDir = (text: string): string => text.replaceAll('DIR', dir);
  const files: Record<string, string> = { [`${dir}/nginx.conf`]: inDir(golden.config) };
  for (const [name, text] of Object.entries(golden.files)) files[`${dir}/${name}`] = inDir(text);
  for (const name of PAGE_FILES) files[`${pageFolder()}${name}`] = name;
  const env = new MemoryEnvironment({ files, hosts: { localhost: ['127.0.0.1'] }, prefix: `${dir}/` });
  const outcome = readOutcome(env, `${dir}/nginx.conf`, inDir(golden.globalDirectives ?? ''), modules);
  return [...env.records, outcome].join('\n').replaceAll(dir, 'DIR');
}

function readOutcome(
  env: MemoryEnvironment,
  file: string,
  globalDirectives: string,
  modules: readonly ModuleEntry[],
): string {
  try {
    buildCycle({ modules, env, file, globalDirectives }).init();
    return 'ok';
  } catch (error) {
    if (error instanceof ConfError) return `[${error.level}] ${error.record}`;
    throw error;
  }
}
