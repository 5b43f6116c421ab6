// The environment of a configuration that another process has read: a worker sees just what its master saw.
import type { ByteString, Environment, SystemFault } from '../conf/directive.ts';
import { errnoText } from './errno.ts';

/** Everything that reading a configuration asked for; survives structured cloning. */
export interface EnvironmentSnapshot {
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  readonly files: ReadonlyMap<ByteString, Uint8Array | SystemFault>;
  readonly directories: ReadonlyMap<ByteString, readonly ByteString[] | SystemFault>;
  readonly hosts: ReadonlyMap<ByteString, readonly string[]>;
}

const ENOENT = 2;
const MISSING: SystemFault = { errno: ENOENT, text: errnoText(ENOENT) };

export class SnapshotEnvironment implements Environment {
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  readonly #snapshot: EnvironmentSnapshot;

  constructor(snapshot: EnvironmentSnapshot) {
    this.prefix = snapshot.prefix;
    this.confPrefix = snapshot.confPrefix;
    this.#snapshot = snapshot;
  }

  readFile(path: ByteString): Buffer | SystemFault {
    const read = this.#snapshot.files.get(path) ?? MISSING;
    return read instanceof Uint8Array ? Buffer.from(read.buffer, read.byteOffset, read.byteLength) : read;
  }

  listDirectory(path: ByteString): readonly ByteString[] | SystemFault {
    return this.#snapshot.directories.get(path) ?? MISSING;
  }

  resolveHost(name: ByteString): readonly string[] {
    return this.#snapshot.hosts.get(name) ?? [];
  }

  /** The master has reported it already. */
  report(): void {}
}
