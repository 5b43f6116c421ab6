// The programs around the servers: compiled where there is a C compiler, else on Node.js.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { program } from '../support/programs.ts';
import { ROOT } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';
import type { Command } from './tool.ts';

export interface Tools {
  readonly auth: Command;
  readonly backend: Command;
  /** Clients in clear. */
  readonly load: Command;
  readonly tlsLoad: Command;
  /** In a few words, for the report. */
  readonly description: string;
  /** What makes the figures worse than they could be. */
  readonly warnings: readonly string[];
}

const SOURCES = join(ROOT, 'test', 'bench', 'native');
const FLAGS = ['-O2', '-D_GNU_SOURCE'];
const LOAD = ['load.c', 'session.c', 'tls.c', 'common.c'];

function onNode(name: 'services' | 'load', ...args: readonly string[]): Command {
  return { path: process.execPath, args: [fileURLToPath(new URL(`./node-${name}.js`, import.meta.url)), ...args] };
}

const NODE_TOOLS = {
  auth: onNode('services', 'auth'),
  backend: onNode('services', 'backend'),
  load: onNode('load'),
  tlsLoad: onNode('load'),
};

/** Compiles into a folder that goes with the scope. */
export async function makeTools(scope: Scope, nodeOnly: boolean): Promise<Tools> {
  const cc = nodeOnly ? undefined : program('cc');
  if (cc === undefined) {
    const why = nodeOnly ? 'as was asked for' : 'there is no C compiler (cc)';
    const warnings = [
      `clients, backend and auth server run on Node.js: ${why}; latencies are theirs as much as the servers'`,
    ];
    return { ...NODE_TOOLS, description: 'Node.js', warnings };
  }
  const folder = temporaryFolder(scope, 'bench-tools');
  const compile = async (name: string, sources: readonly string[], ...flags: readonly string[]): Promise<Command> => {
    const output = join(folder, name);
    const files = sources.map((source) => join(SOURCES, source));
    const { code, stderr } = await run(cc, [...FLAGS, '-o', output, ...files, ...flags]);
    if (code !== 0) throw new Error(`cc failed for ${name}: ${stderr}`);
    return { path: output, args: [] };
  };
  const withTls = compile('load-tls', LOAD, '-DWITH_TLS', '-lssl', '-lcrypto').catch(() => undefined);
  const [auth, backend, load, tlsLoad] = await Promise.all([
    compile('auth', ['auth.c', 'common.c']),
    compile('backend', ['backend.c', 'common.c']),
    compile('load', LOAD),
    withTls,
  ]);
  if (tlsLoad !== undefined) return { auth, backend, load, tlsLoad, description: 'C', warnings: [] };
  const warnings = ['TLS clients run on Node.js: the headers of OpenSSL (libssl-dev) are not installed'];
  return { auth, backend, load, tlsLoad: NODE_TOOLS.tlsLoad, description: 'C, TLS clients Node.js', warnings };
}
