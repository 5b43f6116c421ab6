// ssl_dhparam: parameters for DHE ciphers (PKCS #3), checked here since Node.js keeps quiet about bad ones.
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { readElement, readElements, Tag } from '../x509/der.ts';
import { pemBlocks, readPem, type TlsFiles } from './files.ts';
import type { NativeSecureContext } from './node-internals.d.ts';

const MIN_BITS = 1024;
const NO_BLOCK = 'error:0480006C:PEM routines::no start line:Expecting: DH PARAMETERS';
const BAD_BLOCK =
  'error:0688010A:asn1 encoding routines::nested asn1 error:Type=DHparams error:0488000D:PEM routines::ASN1 lib';
const SMALL = 'error:0A00018A:SSL routines::dh key too small';

/** @throws ConfError */
export function loadDhParameters(native: NativeSecureContext, name: ByteString | undefined, files: TlsFiles): void {
  if (name === undefined || name === '') return;
  const file = readPem(files, name, (path) => `BIO_new_file("${path}") failed`);
  const [block] = pemBlocks(file.pem, ['DH PARAMETERS', 'X9.42 DH PARAMETERS']);
  const bits = block === undefined ? undefined : primeBits(block);
  if (block === undefined || bits === undefined) {
    const queue = block === undefined ? NO_BLOCK : BAD_BLOCK;
    throw new ConfError(`PEM_read_bio_DHparams("${file.name}") failed (SSL: ${queue})`);
  }
  if (bits < MIN_BITS) throw new ConfError(`SSL_CTX_set_tmp_dh("${file.name}") failed (SSL: ${SMALL})`);
  native.setDHParam(block);
}

/** The size of the prime; undefined where the block holds no parameters. */
function primeBits(block: Buffer): number | undefined {
  const [, base64] = /^-----BEGIN [^\n]*-----\r?\n([\s\S]*?)-----END /.exec(block.toString('latin1')) ?? [];
  const outer = readElement(Buffer.from(base64 ?? '', 'base64'));
  const [prime, generator] = outer?.tag === Tag.sequence ? (readElements(outer.value) ?? []) : [];
  if (prime?.tag !== Tag.integer || generator?.tag !== Tag.integer) return undefined;
  return BigInt(`0x0${prime.value.toString('hex')}`).toString(2).length;
}
