// `-t` of both targets over a folder of small configurations: standard error, output and exit code must be the same.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { type Ran, run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { ROOT, type Target } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import { pooled } from './pool.ts';

export interface ConfigVerdict {
  readonly name: string;
  /** Lines that tell the differences; empty: the same. */
  readonly differences: readonly string[];
  readonly left: Ran;
}

const FOLDER = join(ROOT, 'test', 'diff', 'configs');
const AT_ONCE = 3;

/** Tests every configuration whose name holds `only`. */
export async function testConfigurations(
  scope: Scope,
  sides: { readonly left: Target; readonly right: Target },
  only: string,
  told: (verdict: ConfigVerdict) => void,
): Promise<void> {
  const dir = temporaryFolder(scope, 'configs');
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.conf') && `configs ${name}`.includes(only));
  await pooled(names, AT_ONCE, async (name) => {
    const prefix = join(dir, name);
    const prepare = (): void => {
      rmSync(prefix, { recursive: true, force: true });
      mkdirSync(prefix);
      copyFileSync(join(FOLDER, name), join(prefix, 'nginx.conf'));
      copyFileSync(serverCertificate.cert, join(prefix, 'server.crt'));
      copyFileSync(serverCertificate.key, join(prefix, 'server.key'));
    };
    prepare();
    const left = await runTest(sides.left, prefix);
    prepare(); // the first may have left a pid file and logs
    const right = await runTest(sides.right, prefix);
    told({ name, differences: compareRuns(left, right), left });
  });
}

/** The same folder for both, since messages name it; the working directory too, since unix sockets are relative to it. */
export function runTest(target: Target, prefix: string): Promise<Ran> {
  const args = [
    '-t',
    '-p',
    `${prefix}/`,
    '-c',
    'nginx.conf',
    '-e',
    'start.log',
    '-g',
    `${target.globals} pid test.pid;`,
  ];
  return run(target.command, [...target.args, ...args], { cwd: prefix, timeoutMs: 20_000 });
}

/** Texts that nginx words differently since 1.22. */
const REWORDED: readonly (readonly [RegExp, string])[] = [
  [/the invalid ("[^"]*") parameter/g, 'invalid parameter $1'],
  [/no ssl_client_certificate for/g, 'no ssl_client_certificate or ssl_trusted_certificate for'],
];

/** Only Postern says this. */
const OWN = /^nginx: \[notice\] accepted without effect: .*\n/gm;

function today(text: string): string {
  return REWORDED.reduce((all, [old, now]) => all.replace(old, now), text.replace(OWN, ''));
}

export function compareRuns(left: Ran, right: Ran): string[] {
  const lines: string[] = [];
  const add = (what: string, a: string, b: string): void => {
    if (a !== b) lines.push(`${what}:`, `  left  ${show(a)}`, `  right ${show(b)}`);
  };
  add('stderr', today(left.stderr), today(right.stderr));
  add('stdout', left.stdout, right.stdout);
  add('exit', String(left.signal ?? left.code), String(right.signal ?? right.code));
  return lines;
}
