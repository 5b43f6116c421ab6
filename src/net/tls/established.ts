// The facts of a finished handshake.
import type { DetailedPeerCertificate } from 'node:tls';
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

/** Our end of the connection, to be asked after the handshake. */
export interface TlsEnd {
  protocol(): string | null;
  cipher(): string;
  /** Node.js says false or null for "none". */
  servername(): unknown;
  alpn(): unknown;
  resumed(): boolean;
  /** With its issuers; empty or undefined where the peer showed none. */
  peerCertificate(): DetailedPeerCertificate | undefined;
  /** null where the peer's certificate is good. */
  verifyError(): Error | null;
  ownCertificate(): Buffer | undefined;
  session(): Buffer | undefined;
}

export function establishedTls(end: TlsEnd, tls: ServerTls, hello: ClientHello | undefined): TlsInfo {
  const peer = tls.requestsCertificate ? peerOf(end) : undefined;
  return {
    protocol: end.protocol() ?? '',
    cipher: end.cipher(),
    servername: wordOf(end.servername()),
    alpn: wordOf(end.alpn()),
    resumed: end.resumed(),
    verify: peer === undefined ? VERIFIED : verify(end, tls, peer),
    peerCertificate: peer?.raw,
    hello,
    sessionId: () => sessionIdOf(end),
    ownCertificate: () => end.ownCertificate(),
    forgetSession: () => {
      const session = tls.hub === undefined ? undefined : end.session();
      if (session !== undefined) tls.hub?.forget(session);
    },
  };
}

function sessionIdOf(end: TlsEnd): string | undefined {
  const session = end.session();
  const id = session === undefined ? undefined : sessionFacts(session)?.id.toString('hex');
  return id === '' ? undefined : id;
}

/** The peer's certificate. Node.js gives an empty object where it showed none. */
export function peerOf(end: TlsEnd): DetailedPeerCertificate | undefined {
  const peer = end.peerCertificate();
  return peer !== undefined && Object.hasOwn(peer, 'raw') ? peer : undefined;
}

function verify(end: TlsEnd, tls: ServerTls, peer: DetailedPeerCertificate): VerifyResult {
  const error = end.verifyError();
  if (error !== null) return verifyResultOf(error);
  return tls.verifyDepth.check(peer, end.resumed());
}

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
