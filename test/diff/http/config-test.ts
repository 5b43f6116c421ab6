// `-t` of small http configurations: nginx as a command, Postern within this process, since there are many.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, ConfError } from '../../../src/conf/directive.ts';
import { DiskEnvironment } from '../../../src/core/disk-environment.ts';
import { buildCycle } from '../../../src/module/cycle.ts';
import { modules } from '../../../src/modules.ts';
import type { Ran } from '../../support/children.ts';
import type { Scope } from '../../support/cleanup.ts';
import { ROOT, type Target } from '../../support/target.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { type ConfigVerdict, compareRuns, runTest } from '../config-test.ts';
import { pooled } from '../pool.ts';

const FOLDER = join(ROOT, 'test', 'diff', 'configs', 'http');
const AT_ONCE = 3;

/** Tests every configuration whose name holds `only`. */
export async function testHttpConfigurations(
  scope: Scope,
  sides: { readonly left: Target; readonly right: Target },
  only: string,
  told: (verdict: ConfigVerdict) => void,
): Promise<void> {
  const dir = temporaryFolder(scope, 'configs');
  const names = readdirSync(FOLDER).filter((name) => `configs http/${name}`.includes(only));
  await pooled(names, AT_ONCE, async (name) => {
    const prefix = join(dir, name);
    mkdirSync(prefix);
    copyFileSync(join(FOLDER, name), join(prefix, 'nginx.conf'));
    const run = (target: Target): Ran | Promise<Ran> =>
      target.name === 'postern' ? readHere(prefix) : runTest(target, prefix);
    const left = await run(sides.left);
    told({ name: `http/${name}`, differences: compareRuns(left, await run(sides.right)), left });
  });
}

/** As the command does it, but that no logs and addresses are opened. */
function readHere(prefix: string): Ran {
  const file = `${prefix}/nginx.conf`;
  let stderr = '';
  const say = (text: string): void => {
    stderr += `nginx: ${text}\n`;
  };
  const report = (level: string, text: string): void => say(`[${level}] ${text}`);
  const env = new DiskEnvironment({ prefix: `${prefix}/`, confPrefix: `${prefix}/`, report });
  try {
    const cycle = buildCycle({ modules, env, file, globalDirectives: '' });
    say(`the configuration file ${file} syntax is ok`);
    cycle.init();
    say(`configuration file ${file} test is successful`);
    return { code: 0, signal: null, stdout: '', stderr };
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    report(error.level, error.message + (error.position === undefined ? '' : at(error.position)));
    say(`configuration file ${file} test failed`);
    return { code: 1, signal: null, stdout: '', stderr };
  }
}
