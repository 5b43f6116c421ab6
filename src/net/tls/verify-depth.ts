// ssl_verify_depth: Node.js has no call to set it, so the verified chain is measured after the handshake.
import type { DetailedPeerCertificate } from 'node:tls';
import { type Chain, ChainFacts } from './chain-facts.ts';
import { VERIFIED, type VerifyResult, verifyResult } from './verify-codes.ts';
import { certificateDigest } from './verify-store.ts';

/** OpenSSL goes no further either. */
const MAX_CHAIN = 100;

/** What OpenSSL ends up with for a chain that the limit cuts off. */
const UNABLE_TO_GET_ISSUER = 2;
const UNABLE_TO_GET_ISSUER_LOCALLY = 20;

export class VerifyDepth {
  readonly #limit: number;
  readonly #trusted: ReadonlySet<string>;
  /** Sessions are resumed only where the chain of their full handshake is known. */
  readonly #chains: ChainFacts;

  /** @param limit intermediate CAs that are allowed. @param trusted digests of our CAs */
  constructor(limit: number, trusted: ReadonlySet<string>, chains = new ChainFacts()) {
    this.#limit = limit;
    this.#trusted = trusted;
    this.#chains = chains;
  }

  /**
   * The result for a certificate that OpenSSL found good.
   * @param leaf with its issuers, from `TLSSocket.getPeerCertificate(true)`: the first of the calls for the peer's
   * certificate, since `getPeerX509Certificate` takes the intermediates away.
   */
  check(leaf: DetailedPeerCertificate, resumed: boolean): VerifyResult {
    const digest = certificateDigest(leaf.raw);
    const chain = (resumed ? this.#chains.get(digest) : undefined) ?? this.#measure(leaf);
    if (chain === undefined) return verifyResult(UNABLE_TO_GET_ISSUER_LOCALLY);
    this.#chains.set(digest, chain);
    if (chain.intermediates <= this.#limit) return VERIFIED;
    return verifyResult(chain.issuerIsTrusted ? UNABLE_TO_GET_ISSUER : UNABLE_TO_GET_ISSUER_LOCALLY);
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
