// The http ssl module's structs, and the TLS of a server that is made of them when the configuration is read.
import { at, type ByteString, ConfError, type Environment, type Position } from '../../conf/directive.ts';
import { buildServerTls, type ServerTls } from '../../net/tls/context.ts';
import type { SessionZones } from '../../net/tls/session-zones.ts';
import type { VerifyMode } from '../../net/tls/settings.ts';
import { inheritSsl, noSsl, type SslRaw, tlsSettings } from '../../net/tls/ssl-conf.ts';
import { type Accepted, nothingAccepted } from '../accepted-slots.ts';

export interface HttpSslRaw extends SslRaw, Accepted {
  rejectHandshake: boolean | undefined;
}

export const noHttpSsl = (): HttpSslRaw => ({ ...noSsl(), ...nothingAccepted(), rejectHandshake: undefined });

export interface HttpSsl {
  /** As it holds here, for the servers within. */
  readonly raw: Readonly<SslRaw>;
  readonly verifyClient: VerifyMode;
  /** Whoever asks for this server gets no handshake. */
  readonly rejectsHandshake: boolean;
  /** undefined: there are no certificates. */
  readonly tls: ServerTls | undefined;
}

interface Place {
  readonly env: Environment;
  readonly position: Position;
  readonly zones: SessionZones;
}

/**
 * A server with certificates loads them, whether or not it is asked for TLS.
 * @param prev undefined: this is the http block itself @throws ConfError
 */
export function httpSsl(prev: HttpSsl | undefined, own: Readonly<HttpSslRaw>, place: Place): HttpSsl {
  const raw = prev === undefined ? own : inheritSsl(prev.raw, own);
  const rejectsHandshake = own.rejectHandshake ?? prev?.rejectsHandshake ?? false;
  const hasCertificates = raw.certificates !== undefined;
  const isLoaded = prev !== undefined && (hasCertificates || rejectsHandshake);
  const tls = isLoaded
    ? buildServerTls(tlsSettings(raw, undefined, place.position), place.env, place.zones)
    : undefined;
  return {
    raw,
    verifyClient: raw.verifyClient ?? 'off',
    rejectsHandshake,
    // Without certificates it was only checked.
    tls: hasCertificates ? tls : undefined,
  };
}

interface TlsServer {
  readonly ssl: HttpSsl;
  /** The `server {` line. */
  readonly position: Position;
}

/**
 * The default server of an address with `listen … ssl` needs a certificate, unless it takes no handshake; then all the
 * others need one.
 * @throws ConfError
 */
export function checkTlsAddress(defaultServer: TlsServer, servers: Iterable<TlsServer>): void {
  const { ssl, position } = defaultServer;
  if (ssl.tls !== undefined) return;
  const bad = ssl.rejectsHandshake
    ? [...servers].find(({ ssl: other }) => other.tls === undefined && !other.rejectsHandshake)?.position
    : position;
  if (bad !== undefined) throw new ConfError(noCertificate(bad));
}

const noCertificate = (position: Position): ByteString =>
  `no "ssl_certificate" is defined for the "listen ... ssl" directive${at(position)}`;
