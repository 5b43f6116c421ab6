// What nginx tells of a certificate: names, serial, fingerprint and PEM of a client's, key and signature of the server's.
import { createHash, X509Certificate } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import { type Element, oidText, readElement, readElements, Tag } from './der.ts';
import { commonName, onelineName, rfc2253 } from './distinguished-name.ts';
import { SIGNATURE_NAMES } from './oid-names.ts';

/** Text fields are empty where the certificate's encoding cannot be read. */
export interface CertificateFacts {
  /** RFC 2253, ASCII: `CN=x,O=Foo\, Bar,C=US`. */
  readonly subject: ByteString;
  readonly issuer: ByteString;
  /** Upper-case hex, an even number of digits. */
  readonly serial: string;
  /** SHA-1 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** With its final newline. */
  readonly pem: ByteString;
  /** UTF-8. */
  readonly commonName: Buffer | undefined;
}

/** @param der a whole certificate, like TlsInfo.peerCertificate. */
export function certificateFacts(der: Buffer): CertificateFacts {
  const parts = readCertificate(der);
  return {
    subject: parts === undefined ? '' : (rfc2253(parts.subject.value) ?? ''),
    issuer: parts === undefined ? '' : (rfc2253(parts.issuer.value) ?? ''),
    serial: parts === undefined ? '' : serialText(parts.serial.value),
    fingerprint: createHash('sha1').update(der).digest('hex'),
    pem: pemText(der),
    commonName: parts === undefined ? undefined : commonName(parts.subject.value),
  };
}

/** Names in OpenSSL's old form. */
export function legacyNames(der: Buffer): { readonly subject: ByteString; readonly issuer: ByteString } {
  const parts = readCertificate(der);
  const text = (name: Element | undefined): ByteString => (name === undefined ? '' : (onelineName(name.value) ?? ''));
  return { subject: text(parts?.subject), issuer: text(parts?.issuer) };
}

/** From when to when a certificate is good: `Jan  1 00:00:00 2020 GMT`. */
export function validity(der: Buffer): { readonly start: string; readonly end: string } {
  const { validFrom, validTo } = new X509Certificate(der);
  return { start: validFrom, end: validTo };
}

/** What the PROXY protocol tells of the server's own certificate. */
export interface KeyFacts {
  /** `RSA-SHA256` */
  readonly sigAlg: string | undefined;
  /** `RSA2048`, `EC256`; undefined for other types of keys. */
  readonly keyType: string | undefined;
}

/** @param der a certificate that was loaded already, so that it can be parsed. */
export function keyFacts(der: Buffer): KeyFacts {
  const algorithm = readCertificate(der)?.algorithm;
  const oid = algorithm === undefined ? undefined : readElement(algorithm.value);
  const sigAlg = oid === undefined ? undefined : SIGNATURE_NAMES.get(oidText(oid.value) ?? '');
  return { sigAlg, keyType: keyType(new X509Certificate(der)) };
}

interface CertificateParts {
  readonly serial: Element;
  readonly issuer: Element;
  readonly subject: Element;
  readonly algorithm: Element;
}

/** RFC 5280, section 4.1. */
function readCertificate(der: Buffer): CertificateParts | undefined {
  const outer = readElement(der);
  const [tbs, algorithm] = outer?.tag === Tag.sequence ? (readElements(outer.value) ?? []) : [];
  const fields = tbs?.tag === Tag.sequence ? (readElements(tbs.value) ?? []) : [];
  const [serial, , issuer, , subject] = fields[0]?.tag === Tag.version ? fields.slice(1) : fields;
  if (serial?.tag !== Tag.integer || algorithm?.tag !== Tag.sequence) return undefined;
  if (issuer?.tag !== Tag.sequence || subject?.tag !== Tag.sequence) return undefined;
  return { serial, issuer, subject, algorithm };
}

/** A leading zero byte is only there to keep the number positive. */
function serialText(value: Buffer): string {
  const [first = 0] = value;
  if (first < 0x80)
    return value
      .subarray(first === 0 && value.length > 1 ? 1 : 0)
      .toString('hex')
      .toUpperCase();
  const magnitude = (1n << BigInt(8 * value.length)) - BigInt(`0x${value.toString('hex')}`);
  const digits = magnitude.toString(16).toUpperCase();
  return `-${digits.padStart(digits.length + (digits.length % 2), '0')}`;
}

function pemText(der: Buffer): ByteString {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyType(certificate: X509Certificate): string | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  switch (asymmetricKeyType) {
    case 'rsa':
      return `RSA${asymmetricKeyDetails?.modulusLength ?? ''}`;
    case 'dsa':
      return `DSA${asymmetricKeyDetails?.modulusLength ?? ''}`;
    case 'ec':
      // The name of a curve tells its size: prime256v1, secp384r1, brainpoolP512r1.
      return `EC${/\d{3}/.exec(asymmetricKeyDetails?.namedCurve ?? '')?.[0] ?? ''}`;
    default:
      return undefined;
  }
}
