// Whether a request may go to a server, by the TLS of its connection: that it is there, and the client's certificate.
import type { ByteString } from '../../conf/directive.ts';
import { verifyClient } from '../../net/tls/verify-client.ts';
import type { HttpConnection } from '../connection/connection.ts';
import type { Reached, ServerEntry } from '../servers/addresses.ts';

/**
 * A server that asks for certificates takes no request whose handshake was with another server. Where the client has
 * named none in the handshake, nginx takes what was shown to the default server; here it counts only where that server
 * checks certificates in the same way.
 */
export function misdirects(
  { tls }: HttpConnection,
  { server, isNamed, address }: Reached,
  chosen: ServerEntry,
): boolean {
  if (tls === undefined || chosen === server || chosen.ssl.verifyClient === 'off') return false;
  if (isNamed) return true;
  const used = server.ssl.tls ?? address.defaultServer.ssl.tls;
  return used?.requestsCertificate === true && used.trust !== chosen.ssl.tls?.trust;
}

export interface SslFault {
  readonly status: number;
  /** For the log at info. */
  readonly text: ByteString;
}

/** Why a request is refused. */
export function sslFault({ tls, lacksTls }: HttpConnection, { ssl }: ServerEntry): SslFault | undefined {
  if (lacksTls) return { status: 497, text: 'client sent plain HTTP request to HTTPS port' };
  const verdict = verifyClient(ssl.verifyClient, tls);
  if (verdict.kind === 'ok') return undefined;
  tls?.forgetSession();
  if (verdict.kind === 'no-cert') return { status: 496, text: 'client sent no required SSL certificate' };
  return { status: 495, text: `client SSL certificate verify error: (${verdict.code}:${verdict.text})` };
}
