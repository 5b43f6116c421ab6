// Whether a client may go on after the handshake: ssl_verify_client, which never fails the handshake itself.

import type { TlsInfo } from './established.ts';
import type { VerifyMode } from './settings.ts';

export type ClientVerdict =
  | { readonly kind: 'ok' }
  | { readonly kind: 'no-cert' }
  /** For the record `client SSL certificate verify error: (CODE:TEXT)`. */
  | { readonly kind: 'error'; readonly code: number; readonly text: string };

const OK: ClientVerdict = { kind: 'ok' };
const NO_CERT: ClientVerdict = { kind: 'no-cert' };

/**
 * What optional_no_ca lets pass: self-signed (alone, or at the end of the chain), issuer not known here, leaf that
 * cannot be verified, not trusted. Nothing else: an expired or revoked certificate is refused all the same.
 */
const WITHOUT_CA: ReadonlySet<number> = new Set([18, 19, 20, 21, 27]);

/**
 * The decision right after the handshake. Where it is not `ok` the session should be forgotten
 * (`TlsInfo.forgetSession`), one line said, and the connection closed.
 * @param tls undefined: the connection is in clear, there is nothing to decide.
 */
export function verifyClient(mode: VerifyMode, tls: TlsInfo | undefined): ClientVerdict {
  if (mode === 'off' || tls === undefined) return OK;
  const { verify, peerCertificate } = tls;
  if (verify.code !== 0 && !(mode === 'optional_no_ca' && WITHOUT_CA.has(verify.code))) {
    return { kind: 'error', code: verify.code, text: verify.text };
  }
  return mode === 'on' && peerCertificate === undefined ? NO_CERT : OK;
}

/** How the client's certificate is told of to others: `NONE`, `SUCCESS` or `FAILED:reason`. */
export function verifyText({ verify, peerCertificate }: TlsInfo): string {
  if (peerCertificate === undefined) return 'NONE';
  return verify.code === 0 ? 'SUCCESS' : `FAILED:${verify.text}`;
}
