// The commands of ssl_conf_command that load a file: Certificate and PrivateKey, which replace those of their key type.
import { X509Certificate } from 'node:crypto';
import type { ByteString } from '../../conf/directive.ts';
import { errnoText } from '../../core/errno.ts';
import { CERTIFICATE_DATA, CERTIFICATE_LABELS } from './certificates.ts';
import { pemBlocks, type TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';
import { opensslText } from './openssl-error.ts';

/** OpenSSL's error queue, in the form that messages show. */
export class LoadFailure extends Error {}

const EISDIR = 21;
const SYSTEM = 'error:10080002:BIO routines::system lib error:0A080002:SSL routines::system lib';
const PEM = 'error:0A080009:SSL routines::PEM lib';
const KEY_DATA = { unsupported: 'No supported data to decode. Input type: PEM' } as const;

/** @returns the leaf, DER @throws LoadFailure */
export function loadCertificateFile(native: NativeSecureContext, path: ByteString, files: TlsFiles): Buffer {
  const pem = read(path, files);
  attempt(() => native.setCert(pem), CERTIFICATE_DATA);
  const [block] = pemBlocks(pem, CERTIFICATE_LABELS);
  return block === undefined ? Buffer.alloc(0) : new X509Certificate(block).raw;
}

/** A key that is encrypted is refused: there is nobody to ask. @throws LoadFailure */
export function loadKeyFile(native: NativeSecureContext, path: ByteString, files: TlsFiles): void {
  const pem = read(path, files);
  attempt(() => native.setKey(pem), KEY_DATA);
}

function read(path: ByteString, files: TlsFiles): Buffer {
  const content = files.readFile(path);
  if (Buffer.isBuffer(content)) return content;
  if (content.errno === EISDIR) return Buffer.alloc(0);
  const code = (0x80000000 + content.errno).toString(16).toUpperCase();
  const open = `error:${code}:system library::${errnoText(content.errno)}:calling fopen(${path}, r)`;
  throw new LoadFailure(`${open} ${SYSTEM}`);
}

function attempt(load: () => void, data: Readonly<Record<string, string>>): void {
  try {
    load();
  } catch (error) {
    throw new LoadFailure(`${opensslText(error, data) ?? ''} ${PEM}`.trim());
  }
}
