// OpenSSL's certificate verify results (X509_V_ERR_*): Node.js gives their text, nginx logs and sends the number too.

const TEXTS: readonly (readonly [code: number, text: string])[] = [
  [2, 'unable to get issuer certificate'],
  [3, 'unable to get certificate CRL'],
  [4, "unable to decrypt certificate's signature"],
  [5, "unable to decrypt CRL's signature"],
  [6, 'unable to decode issuer public key'],
  [7, 'certificate signature failure'],
  [8, 'CRL signature failure'],
  [9, 'certificate is not yet valid'],
  [10, 'certificate has expired'],
  [11, 'CRL is not yet valid'],
  [12, 'CRL has expired'],
  [13, "format error in certificate's notBefore field"],
  [14, "format error in certificate's notAfter field"],
  [15, "format error in CRL's lastUpdate field"],
  [16, "format error in CRL's nextUpdate field"],
  [17, 'out of memory'],
  [18, 'self-signed certificate'],
  [19, 'self-signed certificate in certificate chain'],
  [20, 'unable to get local issuer certificate'],
  [21, 'unable to verify the first certificate'],
  [22, 'certificate chain too long'],
  [23, 'certificate revoked'],
  [24, "issuer certificate doesn't have a public key"],
  [25, 'path length constraint exceeded'],
  [26, 'unsuitable certificate purpose'],
  [27, 'certificate not trusted'],
  [28, 'certificate rejected'],
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
  [79, 'invalid CA certificate'],
  [94, 'Certificate public key has explicit ECC parameters'],
];

const BY_TEXT: ReadonlyMap<string, number> = new Map(TEXTS.map(([code, text]) => [text, code]));
const BY_CODE: ReadonlyMap<number, string> = new Map(TEXTS);

/** "Unspecified": what stands for a text that is not known. */
const UNSPECIFIED = 1;

export interface VerifyResult {
  /** X509_V_ERR number; 0: verified, or no certificate to verify. */
  readonly code: number;
  readonly text: string;
}

export const VERIFIED: VerifyResult = { code: 0, text: 'ok' };

/** @param text OpenSSL's, as Node.js has it for message. */
export function verifyResultOf(text: string): VerifyResult {
  return { code: BY_TEXT.get(text) ?? UNSPECIFIED, text };
}

/** @param code one of the table. */
export function verifyResult(code: number): VerifyResult {
  return {
    code,
    text: BY_CODE.get(code) ?? 'unspecified certificate verification error',
  };
}
