// Whether a server takes a configuration: its -t.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { masterTarget } from '../support/master.ts';
import { freePort } from '../support/ports.ts';
import { temporaryFolder } from '../support/tmp.ts';
import type { Bench } from './bench.ts';
import { type Contestant, configuration, FILES } from './proxy.ts';

export interface Site {
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it listens for IMAP. */
  readonly host: string;
  readonly port: number;
}

/** A folder with the configuration, and the command that starts the server on it. */
export async function makeSite(scope: Scope, bench: Bench, contestant: Contestant, single = false): Promise<Site> {
  const { host } = bench.places;
  const folder = temporaryFolder(scope, contestant.name);
  const ports = new Map<string, number>();
  const text = configuration(bench.places, contestant);
  for (const [, name = ''] of text.matchAll(/@([a-z0-9]+)@/g)) ports.set(name, await freePort(host));
  const filled = text.replace(/@(\w+)@/g, (_all, name: string) =>
    name === 'DIR' ? folder : `${host}:${ports.get(name)}`,
  );
  writeFileSync(join(folder, 'nginx.conf'), filled);
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  const target = single ? contestant.target : masterTarget(contestant.target);
  const globals = `${target.globals} pid nginx.pid; error_log error.log error;`;
  const args = [...target.args, '-p', `${folder}/`, '-c', 'nginx.conf', '-e', 'error.log', '-g', globals];
  return { folder, command: target.command, args, host, port: ports.get('imap') ?? 0 };
}

/** @returns what it complains about; undefined where it takes the configuration */
export async function testsWell(scope: Scope, bench: Bench, contestant: Contestant): Promise<string | undefined> {
  const { command, args } = await makeSite(scope, bench, contestant);
  const { code, stderr } = await run(command, [...args, '-t']);
  if (code === 0) return undefined;
  const [complaint] = /\[emerg\].*/.exec(stderr) ?? [];
  return `-t: ${(complaint ?? stderr.trim()).replace(/ in \S+:\d+$/, '')}`;
}
