// The TLS of a server whose certificates have names that are found with each client.
import { type CertificateCache, CertificateStore } from './certificate-store.ts';
import { buildServerTls, type ServerTls } from './context.ts';
import type { TlsFiles } from './files.ts';
import { SameShares, type TlsShares } from './session-zones.ts';
import type { TlsSettings } from './settings.ts';

/** @param settings certificates and keys in them do not count @throws ConfError where something else is wrong */
export function namedCertificates(
  settings: TlsSettings,
  files: TlsFiles,
  shares: TlsShares,
  cache: CertificateCache,
): CertificateStore<ServerTls> {
  const { sessionCache } = settings;
  // One that is made for each would have sessions that nobody finds.
  const isShared = sessionCache.kind === 'cache' && sessionCache.shared !== undefined;
  const own = isShared ? { ...settings, sessionCache: { ...sessionCache, builtin: undefined } } : settings;
  const same = new SameShares(shares);
  return new CertificateStore(files, cache, (certificates, keys, at) => {
    const need = certificates.length === 0 ? undefined : own.need;
    return buildServerTls({ ...own, need, certificates, keys }, at, same);
  });
}
