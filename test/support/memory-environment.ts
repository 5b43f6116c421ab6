// An environment held in memory, for tests of the configuration language and of directives.
import type { ByteString, Environment, SystemFault } from '../../src/conf/directive.ts';

export interface MemoryEnvironmentOptions {
  /** Contents by path; directories are what the paths imply. */
  readonly files?: Readonly<Record<string, ByteString>>;
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  readonly prefix?: ByteString;
  readonly confPrefix?: ByteString;
}

const ENOENT: SystemFault = { errno: 2, text: 'No such file or directory' };
const EISDIR: SystemFault = { errno: 21, text: 'Is a directory' };

export class MemoryEnvironment implements Environment {
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  /** `[warn] text` of every record, in order. */
  readonly records: string[] = [];
  /** Names that were looked up. */
  readonly lookups: ByteString[] = [];
  readonly #files: ReadonlyMap<string, ByteString>;
  readonly #hosts: ReadonlyMap<string, readonly string[]>;

  constructor({ files = {}, hosts = {}, prefix = '/p/', confPrefix = prefix }: MemoryEnvironmentOptions = {}) {
    this.prefix = prefix;
    this.confPrefix = confPrefix;
    this.#files = new Map(Object.entries(files));
    this.#hosts = new Map(Object.entries(hosts));
  }

  readFile(path: ByteString): Buffer | SystemFault {
    const text = this.#files.get(path);
    if (text !== undefined) return Buffer.from(text, 'latin1');
    return this.#namesIn(path).length > 0 ? EISDIR : ENOENT;
  }

  listDirectory(path: ByteString): readonly ByteString[] | SystemFault {
    const names = this.#namesIn(path);
    return names.length === 0 ? ENOENT : names;
  }

  resolveHost(name: ByteString): readonly string[] {
    this.lookups.push(name);
    return this.#hosts.get(name) ?? [];
  }

  report(level: 'warn' | 'notice', text: ByteString): void {
    this.records.push(`[${level}] ${text}`);
  }

  #namesIn(path: ByteString): ByteString[] {
    const base = path.endsWith('/') ? path : `${path}/`;
    const inside = [...this.#files.keys()].filter((file) => file.startsWith(base));
    return [...new Set(inside.map((file) => file.slice(base.length).split('/', 1)[0] ?? ''))].sort();
  }
}
