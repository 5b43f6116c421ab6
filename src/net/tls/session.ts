// Reads OpenSSL's SSL_SESSION, as TLSSocket.getSession and the session events give it.
import { readElement, readElements, Tag } from '../x509/der.ts';
import { certificateDigest } from './verify-store.ts';

export interface SessionFacts {
  readonly id: Buffer;
  readonly isTls13: boolean;
  /** Of the peer's certificate where it was found good; undefined: there is none, or it was not. */
  readonly verifiedPeer: string | undefined;
}

const TLS13 = 0x0304;
/** Context tags of the optional fields. */
const PEER = 0xa3;
const VERIFY_RESULT = 0xa5;

/** The fields: structure version, protocol version, cipher, id, secret, then tagged ones; a good result is left out. */
export function sessionFacts(session: Buffer): SessionFacts | undefined {
  const outer = readElement(session);
  const [, version, , id, , ...optional] = outer?.tag === Tag.sequence ? (readElements(outer.value) ?? []) : [];
  if (version?.value.length !== 2 || id?.tag !== Tag.octetString) return undefined;
  const peer = optional.find(({ tag }) => tag === PEER);
  const isVerified = peer !== undefined && !optional.some(({ tag }) => tag === VERIFY_RESULT);
  return {
    id: id.value,
    isTls13: version.value.readUInt16BE(0) === TLS13,
    verifiedPeer: isVerified ? certificateDigest(peer.value) : undefined,
  };
}
