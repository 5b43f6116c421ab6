// Whether a certificate names the server that shows it (RFC 9525): its names, or its common name without any.
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ByteString } from '../../conf/directive.ts';

export function matchesName(certificate: PeerCertificate, name: ByteString): boolean {
  // Node.js throws where it cannot read the names.
  try {
    return checkServerIdentity(name.replace(/^\[|\]$/g, ''), certificate) === undefined;
  } catch {
    return false;
  }
}
