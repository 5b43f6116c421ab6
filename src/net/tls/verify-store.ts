// The CAs and CRLs that client certificates are verified with.
import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { CERTIFICATE_DATA, CERTIFICATE_LABELS } from './certificates.ts';
import { pemBlocks, readPem, type TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';
import type { TlsSettings } from './settings.ts';

/** SHA-256 of the DER, for sets of certificates. */
export function certificateDigest(der: Buffer): string {
  return createHash('sha256').update(der).digest('base64');
}

export interface VerifyStore {
  /** The digests of all CAs. */
  readonly trusted: ReadonlySet<string>;
  /** Changes with the files. */
  readonly digest: string;
}

/**
 * Loads what ssl_verify_client needs; nothing where it is off.
 * @throws ConfError
 */
export function loadVerifyStore(native: NativeSecureContext, settings: TlsSettings, files: TlsFiles): VerifyStore {
  const { verifyClient, clientCertificate = '', trustedCertificate = '', crl = '' } = settings;
  const trusted = new Set<string>();
  const hash = createHash('sha256');
  if (verifyClient === 'off') return { trusted, digest: '' };
  if (verifyClient !== 'optional_no_ca' && clientCertificate === '' && trustedCertificate === '') {
    throw new ConfError('no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client');
  }
  // Both files are announced to clients: Node.js has no call that trusts without announcing.
  for (const name of [clientCertificate, trustedCertificate]) {
    if (name !== '') loadAuthorities(native, name, files, trusted);
  }
  for (const digest of trusted) hash.update(digest);
  if (crl !== '') for (const list of loadCrls(native, crl, files)) hash.update(list);
  return { trusted, digest: hash.digest('base64') };
}

/** Adds the digests of what it loads. @throws ConfError */
export function loadAuthorities(
  native: NativeSecureContext,
  name: ByteString,
  files: TlsFiles,
  trusted: Set<string>,
): void {
  const load = (shown: ByteString, why: string): ByteString => `cannot load certificate "${shown}": ${why} failed`;
  const file = readPem(files, name, (path) => load(path, 'BIO_new_file()'));
  const blocks = pemBlocks(file.pem, CERTIFICATE_LABELS);
  const refused = blocks.length === 0 ? file.pem : blocks.find((block) => readCertificate(block) === undefined);
  if (refused !== undefined) {
    throw new ConfError(`${load(file.name, 'PEM_read_bio_X509_AUX()')} (SSL: ${whyUnreadable(refused)})`);
  }
  for (const block of blocks) addAuthority(native, block, trusted);
}

/** One that cannot be read is passed over. */
export function addAuthority(native: NativeSecureContext, pem: Buffer, trusted: Set<string>): void {
  const certificate = readCertificate(pem);
  if (certificate === undefined) return;
  trusted.add(certificateDigest(certificate.raw));
  native.addCACert(pem);
}

function readCertificate(pem: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** addCACert keeps quiet about what it cannot read; setCert reads the same way and says what was wrong. */
function whyUnreadable(pem: Buffer): string {
  const scratch: NativeSecureContext = createSecureContext({ ca: [] }).context;
  try {
    scratch.setCert(pem);
  } catch (error) {
    return opensslText(error, CERTIFICATE_DATA) ?? '';
  }
  return '';
}

const NO_CRL = 'error:0480006C:PEM routines::no start line:Expecting: X509 CRL';
/** Node.js does not pass on what exactly is wrong with a CRL. */
const BAD_CRL =
  'error:0688010A:asn1 encoding routines::nested asn1 error:Type=X509_CRL error:0488000D:PEM routines::ASN1 lib';

/** @returns the lists, PEM @throws ConfError */
export function loadCrls(native: NativeSecureContext, name: ByteString, files: TlsFiles): readonly Buffer[] {
  const load = (shown: ByteString, why: string): ByteString => `cannot load CRL "${shown}": ${why} failed`;
  const file = readPem(files, name, (path) => load(path, 'BIO_new_file()'));
  const blocks = pemBlocks(file.pem, ['X509 CRL']);
  const read = load(file.name, 'PEM_read_bio_X509_CRL()');
  if (blocks.length === 0) throw new ConfError(`${read} (SSL: ${NO_CRL})`);
  for (const block of blocks) {
    try {
      native.addCRL(block);
    } catch {
      throw new ConfError(`${read} (SSL: ${BAD_CRL})`);
    }
  }
  return blocks;
}
