// Our end of a TLS connection over a stream, whichever side of the handshake it was.
import type { TLSSocket } from 'node:tls';
import type { TlsEnd } from './established.ts';

export function endOf(socket: TLSSocket): TlsEnd {
  return {
    protocol: () => socket.getProtocol(),
    cipher: () => socket.getCipher().name,
    servername: () => socket.servername,
    alpn: () => socket.alpnProtocol,
    resumed: () => socket.isSessionReused(),
    peerCertificate: () => socket.getPeerCertificate(true),
    verifyError: () => socket._handle?.verifyError() ?? null,
    ownCertificate: () => socket.getX509Certificate()?.raw,
    session: () => socket.getSession(),
  };
}
