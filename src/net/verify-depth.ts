// ssl_verify_depth: Node.js has no call to set it, so the verified chain is measured after the handshake.
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { certificateDigest } from './tls-verify-store.ts';
import { VERIFIED, type VerifyResult, verifyResult } from './verify-codes.ts';

/** Client certificates whose chain is remembered, the oldest goes first. A session lives for minutes. */
const MAX_KNOWN = 16384;
/** OpenSSL goes no further either. */
const MAX_CHAIN = 100;

/** What OpenSSL ends up with for a chain that the limit cuts off. */
const UNABLE_TO_GET_ISSUER = 2;
const UNABLE_TO_GET_ISSUER_LOCALLY = 20;

interface Chain {
  readonly intermediates: number;
  /** The issuer of the leaf is among our own CAs. */
  readonly issuerIsTrusted: boolean;
}

export class VerifyDepth {
  readonly #limit: number;
  readonly #trusted: ReadonlySet<string>;
  /**
   * A resumed session holds the client's certificate and nothing of its chain, so what the full handshake showed is
   * remembered here. Tickets of servers that verify are good only in this process, so that it is there.
   */
  readonly #known = new Map<string, Chain>();

  /** @param limit intermediate CAs that are allowed. @param trusted digests of our CAs */
  constructor(limit: number, trusted: ReadonlySet<string>) {
    this.#limit = limit;
    this.#trusted = trusted;
  }

  /** The result for a certificate that OpenSSL found good. */
  check(socket: TLSSocket, leaf: Buffer): VerifyResult {
    const digest = certificateDigest(leaf);
    const chain = socket.isSessionReused() ? this.#recall(socket, digest) : this.#measure(socket);
    if (chain === undefined) return verifyResult(UNABLE_TO_GET_ISSUER_LOCALLY);
    this.#remember(digest, chain);
    if (chain.intermediates <= this.#limit) return VERIFIED;
    return verifyResult(chain.issuerIsTrusted ? UNABLE_TO_GET_ISSUER : UNABLE_TO_GET_ISSUER_LOCALLY);
  }

  #recall(socket: TLSSocket, digest: string): Chain | undefined {
    return this.#known.get(digest) ?? this.#measure(socket);
  }

  #remember(digest: string, chain: Chain): void {
    this.#known.delete(digest);
    this.#known.set(digest, chain);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }

  /** undefined where the chain does not reach a root. */
  #measure(socket: TLSSocket): Chain | undefined {
    const leaf: DetailedPeerCertificate = socket.getPeerCertificate(true);
    let certificate = leaf;
    for (let issuers = 0; issuers < MAX_CHAIN; issuers++) {
      const issuer = certificate.issuerCertificate;
      if (issuer === undefined) return undefined;
      if (issuer.raw.equals(certificate.raw)) {
        const issuerIsTrusted = this.#trusted.has(certificateDigest(leaf.issuerCertificate.raw));
        return { intermediates: Math.max(issuers - 1, 0), issuerIsTrusted };
      }
      certificate = issuer;
    }
    return undefined;
  }
}
