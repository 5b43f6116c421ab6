// The ssl_… values of a server or of the block around it, as the directives leave them, and what a context is made of.
import type { ByteString, Position } from '../../conf/directive.ts';
import type { SessionCache, TlsNeed, TlsProtocolName, TlsSettings, VerifyMode } from './settings.ts';

export interface SslRaw {
  certificates: ByteString[] | undefined;
  keys: ByteString[] | undefined;
  passphrases: readonly Buffer[] | undefined;
  compression: boolean | undefined;
  protocols: Set<TlsProtocolName> | undefined;
  ciphers: ByteString | undefined;
  preferServerCiphers: boolean | undefined;
  dhparam: ByteString | undefined;
  ecdhCurve: ByteString | undefined;
  verifyClient: VerifyMode | undefined;
  verifyDepth: number | undefined;
  clientCertificate: ByteString | undefined;
  trustedCertificate: ByteString | undefined;
  crl: ByteString | undefined;
  sessionCache: SessionCache | undefined;
  sessionTimeoutS: number | undefined;
  sessionTickets: boolean | undefined;
  ticketKeys: ByteString[] | undefined;
  confCommands: [ByteString, ByteString][] | undefined;
}

export const noSsl = (): SslRaw => ({
  certificates: undefined,
  keys: undefined,
  passphrases: undefined,
  compression: undefined,
  protocols: undefined,
  ciphers: undefined,
  preferServerCiphers: undefined,
  dhparam: undefined,
  ecdhCurve: undefined,
  verifyClient: undefined,
  verifyDepth: undefined,
  clientCertificate: undefined,
  trustedCertificate: undefined,
  crl: undefined,
  sessionCache: undefined,
  sessionTimeoutS: undefined,
  sessionTickets: undefined,
  ticketKeys: undefined,
  confCommands: undefined,
});

/** What a block has not set itself is as in the block around it. */
export function inheritSsl(outer: Readonly<SslRaw>, own: Readonly<SslRaw>): SslRaw {
  return {
    certificates: own.certificates ?? outer.certificates,
    keys: own.keys ?? outer.keys,
    passphrases: own.passphrases ?? outer.passphrases,
    compression: own.compression ?? outer.compression,
    protocols: own.protocols ?? outer.protocols,
    ciphers: own.ciphers ?? outer.ciphers,
    preferServerCiphers: own.preferServerCiphers ?? outer.preferServerCiphers,
    dhparam: own.dhparam ?? outer.dhparam,
    ecdhCurve: own.ecdhCurve ?? outer.ecdhCurve,
    verifyClient: own.verifyClient ?? outer.verifyClient,
    verifyDepth: own.verifyDepth ?? outer.verifyDepth,
    clientCertificate: own.clientCertificate ?? outer.clientCertificate,
    trustedCertificate: own.trustedCertificate ?? outer.trustedCertificate,
    crl: own.crl ?? outer.crl,
    sessionCache: own.sessionCache ?? outer.sessionCache,
    sessionTimeoutS: own.sessionTimeoutS ?? outer.sessionTimeoutS,
    sessionTickets: own.sessionTickets ?? outer.sessionTickets,
    ticketKeys: own.ticketKeys ?? outer.ticketKeys,
    confCommands: own.confCommands ?? outer.confCommands,
  };
}

/** @param need undefined: nothing asked for TLS but the certificates @param blockEnd where the outer block ends */
export function tlsSettings(ssl: Readonly<SslRaw>, need: TlsNeed | undefined, blockEnd: Position): TlsSettings {
  return {
    need,
    blockEnd,
    certificates: ssl.certificates ?? [],
    keys: ssl.keys ?? [],
    passphrases: ssl.passphrases,
    protocols: ssl.protocols ?? new Set(['TLSv1.2', 'TLSv1.3']),
    ciphers: ssl.ciphers ?? 'HIGH:!aNULL:!MD5',
    preferServerCiphers: ssl.preferServerCiphers ?? false,
    dhparam: ssl.dhparam,
    ecdhCurve: ssl.ecdhCurve ?? 'auto',
    verifyClient: ssl.verifyClient ?? 'off',
    verifyDepth: ssl.verifyDepth ?? 1,
    clientCertificate: ssl.clientCertificate,
    trustedCertificate: ssl.trustedCertificate,
    crl: ssl.crl,
    sessionCache: ssl.sessionCache ?? { kind: 'none' },
    sessionTimeoutS: ssl.sessionTimeoutS ?? 300,
    sessionTickets: ssl.sessionTickets ?? true,
    sessionTicketKeys: ssl.ticketKeys ?? [],
    confCommands: (ssl.confCommands ?? []).map(([name, value]) => ({ name, value })),
  };
}
