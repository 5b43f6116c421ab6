// What a header of version 2 tells besides addresses: values with a type and a length.
import type { ByteString } from '../../conf/directive.ts';
import type { ProxyInfo } from './read.ts';

const TYPES: ReadonlyMap<string, number> = new Map([
  ['alpn', 0x01],
  ['authority', 0x02],
  ['unique_id', 0x05],
  ['ssl', 0x20],
  ['netns', 0x30],
]);
const SSL = 0x20;
/** Within the value of `ssl`. */
const SSL_TYPES: ReadonlyMap<string, number> = new Map([
  ['ssl_version', 0x21],
  ['ssl_cn', 0x22],
  ['ssl_cipher', 0x23],
  ['ssl_sig_alg', 0x24],
  ['ssl_key_alg', 0x25],
]);
/** Flags, and the result of the verification. */
const SSL_FIXED = 5;
const HEADER = 3;

/** @param name one of nginx's, or a type as `0xNN` @returns undefined: the header has no such value */
export function proxyTlv(info: ProxyInfo | undefined, name: string): ByteString | undefined {
  const all = info?.tlvs;
  if (all === undefined) return undefined;
  if (name === 'ssl_verify') {
    const ssl = find(all, SSL);
    return ssl === undefined || ssl.length < SSL_FIXED ? undefined : String(ssl.readUInt32BE(1));
  }
  const inner = SSL_TYPES.get(name);
  if (inner !== undefined) return find(find(all, SSL)?.subarray(SSL_FIXED), inner)?.toString('latin1');
  const type = TYPES.get(name) ?? (/^0x[0-9a-f]{2}$/.test(name) ? Number(name) : undefined);
  return type === undefined ? undefined : find(all, type)?.toString('latin1');
}

/** The first of that type; one that goes beyond the end ends the search. */
function find(tlvs: Buffer | undefined, type: number): Buffer | undefined {
  if (tlvs === undefined) return undefined;
  for (let at = 0; at + HEADER <= tlvs.length; ) {
    const end = at + HEADER + tlvs.readUInt16BE(at + 1);
    if (end > tlvs.length) return undefined;
    if (tlvs[at] === type) return tlvs.subarray(at + HEADER, end);
    at = end;
  }
  return undefined;
}
