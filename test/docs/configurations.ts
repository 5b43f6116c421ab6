// Tests pieces of configuration that stand in the documentation: completed to a whole file, and read as -t reads one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, SystemFault } from '../../src/conf/directive.ts';
import { pageFolder } from '../../src/http/dashboard/page-files.ts';
import { buildCycle } from '../../src/module/cycle.ts';
import { modules } from '../../src/modules.ts';
import { MemoryEnvironment } from '../support/memory-environment.ts';
import { ROOT } from '../support/target.ts';

const CERTIFICATES = join(ROOT, 'test/support/certs');
const placeholder = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));

/** What stands in for the files that a configuration names. */
export function placeholderFor(path: string): Buffer | undefined {
  if (path.startsWith(pageFolder())) return Buffer.from('page');
  if (path.endsWith('tickets.key')) return Buffer.alloc(48, 'ticket');
  if (path.endsWith('.key')) return placeholder(/rsa/.test(path) ? 'server-rsa.key' : 'server-ec.key');
  if (path.endsWith('dhparam.pem')) return placeholder('dhparam.pem');
  if (path.endsWith('crl.pem')) return placeholder('ca.crl');
  if (path.endsWith('ca.pem')) return placeholder('ca.pem');
  if (path.endsWith('.pem')) return placeholder(/rsa/.test(path) ? 'server-rsa.pem' : 'server-ec.pem');
  return undefined;
}

/** A machine that has every certificate, and where every name is known. */
class Machine implements Environment {
  readonly prefix = '/etc/nginx/';
  readonly confPrefix = '/etc/nginx/';
  readonly #memory: MemoryEnvironment;

  constructor(configuration: string) {
    this.#memory = new MemoryEnvironment({
      files: { '/etc/nginx/nginx.conf': configuration },
    });
  }

  get records(): readonly string[] {
    return this.#memory.records;
  }

  readFile(path: string): Buffer | SystemFault {
    return placeholderFor(path) ?? this.#memory.readFile(path);
  }

  listDirectory(path: string): readonly string[] | SystemFault {
    return this.#memory.listDirectory(path);
  }

  resolveHost(): readonly string[] {
    return ['127.0.0.1'];
  }

  report(level: 'warn' | 'notice', text: string): void {
    this.#memory.report(level, text);
  }
}

/** Names of the directives at the outermost level of a piece. */
function namesIn(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const line of text.split('\n')) {
    const code = line.replace(/#.*/, '').trim();
    const [name] = /^\w+/.exec(code) ?? [];
    if (depth === 0 && name !== undefined) names.push(name);
    depth += (code.match(/\{/g) ?? []).length - (code.match(/\}/g) ?? []).length;
  }
  return names;
}

const MAIN = new Set(
  modules
    .flatMap(({ directives }) => directives)
    .filter(({ contexts }) => contexts.includes('main'))
    .map(({ name }) => name),
);

/** Puts around a piece what it needs to be a configuration: events, mail, a server. */
export function completed(piece: string): string {
  const names = namesIn(piece);
  const events = names.includes('events') ? '' : 'events {}\n';
  if (names.every((name) => MAIN.has(name)) && !names.every((name) => name === 'error_log')) return events + piece;
  const auth = /\bauth_http\s/.test(piece) ? '' : 'auth_http 127.0.0.1:9000;\n';
  const certificate = /\bssl_certificate\s/.test(piece)
    ? ''
    : 'ssl_certificate server.pem;\nssl_certificate_key server.key;\n';
  const inner = names.includes('server')
    ? piece
    : `server {\n${/\blisten\s/.test(piece) ? '' : 'listen 143;\n'}${piece}}\n`;
  return `${events}mail {\n${auth}${certificate}${inner}}\n`;
}

export interface Tested {
  readonly warnings: readonly string[];
  /** What is accepted without effect, and why. */
  readonly noEffect: ReadonlyMap<string, string>;
}

/** Reads a configuration and makes all its checks. @throws ConfError */
export function testConfiguration(text: string): Tested {
  const env = new Machine(text);
  const cycle = buildCycle({ modules, env, file: '/etc/nginx/nginx.conf' });
  cycle.init();
  return { warnings: env.records, noEffect: cycle.noEffect };
}
