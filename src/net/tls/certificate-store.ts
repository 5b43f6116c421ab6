// What is made of certificates whose names are found with each connection: a bounded number of it is kept ready.
import { createHash } from 'node:crypto';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { readCertificateFile } from './certificate-file.ts';
import { fullName, type TlsFiles } from './files.ts';

/** ssl_certificate_cache and its like; times in milliseconds. */
export interface CertificateCache {
  readonly max: number;
  /** Not used for so long: forgotten. */
  readonly inactiveMs: number;
  /** For so long files are not looked at again. */
  readonly validMs: number;
}

/** Without the directive files are read each time, and what was made of the same bytes is used again. */
export const NO_CACHE: CertificateCache = { max: 64, inactiveMs: 10_000, validMs: 0 };

interface Kept<T> {
  readonly made: T;
  /** Of the bytes of all files. */
  readonly digest: string;
  checkedMs: number;
  usedMs: number;
}

type Content = Buffer | SystemFault;

/** @throws ConfError where a certificate, or anything else of it, cannot be used */
type Build<T> = (certificates: readonly ByteString[], keys: readonly ByteString[], files: TlsFiles) => T;

export class CertificateStore<T> {
  /** Without certificates. */
  readonly bare: T;
  readonly #build: Build<T>;
  readonly #cache: CertificateCache;
  readonly #confPrefix: ByteString;
  /** Whatever else it is made of, as it was when the configuration was read. */
  readonly #others = new Map<ByteString, Content>();
  /** In the order in which they were used. */
  readonly #kept = new Map<string, Kept<T>>();

  /** @throws ConfError where something besides the certificates is wrong */
  constructor(files: TlsFiles, cache: CertificateCache, build: Build<T>) {
    this.#build = build;
    this.#cache = cache;
    this.#confPrefix = files.confPrefix;
    const readFile = (path: ByteString): Content => {
      const content = files.readFile(path);
      this.#others.set(path, content);
      return content;
    };
    this.bare = build([], [], { confPrefix: files.confPrefix, readFile });
  }

  /** @param keys as many as certificates @throws ConfError where one cannot be used */
  find(certificates: readonly ByteString[], keys: readonly ByteString[], nowMs: number): T {
    const id = [...certificates, ...keys].join('\0');
    const last = this.#kept.get(id);
    const known = last !== undefined && nowMs - last.usedMs < this.#cache.inactiveMs ? last : undefined;
    if (known !== undefined && nowMs - known.checkedMs < this.#cache.validMs) return this.#use(id, known, nowMs);
    const contents = this.#read([...certificates, ...keys]);
    const digest = digestOf(contents);
    if (known?.digest === digest) {
      known.checkedMs = nowMs;
      return this.#use(id, known, nowMs);
    }
    this.#kept.delete(id);
    const readFile = (path: ByteString): Content => contents.get(path) ?? this.#others.get(path) ?? { errno: ENOENT };
    const made = this.#build(certificates, keys, { confPrefix: this.#confPrefix, readFile });
    return this.#use(id, { made, digest, checkedMs: nowMs, usedMs: nowMs }, nowMs);
  }

  #use(id: string, kept: Kept<T>, nowMs: number): T {
    kept.usedMs = nowMs;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const [oldest, { usedMs }] of this.#kept) {
      if (this.#kept.size <= this.#cache.max && nowMs - usedMs < this.#cache.inactiveMs) break;
      this.#kept.delete(oldest);
    }
    return kept.made;
  }

  #read(names: readonly ByteString[]): Map<ByteString, Content> {
    const files = names.filter((name) => !/^(?:data|engine|store):/.test(name));
    const paths = files.map((name) => fullName({ confPrefix: this.#confPrefix }, name));
    return new Map(paths.map((path) => [path, readCertificateFile(path)]));
  }
}

const ENOENT = 2;

function digestOf(contents: ReadonlyMap<ByteString, Content>): string {
  const hash = createHash('sha256');
  for (const content of contents.values()) {
    if (Buffer.isBuffer(content)) hash.update(`${content.length}:`).update(content);
    else hash.update(`fault ${content.errno};`);
  }
  return hash.digest('base64');
}
