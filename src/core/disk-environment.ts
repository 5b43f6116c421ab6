// The environment of a configuration that is read from this machine's disk.
import { readdirSync, readFileSync } from 'node:fs';
import type { ByteString, Environment, NameTest, SystemFault } from '../conf/directive.ts';
import { errnoNumber, errnoText, systemError } from './errno.ts';
import { HostLookup } from './resolve-host.ts';
import type { EnvironmentSnapshot } from './snapshot-environment.ts';

export interface DiskEnvironmentOptions {
  /** Both end in a slash. */
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  /** Takes the records that reading makes. */
  readonly report: (level: 'warn' | 'notice', text: ByteString) => void;
}

/** The names that a mask was looking for in a directory. */
export interface Listing {
  readonly names: readonly ByteString[];
  readonly wants: NameTest;
}

export class DiskEnvironment implements Environment {
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  readonly #report: DiskEnvironmentOptions['report'];
  readonly #reads = new Map<ByteString, Buffer | SystemFault>();
  readonly #directories = new Map<ByteString, readonly ByteString[] | SystemFault>();
  readonly #wanted = new Map<ByteString, NameTest[]>();
  readonly #names = new Map<ByteString, readonly string[]>();
  readonly #hosts = new HostLookup();

  constructor({ prefix, confPrefix, report }: DiskEnvironmentOptions) {
    this.prefix = prefix;
    this.confPrefix = confPrefix;
    this.#report = report;
  }

  /** Every file that was asked for, in the order of the first time: its bytes, or why it could not be read. */
  get reads(): ReadonlyMap<ByteString, Buffer | SystemFault> {
    return this.#reads;
  }

  /** All that was read, for processes that have to see the same. */
  snapshot(): EnvironmentSnapshot {
    return {
      prefix: this.prefix,
      confPrefix: this.confPrefix,
      files: new Map(this.#reads),
      directories: new Map(this.#directories),
      hosts: new Map(this.#names),
    };
  }

  /** One reading of the configuration sees one state of a file, however often it asks. */
  readFile(path: ByteString): Buffer | SystemFault {
    let result = this.#reads.get(path);
    if (result === undefined) {
      result = attempt(() => readFileSync(toBytes(path)));
      this.#reads.set(path, result);
    }
    return result;
  }

  listDirectory(path: ByteString, wanted: NameTest = () => true): readonly ByteString[] | SystemFault {
    const names = attempt(() => readdirSync(toBytes(path), { encoding: 'latin1' }).sort());
    this.#directories.set(path, names);
    const tests = this.#wanted.get(path) ?? [];
    this.#wanted.set(path, [...tests, wanted]);
    return names;
  }

  /** Every directory that was listed, with what was found there and what would have been. */
  get listings(): ReadonlyMap<ByteString, Listing> {
    return new Map(
      [...this.#directories].map(([path, names]) => {
        const tests = this.#wanted.get(path) ?? [];
        const wants: NameTest = (name) => tests.some((test) => test(name));
        return [path, { names: Array.isArray(names) ? names.filter(wants) : [], wants }];
      }),
    );
  }

  resolveHost(name: ByteString): readonly string[] {
    const addresses = this.#hosts.resolve(name);
    this.#names.set(name, addresses);
    return addresses;
  }

  report(level: 'warn' | 'notice', text: ByteString): void {
    this.#report(level, text);
  }
}

const toBytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');

function attempt<T>(read: () => T): T | SystemFault {
  try {
    return read();
  } catch (error) {
    // Node.js itself refuses names that hold a NUL byte: there is no such file.
    const errno = systemError(error)?.errno ?? errnoNumber('ENOENT') ?? 2;
    return { errno, text: errnoText(errno) };
  }
}
