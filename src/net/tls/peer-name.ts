// The name of a server that we go to: whether its certificate has it (RFC 9525), and whether it can stand in SNI.
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ByteString } from '../../conf/directive.ts';

/** By the names of the certificate, or by its common name where it has none. */
export function matchesName(certificate: PeerCertificate, name: ByteString): boolean {
  // Node.js throws where it cannot read the names.
  try {
    return checkServerIdentity(name.replace(/^\[|\]$/g, ''), certificate) === undefined;
  } catch {
    return false;
  }
}

/** SNI is for names, not for addresses, nor for what no name has in it. */
export const isHostName = (name: ByteString): boolean => /^[\w.-]{1,255}$/.test(name) && !/^[0-9.]+$/.test(name);
