// The facts of a finished handshake.
import type { TLSSocket } from 'node:tls';
import type { ServerTls } from './tls-context.ts';
import type { TlsInfo } from './tls-upgrade.ts';
import { VERIFIED, type VerifyResult, verifyResultOf } from './verify-codes.ts';

export class EstablishedTls implements TlsInfo {
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
    this.peerCertificate = tls.requestsCertificate ? socket.getPeerX509Certificate()?.raw : undefined;
    this.verify = this.peerCertificate === undefined ? VERIFIED : verify(socket, tls, this.peerCertificate);
  }

  ownCertificate(): Buffer | undefined {
    return this.#socket.getX509Certificate()?.raw;
  }

  forgetSession(): void {
    const session = this.#tls.hub === undefined ? undefined : this.#socket.getSession();
    if (session !== undefined) this.#tls.hub?.forget(session);
  }
}

function verify(socket: TLSSocket, tls: ServerTls, leaf: Buffer): VerifyResult {
  const error = socket._handle?.verifyError() ?? null;
  return error === null ? tls.verifyDepth.check(socket, leaf) : verifyResultOf(error.message);
}

/** Node.js says false or null for "none", and the types say less. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
