// Builds the header for a backend: the PROXY protocol specification, versions 1 and 2, with the TLVs that nginx sends.
import { parseIpv4, parseIpv6 } from '../../core/ip.ts';
import { crc32c } from './crc32c.ts';
import { V2_SIGNATURE } from './read.ts';

/** One end of a client's connection: an IP without brackets, or `unix:PATH` with port 0. */
export interface ProxyEndpoint {
  readonly address: string;
  /** 0..65535 */
  readonly port: number;
}

/** What version 2 tells about a client's TLS. A field that is undefined or empty is left out. */
export interface ProxyTls {
  /** SNI, up to 255 bytes. */
  readonly servername: string | undefined;
  readonly alpn: string | undefined;
  /** `TLSv1.3` */
  readonly version: string;
  /** OpenSSL's name of the cipher. */
  readonly cipher: string;
  readonly hasCert: boolean;
  readonly resumed: boolean;
  /** X509_V_ERR number; without a certificate 1 is sent, whatever stands here. */
  readonly verifyResult: number;
  /** Of the client's certificate, UTF-8. */
  readonly commonName: Buffer | undefined;
  /** Of the server's certificate: `RSA-SHA256`. */
  readonly sigAlg: string | undefined;
  /** Of the server's certificate: `RSA2048`, `EC256`. */
  readonly keyType: string | undefined;
}

/**
 * The text header. As in nginx the family word follows the client's address alone, whatever the server's is.
 * @param client undefined or not an IP (a unix client): `PROXY UNKNOWN`.
 */
export function proxyHeaderV1(client: ProxyEndpoint | undefined, server: ProxyEndpoint | undefined): Buffer {
  const bytes = client === undefined ? undefined : ipBytes(client.address);
  if (client === undefined || bytes === undefined) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  const family = bytes.length === 4 ? 'TCP4' : 'TCP6';
  const to = server ?? { address: 'unix:', port: 0 };
  return Buffer.from(`PROXY ${family} ${client.address} ${to.address} ${client.port} ${to.port}\r\n`, 'latin1');
}

/**
 * The binary header with its CRC-32C. Where either end is not an IP it is a LOCAL one without addresses.
 * @param tls undefined: the client's connection is in clear.
 */
export function proxyHeaderV2(
  client: ProxyEndpoint | undefined,
  server: ProxyEndpoint | undefined,
  tls?: ProxyTls,
): Buffer {
  const addresses = addressBlock(client, server);
  const tail = tls === undefined ? CRC_PLACE : Buffer.concat([...tlsTlvs(tls), CRC_PLACE]);
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(addresses.command, 0);
  fixed.writeUInt8(addresses.family, 1);
  fixed.writeUInt16BE(addresses.block.length + tail.length, 2);
  const header = Buffer.concat([V2_SIGNATURE, fixed, addresses.block, tail]);
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}

const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;

const Type = { alpn: 0x01, authority: 0x02, crc: 0x03, ssl: 0x20 } as const;
const SslType = {
  version: 0x21,
  commonName: 0x22,
  cipher: 0x23,
  sigAlg: 0x24,
  keyType: 0x25,
} as const;
const CLIENT_SSL = 0x01;
const CLIENT_CERT_CONN = 0x02;
const CLIENT_CERT_SESS = 0x04;
/** Sent as the verify result where there is no certificate. */
const UNSPECIFIED = 1;

/** The sum is over the header with these four bytes zero. */
const CRC_PLACE = Buffer.from([Type.crc, 0, 4, 0, 0, 0, 0]);

/** A common name is the client's to choose: one that would not fit the 16 bit lengths is left out. */
const MAX_NAME = 1024;

interface AddressBlock {
  readonly command: number;
  readonly family: number;
  readonly block: Buffer;
}

function addressBlock(client: ProxyEndpoint | undefined, server: ProxyEndpoint | undefined): AddressBlock {
  let from = client === undefined ? undefined : ipBytes(client.address);
  let to = server === undefined ? undefined : ipBytes(server.address);
  if (client === undefined || server === undefined || from === undefined || to === undefined) {
    return { command: LOCAL, family: 0, block: Buffer.alloc(0) };
  }
  if (isMapped(from) && isMapped(to)) {
    from = from.subarray(12);
    to = to.subarray(12);
  } else if (from.length !== to.length) {
    from = mapped(from);
    to = mapped(to);
  }
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(client.port, 0);
  ports.writeUInt16BE(server.port, 2);
  return {
    command: PROXY,
    family: from.length === 4 ? TCP4 : TCP6,
    block: Buffer.concat([from, to, ports]),
  };
}

/** 4 or 16 bytes; undefined for `unix:…`. A zone (`fe80::1%eth0`) is dropped. */
function ipBytes(text: string): Uint8Array | undefined {
  const zone = text.indexOf('%');
  const address = zone < 0 ? text : text.slice(0, zone);
  return parseIpv4(address) ?? parseIpv6(address);
}

const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex');

/** An IPv4 address as `::ffff:a.b.c.d`; IPv6 as it is. */
function mapped(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 ? bytes : Buffer.concat([MAPPED_PREFIX, bytes]);
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.length === 16 && MAPPED_PREFIX.equals(bytes.subarray(0, 12));
}

function tlsTlvs(tls: ProxyTls): Buffer[] {
  const parts: Buffer[] = [];
  push(parts, Type.authority, tls.servername);
  push(parts, Type.alpn, tls.alpn);

  const fixed = Buffer.alloc(5);
  let client = CLIENT_SSL;
  if (tls.hasCert) client |= tls.resumed ? CLIENT_CERT_SESS : CLIENT_CERT_SESS | CLIENT_CERT_CONN;
  fixed.writeUInt8(client, 0);
  fixed.writeUInt32BE(tls.hasCert ? tls.verifyResult : UNSPECIFIED, 1);
  const sub: Buffer[] = [fixed];
  push(sub, SslType.version, tls.version);
  push(sub, SslType.commonName, tls.commonName);
  push(sub, SslType.cipher, tls.cipher);
  push(sub, SslType.sigAlg, tls.sigAlg);
  push(sub, SslType.keyType, tls.keyType);
  parts.push(tlv(Type.ssl, Buffer.concat(sub)));
  return parts;
}

function push(parts: Buffer[], type: number, value: string | Buffer | undefined): void {
  if (value === undefined || value.length === 0 || value.length > MAX_NAME) return;
  parts.push(tlv(type, typeof value === 'string' ? Buffer.from(value, 'latin1') : value));
}

function tlv(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}
