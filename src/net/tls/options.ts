// OpenSSL's SSL_OP_* bits, protocol versions, and what of them a server's settings come to.
import type { SecureVersion } from 'node:tls';
import type { TlsProtocolName } from './settings.ts';

/** Bits that node:crypto has no constant for are there too; their values are fixed since OpenSSL 3.0. */
export const Op = {
  noExtendedMasterSecret: 1 << 0,
  legacyServerConnect: 1 << 2,
  ignoreUnexpectedEof: 1 << 7,
  disableCaNames: 1 << 9,
  allowNoDheKex: 1 << 10,
  noEmptyFragments: 1 << 11,
  noTicket: 1 << 14,
  noResumptionOnRenegotiation: 1 << 16,
  noCompression: 1 << 17,
  unsafeLegacyRenegotiation: 1 << 18,
  noEncryptThenMac: 1 << 19,
  prioritizeChaCha: 1 << 21,
  serverPreference: 1 << 22,
  noAntiReplay: 1 << 24,
  noTls1: 1 << 26,
  noTls1_2: 1 << 27,
  noTls1_1: 1 << 28,
  noTls1_3: 1 << 29,
  noRenegotiation: 1 << 30,
} as const;

/** The bit that switches a version off. SSLv2 and SSLv3 are not in the library at all. */
export const NO_PROTOCOL: Readonly<Record<TlsProtocolName, number>> = {
  SSLv2: 0,
  SSLv3: 0,
  TLSv1: Op.noTls1,
  'TLSv1.1': Op.noTls1_1,
  'TLSv1.2': Op.noTls1_2,
  'TLSv1.3': Op.noTls1_3,
};

export const ALL_PROTOCOLS = Op.noTls1 | Op.noTls1_1 | Op.noTls1_2 | Op.noTls1_3;

/** What a context is made with: bits can be set and not taken away, so everything is known before it is made. */
export interface ContextOptions {
  bits: number;
  minVersion: SecureVersion;
  maxVersion: SecureVersion;
}

/** The bits for a set of versions, which may have holes. */
export function protocolBits(protocols: ReadonlySet<TlsProtocolName>): number {
  let bits = ALL_PROTOCOLS;
  for (const name of protocols) bits &= ~NO_PROTOCOL[name];
  return bits;
}
