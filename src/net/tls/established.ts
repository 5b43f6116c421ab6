// The facts of a finished handshake.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { ClientHello } from './client-hello.ts';
import type { ServerTls } from './context.ts';
import { sessionFacts } from './session.ts';
import { VERIFIED, type VerifyResult, verifyResultOf } from './verify-codes.ts';

/** What is known of an established TLS session. */
export interface TlsInfo {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** SNI as the client sent it. */
  readonly servername: string | undefined;
  readonly alpn: string | undefined;
  readonly resumed: boolean;
  /** OpenSSL's verify result of the client's certificate; code 0 also where there is none. */
  readonly verify: VerifyResult;
  /** The client's certificate, DER; only where the server asks for one. */
  readonly peerCertificate: Buffer | undefined;
  /** Where it was read before the handshake. */
  readonly hello: ClientHello | undefined;
  /** Hexadecimal; undefined where the session has none, and when the connection is gone. */
  sessionId(): string | undefined;
  /** The server's certificate that was used, DER. Only while the connection lives. */
  ownCertificate(): Buffer | undefined;
  /** Takes the session out of the cache: it must not be resumed. */
  forgetSession(): void;
}

export function establishedTls(socket: TLSSocket, tls: ServerTls, hello: ClientHello | undefined): TlsInfo {
  const peer = tls.requestsCertificate ? peerOf(socket) : undefined;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    servername: wordOf(socket.servername),
    alpn: wordOf(socket.alpnProtocol),
    resumed: socket.isSessionReused(),
    verify: peer === undefined ? VERIFIED : verify(socket, tls, peer),
    peerCertificate: peer?.raw,
    hello,
    sessionId: () => sessionIdOf(socket),
    ownCertificate: () => socket.getX509Certificate()?.raw,
    forgetSession: () => {
      const session = tls.hub === undefined ? undefined : socket.getSession();
      if (session !== undefined) tls.hub?.forget(session);
    },
  };
}

function sessionIdOf(socket: TLSSocket): string | undefined {
  const session = socket.getSession();
  const id = session === undefined ? undefined : sessionFacts(session)?.id.toString('hex');
  return id === '' ? undefined : id;
}

/** Node.js gives an empty object where the client showed no certificate. */
function peerOf(socket: TLSSocket): DetailedPeerCertificate | undefined {
  const peer = socket.getPeerCertificate(true);
  return Object.hasOwn(peer, 'raw') ? peer : undefined;
}

function verify(socket: TLSSocket, tls: ServerTls, peer: DetailedPeerCertificate): VerifyResult {
  const error = socket._handle?.verifyError() ?? null;
  if (error !== null) return verifyResultOf(error);
  return tls.verifyDepth.check(peer, socket.isSessionReused());
}

/** Node.js says false or null for "none", and the types say less. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
