// The ssl module's structs, and the TLS of a server that is made of them when the configuration is read.
import type { ByteString, Position } from '../../conf/directive.ts';
import { buildServerTls, type ServerTls } from '../../net/tls/context.ts';
import type { SessionCache, TlsProtocolName, TlsSettings, VerifyMode } from '../../net/tls/settings.ts';
import { coreModule } from '../core-module.ts';
import type { MergeContext } from '../define.ts';
import type { StarttlsMode } from '../session/session.ts';
import { SESSION_ZONES } from './session-cache.ts';

export interface SslRaw {
  starttls: StarttlsMode | undefined;
  starttlsPosition: Position | undefined;
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

export interface SslConf {
  readonly starttls: StarttlsMode;
  readonly verifyClient: VerifyMode;
  /** undefined: neither `listen … ssl` nor starttls. */
  readonly tls: ServerTls | undefined;
}

/** @throws ConfError where a certificate, a key or the like cannot be used */
export function sslConf(prev: Readonly<SslRaw>, conf: Readonly<SslRaw>, cx: MergeContext): SslConf {
  const mode = conf.starttls ?? prev.starttls ?? 'off';
  const verifyClient = conf.verifyClient ?? prev.verifyClient ?? 'off';
  const listen = cx.store.get(coreModule.srv).listens.find((entry) => entry.options.ssl);
  const starttlsPosition = conf.starttlsPosition ?? prev.starttlsPosition ?? cx.server;
  if (listen === undefined && mode === 'off') return { starttls: mode, verifyClient, tls: undefined };
  const settings: TlsSettings = {
    mode: listen === undefined ? 'starttls' : 'listen ... ssl',
    modePosition: listen?.position ?? starttlsPosition,
    blockEnd: cx.position,
    certificates: conf.certificates ?? prev.certificates ?? [],
    keys: conf.keys ?? prev.keys ?? [],
    passphrases: conf.passphrases ?? prev.passphrases,
    protocols: conf.protocols ?? prev.protocols ?? new Set(['TLSv1.2', 'TLSv1.3']),
    ciphers: conf.ciphers ?? prev.ciphers ?? 'HIGH:!aNULL:!MD5',
    preferServerCiphers: conf.preferServerCiphers ?? prev.preferServerCiphers ?? false,
    dhparam: conf.dhparam ?? prev.dhparam,
    ecdhCurve: conf.ecdhCurve ?? prev.ecdhCurve ?? 'auto',
    verifyClient,
    verifyDepth: conf.verifyDepth ?? prev.verifyDepth ?? 1,
    clientCertificate: conf.clientCertificate ?? prev.clientCertificate,
    trustedCertificate: conf.trustedCertificate ?? prev.trustedCertificate,
    crl: conf.crl ?? prev.crl,
    sessionCache: conf.sessionCache ?? prev.sessionCache ?? { kind: 'none' },
    sessionTimeoutS: conf.sessionTimeoutS ?? prev.sessionTimeoutS ?? 300,
    sessionTickets: conf.sessionTickets ?? prev.sessionTickets ?? true,
    sessionTicketKeys: conf.ticketKeys ?? prev.ticketKeys ?? [],
    confCommands: (conf.confCommands ?? prev.confCommands ?? []).map(([name, value]) => ({ name, value })),
  };
  return {
    starttls: mode,
    verifyClient,
    tls: buildServerTls(settings, cx.env, cx.store.get(SESSION_ZONES)),
  };
}
