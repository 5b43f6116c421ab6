// The facts of a finished handshake.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { ServerTls } from './context.ts';
import { VERIFIED, type VerifyResult, verifyResultOf } from './verify-codes.ts';

/** A TlsInfo of `tls-upgrade.ts`. */
export class EstablishedTls {
  readonly protocol: string;
  readonly cipher: string;
  readonly servername: string | undefined;
  readonly alpn: string | undefined;
  readonly resumed: boolean;
  readonly verify: VerifyResult;
  readonly peerCertificate: Buffer | undefined;
  readonly #socket: TLSSocket;
  readonly #tls: ServerTls;

  constructor(socket: TLSSocket, tls: ServerTls) {
    this.#socket = socket;
    this.#tls = tls;
    this.protocol = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().name;
    this.servername = wordOf(socket.servername);
    this.alpn = wordOf(socket.alpnProtocol);
    this.resumed = socket.isSessionReused();
    const peer = tls.requestsCertificate ? peerOf(socket) : undefined;
    this.peerCertificate = peer?.raw;
    this.verify = peer === undefined ? VERIFIED : verify(socket, tls, peer);
  }

  ownCertificate(): Buffer | undefined {
    return this.#socket.getX509Certificate()?.raw;
  }

  forgetSession(): void {
    const session = this.#tls.hub === undefined ? undefined : this.#socket.getSession();
    if (session !== undefined) this.#tls.hub?.forget(session);
  }
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
