// Our end of a TLS connection over a handle, whichever side of the handshake it was.
import type { DetailedPeerCertificate } from 'node:tls';
import type { TlsEnd } from '../tls/established.ts';
import type { TlsWrap } from './node-handles.d.ts';

export class WrapEnd implements TlsEnd {
  readonly #wrap: TlsWrap;

  constructor(wrap: TlsWrap) {
    this.#wrap = wrap;
  }

  protocol(): string | null {
    return this.#wrap.getProtocol();
  }

  cipher(): string {
    return this.#wrap.getCipher().name;
  }

  servername(): unknown {
    return this.#wrap.getServername();
  }

  alpn(): unknown {
    return this.#wrap.getALPNNegotiatedProtocol();
  }

  resumed(): boolean {
    return this.#wrap.isSessionReused();
  }

  peerCertificate(): DetailedPeerCertificate | undefined {
    return this.#wrap.getPeerCertificate(true);
  }

  verifyError(): Error | null {
    return this.#wrap.verifyError();
  }

  ownCertificate(): Buffer | undefined {
    return this.#wrap.getCertificate()?.raw;
  }

  session(): Buffer | undefined {
    return this.#wrap.getSession();
  }
}
