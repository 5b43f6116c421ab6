// The environment of a configuration that is read from this machine's disk.
import { readdirSync, readFileSync } from 'node:fs';
import type { ByteString, Environment, SystemFault } from '../conf/directive.ts';
import { errnoNumber, errnoText, systemError } from './errno.ts';
import { HostLookup } from './resolve-host.ts';

export interface DiskEnvironmentOptions {
  /** Both end in a slash. */
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  /** Takes the records that reading makes. */
  readonly report: (level: 'warn' | 'notice', text: ByteString) => void;
}

export class DiskEnvironment implements Environment {
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  readonly #report: DiskEnvironmentOptions['report'];
  readonly #reads = new Map<ByteString, Buffer | SystemFault>();
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

  /** One reading of the configuration sees one state of a file, however often it asks. */
  readFile(path: ByteString): Buffer | SystemFault {
    let result = this.#reads.get(path);
    if (result === undefined) {
      result = attempt(() => readFileSync(toBytes(path)));
      this.#reads.set(path, result);
    }
    return result;
  }

  listDirectory(path: ByteString): readonly ByteString[] | SystemFault {
    return attempt(() => readdirSync(toBytes(path), { encoding: 'latin1' }).sort());
  }

  resolveHost(name: ByteString): readonly string[] {
    return this.#hosts.resolve(name);
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
