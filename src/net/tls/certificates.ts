// The server's certificates and keys, loaded pair by pair as nginx does, with its messages.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { type PemFile, pemBlocks, readPem, type TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';
import type { TlsSettings } from './settings.ts';

/**
 * Loads every certificate with its key. A later pair of the same key type takes the place of the earlier one.
 * @returns the leaf certificates, DER, in order.
 * @throws ConfError
 */
export function loadCertificates(
  native: NativeSecureContext,
  settings: Pick<TlsSettings, 'certificates' | 'keys' | 'passphrases'>,
  files: TlsFiles,
): Buffer[] {
  return settings.certificates.map((name, i) => {
    const leaf = loadCertificate(native, name, files);
    loadKey(native, settings.keys[i] ?? '', settings.passphrases, files);
    return leaf;
  });
}

/** Labels that OpenSSL takes for a certificate. */
export const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** What OpenSSL adds to the reasons of errors with certificates. */
export const CERTIFICATE_DATA = {
  'no start line': 'Expecting: TRUSTED CERTIFICATE',
  'nested asn1 error': 'Type=X509',
} as const;

function loadCertificate(native: NativeSecureContext, name: ByteString, files: TlsFiles): Buffer {
  const load = (shown: ByteString, why: string): ByteString => `cannot load certificate "${shown}": ${why} failed`;
  const file = readPem(files, name, (path) => load(path, 'BIO_new_file()'));
  try {
    native.setCert(file.pem);
  } catch (error) {
    const queue = ` (SSL: ${opensslText(error, CERTIFICATE_DATA) ?? ''})`;
    if (isFrom(error, 'SSL routines')) throw new ConfError(`SSL_CTX_use_certificate("${file.name}") failed${queue}`);
    const call = firstCertificate(file) === undefined ? 'PEM_read_bio_X509_AUX()' : 'PEM_read_bio_X509()';
    throw new ConfError(load(file.name, call) + queue);
  }
  return firstCertificate(file)?.raw ?? Buffer.alloc(0);
}

function firstCertificate(file: PemFile): X509Certificate | undefined {
  const [block] = pemBlocks(file.pem, CERTIFICATE_LABELS);
  try {
    return block === undefined ? undefined : new X509Certificate(block);
  } catch {
    return undefined;
  }
}

const KEY_DATA = {
  unsupported: 'No supported data to decode. Input type: PEM',
  'nested asn1 error': 'Type=PKCS8_PRIV_KEY_INFO',
  'pkcs12 cipherfinal error': 'maybe wrong password',
} as const;

const NO_PASSWORD_DATA = {
  ...KEY_DATA,
  'pkcs12 cipherfinal error': 'empty password',
};

function loadKey(
  native: NativeSecureContext,
  name: ByteString,
  passphrases: readonly Buffer[] | undefined,
  files: TlsFiles,
): void {
  const load = (shown: ByteString, why: string): ByteString => `cannot load certificate key "${shown}": ${why}`;
  refuseForeignKeys(name, load);
  const file = readPem(files, name, (path) => load(path, 'BIO_new_file() failed'));
  try {
    native.setKey(isEncrypted(file) ? decrypt(file, passphrases) : file.pem);
  } catch (error) {
    if (error instanceof NoPassphrase) {
      const hint = 'the key is encrypted, and its pass phrase is only taken from "ssl_password_file"';
      throw new ConfError(load(file.name, `PEM_read_bio_PrivateKey() failed (${hint})`));
    }
    const data = passphrases?.length === 0 ? NO_PASSWORD_DATA : KEY_DATA;
    const queue = ` (SSL: ${opensslText(error, data) ?? ''})`;
    if (isFrom(error, 'x509 certificate routines') || isFrom(error, 'SSL routines')) {
      throw new ConfError(`SSL_CTX_use_PrivateKey("${file.name}") failed${queue}`);
    }
    throw new ConfError(load(file.name, `PEM_read_bio_PrivateKey() failed${queue}`));
  }
}

function refuseForeignKeys(name: ByteString, load: (shown: ByteString, why: string) => ByteString): void {
  if (name.startsWith('engine:') && !name.slice('engine:'.length).includes(':')) {
    throw new ConfError(load(name, 'invalid syntax'));
  }
  if (name.startsWith('engine:') || name.startsWith('store:')) {
    throw new ConfError(load(name, 'Postern cannot load keys from engines or stores'));
  }
}

/** An encrypted key without a pass phrase: nginx would ask on the terminal. */
class NoPassphrase extends Error {}

function isEncrypted(file: PemFile): boolean {
  return /^(?:-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED)/m.test(file.pem.toString('latin1'));
}

/** Tries the pass phrases in turn. @throws what the last one gave, or NoPassphrase where there is no file of them */
function decrypt(file: PemFile, passphrases: readonly Buffer[] | undefined): Buffer {
  if (passphrases === undefined) throw new NoPassphrase();
  let failure: unknown;
  // As in nginx, a file without one stands for an empty pass phrase.
  for (const passphrase of passphrases.length === 0 ? [Buffer.alloc(0)] : passphrases) {
    try {
      const key = createPrivateKey({ key: file.pem, passphrase });
      return Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Whether the oldest error of the queue is from that library of OpenSSL. */
function isFrom(error: unknown, library: string): boolean {
  return error instanceof Error && 'library' in error && error.library === library;
}
