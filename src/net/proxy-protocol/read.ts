// Reads the header of an incoming connection: the PROXY protocol specification, versions 1 and 2, as nginx accepts them.
import type { ByteString } from '../../conf/directive.ts';
import { formatIp } from '../../core/ip.ts';

/** The addresses of a header. Version 1: the very text that was sent, which need not be an address. */
export interface ProxyInfo {
  readonly source: ByteString;
  readonly sourcePort: number;
  readonly destination: ByteString;
  readonly destinationPort: number;
  /** Version 2: what follows the addresses. */
  readonly tlvs?: Buffer;
}

/**
 * `ok`: the header took `used` bytes; what follows belongs to TLS or the mail protocol. `info` is undefined where
 * the header names no addresses. `bad`: close, with this text at error level. `silent`: close without a record.
 */
export type ProxyRead =
  | {
      readonly kind: 'ok';
      readonly used: number;
      readonly info: ProxyInfo | undefined;
    }
  | { readonly kind: 'bad'; readonly log: ByteString }
  | { readonly kind: 'silent' };

/** A header must be complete within this many bytes of the first read. */
export const PROXY_HEADER_MAX = 4096;

/** First bytes of version 2. */
export const V2_SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/**
 * Reads the header at the front of the first chunk of a connection. Like nginx it does not wait for more: a
 * header that the chunk does not hold whole is broken. An empty chunk stands for an end of input.
 */
export function readProxyHeader(chunk: Buffer): ProxyRead {
  const data = chunk.length > PROXY_HEADER_MAX ? chunk.subarray(0, PROXY_HEADER_MAX) : chunk;
  if (data.length >= V2_FIXED && data.subarray(0, V2_SIGNATURE.length).equals(V2_SIGNATURE)) return readV2(data);
  return readV1(data);
}

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const PREFIX = Buffer.from('PROXY ', 'latin1');
const UNKNOWN = Buffer.from('UNKNOWN', 'latin1');
const MIN_V1 = 8;

function readV1(data: Buffer): ProxyRead {
  if (data.length < MIN_V1 || !startsAt(data, 0, PREFIX)) return broken(data);
  const family = PREFIX.length;
  if (startsAt(data, family, UNKNOWN)) {
    const end = data.indexOf('\r\n', family + UNKNOWN.length, 'latin1');
    return end < 0 ? broken(data) : { kind: 'ok', used: end + 2, info: undefined };
  }
  const ip4 = data.toString('latin1', family, family + 5);
  if (ip4 !== 'TCP4 ' && ip4 !== 'TCP6 ') return broken(data);

  const source = family + 5;
  const destination = skipAddress(data, source);
  if (destination < 0) return broken(data);
  const ports = skipAddress(data, destination);
  if (ports < 0) return broken(data);
  const secondPort = skipPort(data, ports, SP);
  if (secondPort < 0) return broken(data);
  const end = skipPort(data, secondPort, CR);
  if (end < 0 || data[end] !== LF) return broken(data);

  const info: ProxyInfo = {
    source: data.toString('latin1', source, destination - 1),
    sourcePort: Number(data.toString('latin1', ports, secondPort - 1)),
    destination: data.toString('latin1', destination, ports - 1),
    destinationPort: Number(data.toString('latin1', secondPort, end - 1)),
  };
  return { kind: 'ok', used: end + 1, info };
}

const V2_FIXED = 16;
const PROXY_COMMAND = 1;
const STREAM = 1;
const INET = 1;
const INET6 = 2;

function readV2(data: Buffer): ProxyRead {
  const versionAndCommand = data.readUInt8(12);
  const familyAndTransport = data.readUInt8(13);
  const length = data.readUInt16BE(14);
  const version = versionAndCommand >> 4;
  if (version !== 2) return { kind: 'bad', log: `unknown PROXY protocol version: ${version}` };
  const used = V2_FIXED + length;
  if (used > data.length) return { kind: 'bad', log: 'header is too large' };

  const family = familyAndTransport >> 4;
  const isProxy = (versionAndCommand & 15) === PROXY_COMMAND && (familyAndTransport & 15) === STREAM;
  if (!isProxy || (family !== INET && family !== INET6)) return { kind: 'ok', used, info: undefined };

  const size = family === INET ? 4 : 16;
  if (length < 2 * size + 4) return { kind: 'silent' };
  const ports = V2_FIXED + 2 * size;
  const tlvs = data.subarray(ports + 4, used);
  const info: ProxyInfo = {
    source: formatIp(data.subarray(V2_FIXED, V2_FIXED + size)),
    sourcePort: data.readUInt16BE(ports),
    destination: formatIp(data.subarray(V2_FIXED + size, ports)),
    destinationPort: data.readUInt16BE(ports + 2),
  };
  // A copy, since it outlives what was read.
  return { kind: 'ok', used, info: tlvs.length === 0 ? info : { ...info, tlvs: Buffer.from(tlvs) } };
}

function startsAt(data: Buffer, at: number, word: Buffer): boolean {
  return data.subarray(at, at + word.length).equals(word);
}

/** Only the alphabet of addresses is checked, as nginx does: an empty one passes too. -1: broken. */
function skipAddress(data: Buffer, from: number): number {
  for (let p = from; p < data.length; p++) {
    const ch = data[p] ?? 0;
    if (ch === SP) return p + 1;
    if (!isAddressByte(ch)) return -1;
  }
  return -1;
}

/** Position behind a decimal number up to 65535 and `stop`, or -1. Leading zeros are allowed. */
function skipPort(data: Buffer, from: number, stop: number): number {
  let value = 0;
  for (let p = from; p < data.length; p++) {
    const ch = data[p] ?? 0;
    if (ch === stop) return p > from ? p + 1 : -1;
    if (ch < 0x30 || ch > 0x39) return -1;
    value = value * 10 + ch - 0x30;
    if (value > 65535) return -1;
  }
  return -1;
}

function isAddressByte(ch: number): boolean {
  if (ch >= 0x30 && ch <= 0x3a) return true; // digits and ':'
  const lower = ch | 0x20;
  return ch === 0x2e || (lower >= 0x61 && lower <= 0x66);
}

function broken(data: Buffer): ProxyRead {
  let end = 0;
  while (end < data.length && data[end] !== CR && data[end] !== LF) end++;
  return {
    kind: 'bad',
    log: `broken header: "${data.toString('latin1', 0, end)}"`,
  };
}
