// ssl_verify_depth: Node.js has no call to set it, so the verified chain is measured after the handshake.
import type { DetailedPeerCertificate } from 'node:tls';
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
   * remembered here. Sessions of a server that verifies are good with no other one, so that it is there.
   */
  readonly #known = new Map<string, Chain>();

  /** @param limit intermediate CAs that are allowed. @param trusted digests of our CAs */
  constructor(limit: number, trusted: ReadonlySet<string>) {
    this.#limit = limit;
    this.#trusted = trusted;
  }

  /**
   * The result for a certificate that OpenSSL found good.
   * @param leaf with its issuers, from `TLSSocket.getPeerCertificate(true)`: the first of the calls for the peer's
   * certificate, since `getPeerX509Certificate` takes the intermediates away.
   */
  check(leaf: DetailedPeerCertificate, resumed: boolean): VerifyResult {
    const digest = certificateDigest(leaf.raw);
    const chain = (resumed ? this.#known.get(digest) : undefined) ?? this.#measure(leaf);
    if (chain === undefined) return verifyResult(UNABLE_TO_GET_ISSUER_LOCALLY);
    this.#remember(digest, chain);
    if (chain.intermediates <= this.#limit) return VERIFIED;
    return verifyResult(chain.issuerIsTrusted ? UNABLE_TO_GET_ISSUER : UNABLE_TO_GET_ISSUER_LOCALLY);
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
  #measure(leaf: DetailedPeerCertificate): Chain | undefined {
    let certificate = leaf;
    for (let issuers = 0; issuers < MAX_CHAIN; issuers++) {
      const issuer = issuerOf(certificate);
      if (issuer === undefined) return undefined;
      if (issuer.raw.equals(certificate.raw)) {
        const trusted = this.#trusted.has(certificateDigest(leaf.issuerCertificate.raw));
        return { intermediates: Math.max(issuers - 1, 0), issuerIsTrusted: trusted };
      }
      certificate = issuer;
    }
    return undefined;
  }
}

/** The types promise an issuer; there is none where the chain ends without a root. */
function issuerOf(certificate: Partial<DetailedPeerCertificate>): DetailedPeerCertificate | undefined {
  return certificate.issuerCertificate;
}
