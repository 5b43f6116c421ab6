// The TLS of a server whose certificates have names that are found with each client: a bounded number is kept ready.
import { createHash } from 'node:crypto';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { readCertificateFile } from './certificate-file.ts';
import { buildServerTls, type ServerTls } from './context.ts';
import { fullName, type TlsFiles } from './files.ts';
import { SameShares, type TlsShares } from './session-zones.ts';
import type { TlsSettings } from './settings.ts';

/** ssl_certificate_cache; times in milliseconds. */
export interface CertificateCache {
  readonly max: number;
  /** Not used for so long: forgotten. */
  readonly inactiveMs: number;
  /** For so long files are not looked at again. */
  readonly validMs: number;
}

/** Without the directive files are read for each client, and what was made of the same bytes is used again. */
export const NO_CACHE: CertificateCache = { max: 64, inactiveMs: 10_000, validMs: 0 };

interface Kept {
  readonly tls: ServerTls;
  /** Of the bytes of all files. */
  readonly digest: string;
  checkedMs: number;
  usedMs: number;
}

type Content = Buffer | SystemFault;

export class NamedCertificates {
  /** Without certificates. */
  readonly bare: ServerTls;
  readonly #settings: TlsSettings;
  readonly #cache: CertificateCache;
  readonly #confPrefix: ByteString;
  readonly #shares: TlsShares;
  /** Whatever else the TLS is made of, as it was when the configuration was read. */
  readonly #others = new Map<ByteString, Content>();
  /** In the order in which they were used. */
  readonly #kept = new Map<string, Kept>();

  /** @param settings certificates and keys in them do not count @throws ConfError where something else is wrong */
  constructor(settings: TlsSettings, files: TlsFiles, shares: TlsShares, cache: CertificateCache) {
    const { sessionCache } = settings;
    // One that is made for each would have sessions that nobody finds.
    const shared = sessionCache.kind === 'cache' && sessionCache.shared !== undefined;
    this.#settings = shared ? { ...settings, sessionCache: { ...sessionCache, builtin: undefined } } : settings;
    this.#cache = cache;
    this.#confPrefix = files.confPrefix;
    this.#shares = new SameShares(shares);
    const readFile = (path: ByteString): Content => {
      const content = files.readFile(path);
      this.#others.set(path, content);
      return content;
    };
    const without = { ...this.#settings, need: undefined, certificates: [], keys: [] };
    this.bare = buildServerTls(without, { confPrefix: files.confPrefix, readFile }, this.#shares);
  }

  /** @param keys as many as certificates @throws ConfError where one cannot be used */
  find(certificates: readonly ByteString[], keys: readonly ByteString[], nowMs: number): ServerTls {
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
    const tls = buildServerTls(
      { ...this.#settings, certificates, keys },
      { confPrefix: this.#confPrefix, readFile },
      this.#shares,
    );
    return this.#use(id, { tls, digest, checkedMs: nowMs, usedMs: nowMs }, nowMs);
  }

  #use(id: string, kept: Kept, nowMs: number): ServerTls {
    kept.usedMs = nowMs;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const [oldest, { usedMs }] of this.#kept) {
      if (this.#kept.size <= this.#cache.max && nowMs - usedMs < this.#cache.inactiveMs) break;
      this.#kept.delete(oldest);
    }
    return kept.tls;
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
