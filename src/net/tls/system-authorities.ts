// The CAs that this machine trusts, for where a configuration names none.
import { CERTIFICATE_LABELS } from './certificates.ts';
import { pemBlocks, type TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { addAuthority } from './verify-store.ts';

/** Where systems keep them: Debian, Alpine and their like, Red Hat, SUSE, the BSDs and macOS. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The first bundle that there is, or what Node.js brings along. Adds the digests of what it reads. */
export function loadSystemAuthorities(native: NativeSecureContext, files: TlsFiles, trusted: Set<string>): void {
  for (const path of BUNDLES) {
    const content = files.readFile(path);
    if (!Buffer.isBuffer(content)) continue;
    for (const block of pemBlocks(content, CERTIFICATE_LABELS)) addAuthority(native, block, trusted);
    if (trusted.size > 0) return;
  }
  native.addRootCerts();
}
