// OpenSSL's certificate verify results (X509_V_ERR_*): Node.js gives their text, nginx logs and sends the number too.

/** With the name that Node.js has for code; it has none for most. */
const RESULTS: readonly (readonly [code: number, text: string, name?: string])[] = [
  [2, 'unable to get issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT'],
  [3, 'unable to get certificate CRL', 'UNABLE_TO_GET_CRL'],
  [4, "unable to decrypt certificate's signature", 'UNABLE_TO_DECRYPT_CERT_SIGNATURE'],
  [5, "unable to decrypt CRL's signature", 'UNABLE_TO_DECRYPT_CRL_SIGNATURE'],
  [6, 'unable to decode issuer public key', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
  [7, 'certificate signature failure', 'CERT_SIGNATURE_FAILURE'],
  [8, 'CRL signature failure', 'CRL_SIGNATURE_FAILURE'],
  [9, 'certificate is not yet valid', 'CERT_NOT_YET_VALID'],
  [10, 'certificate has expired', 'CERT_HAS_EXPIRED'],
  [11, 'CRL is not yet valid', 'CRL_NOT_YET_VALID'],
  [12, 'CRL has expired', 'CRL_HAS_EXPIRED'],
  [13, "format error in certificate's notBefore field", 'ERROR_IN_CERT_NOT_BEFORE_FIELD'],
  [14, "format error in certificate's notAfter field", 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
  [15, "format error in CRL's lastUpdate field", 'ERROR_IN_CRL_LAST_UPDATE_FIELD'],
  [16, "format error in CRL's nextUpdate field", 'ERROR_IN_CRL_NEXT_UPDATE_FIELD'],
  [17, 'out of memory', 'OUT_OF_MEM'],
  [18, 'self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [19, 'self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  [20, 'unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [21, 'unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [22, 'certificate chain too long', 'CERT_CHAIN_TOO_LONG'],
  [23, 'certificate revoked', 'CERT_REVOKED'],
  [24, "issuer certificate doesn't have a public key"],
  [25, 'path length constraint exceeded', 'PATH_LENGTH_EXCEEDED'],
  [26, 'unsuitable certificate purpose', 'INVALID_PURPOSE'],
  [27, 'certificate not trusted', 'CERT_UNTRUSTED'],
  [28, 'certificate rejected', 'CERT_REJECTED'],
  [29, 'subject issuer mismatch'],
  [30, 'authority and subject key identifier mismatch'],
  [31, 'authority and issuer serial number mismatch'],
  [32, 'key usage does not include certificate signing'],
  [33, 'unable to get CRL issuer certificate'],
  [34, 'unhandled critical extension'],
  [35, 'key usage does not include CRL signing'],
  [36, 'unhandled critical CRL extension'],
  [37, 'invalid non-CA certificate (has CA markings)'],
  [38, 'proxy path length constraint exceeded'],
  [39, 'key usage does not include digital signature'],
  [40, 'proxy certificates not allowed, please set the appropriate flag'],
  [41, 'invalid or inconsistent certificate extension'],
  [42, 'invalid or inconsistent certificate policy extension'],
  [43, 'no explicit policy'],
  [44, 'different CRL scope'],
  [45, 'unsupported extension feature'],
  [46, "RFC 3779 resource not subset of parent's resources"],
  [47, 'permitted subtree violation'],
  [48, 'excluded subtree violation'],
  [49, 'name constraints minimum and maximum not supported'],
  [50, 'application verification failure'],
  [51, 'unsupported name constraint type'],
  [52, 'unsupported or invalid name constraint syntax'],
  [53, 'unsupported or invalid name syntax'],
  [54, 'CRL path validation error'],
  [55, 'path loop'],
  [66, 'EE certificate key too weak'],
  [67, 'CA certificate key too weak'],
  [68, 'CA signature digest algorithm too weak'],
  [69, 'invalid certificate verification context'],
  [70, 'issuer certificate lookup error'],
  [72, 'proxy subject name violation'],
  [76, 'Cannot find certificate signature algorithm'],
  [77, 'subject signature algorithm and issuer public key algorithm mismatch'],
  [78, 'cert info signature and signature algorithm mismatch'],
  [79, 'invalid CA certificate', 'INVALID_CA'],
  [94, 'Certificate public key has explicit ECC parameters'],
];

const BY_TEXT: ReadonlyMap<string, number> = new Map(RESULTS.map(([code, text]) => [text, code]));
const BY_NAME: ReadonlyMap<string, number> = new Map(RESULTS.flatMap(([code, , name]) => (name ? [[name, code]] : [])));
const BY_CODE: ReadonlyMap<number, string> = new Map(RESULTS.map(([code, text]) => [code, text]));

/** "Unspecified": what stands for a text that is not known. */
const UNSPECIFIED = 1;

export interface VerifyResult {
  /** X509_V_ERR number; 0: verified, or no certificate to verify. */
  readonly code: number;
  readonly text: string;
}

export const VERIFIED: VerifyResult = { code: 0, text: 'ok' };

/** @param error of Node.js: OpenSSL's text for message, from Node 22 on with some advice behind it. */
export function verifyResultOf(error: Error): VerifyResult {
  const named = 'code' in error && typeof error.code === 'string' ? BY_NAME.get(error.code) : undefined;
  if (named !== undefined) return verifyResult(named);
  return { code: BY_TEXT.get(error.message) ?? UNSPECIFIED, text: error.message };
}

/** @param code one of the table. */
export function verifyResult(code: number): VerifyResult {
  return { code, text: BY_CODE.get(code) ?? 'unspecified certificate verification error' };
}
