// Sets of peer addresses as set_real_ip_from and debug_connection take them: address, CIDR, host name or `unix:`.
import { type ByteString, type ConfCursor, type Fault, whole } from '../conf/directive.ts';
import type { SocketAddress } from './address.ts';
import { parseAton, parseIp, parseIpv4, parseIpv6 } from './ip.ts';

/** An address under a mask, or every unix socket. `address` has no bits outside of `mask`; both have 4 or 16 bytes. */
export type Cidr =
  | {
      readonly kind: 'inet';
      readonly address: Uint8Array;
      readonly mask: Uint8Array;
    }
  | { readonly kind: 'unix' };

export interface ParsedCidr {
  readonly cidr: Cidr;
  /** The address had bits outside of the mask: they do not count. */
  readonly lowBits: boolean;
}

/** ADDR, ADDR/BITS or `unix:`; undefined for anything else. */
export function parseCidr(text: ByteString): ParsedCidr | undefined {
  if (text === 'unix:') return { cidr: { kind: 'unix' }, lowBits: false };
  const slash = text.indexOf('/');
  const bytes = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const width = bytes.length * 8;
  const digits = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^[0-9]+$/.test(digits) || Number(digits) > width) return undefined;
  const mask = prefixMask(bytes.length, Number(digits));
  const address = bytes.map((byte, i) => byte & (mask[i] ?? 0));
  return {
    cidr: { kind: 'inet', address, mask },
    lowBits: !bytes.every((byte, i) => byte === address[i]),
  };
}

const prefixMask = (length: number, bits: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));

/** The value of a directive: like parseCidr, and host names, which give one entry for each of their addresses. */
export function cidrsOf(cf: ConfCursor, directive: string, text: ByteString): readonly Cidr[] | Fault {
  const parsed = parseCidr(text);
  if (parsed !== undefined) {
    if (parsed.lowBits) cf.warn(`low address bits of ${text} are meaningless`);
    return [parsed.cidr];
  }
  const hosts = text === '' || /[/:]/.test(text) ? [] : hostAddresses(cf, text);
  if (hosts.length === 0) return whole(`host not found in ${directive} "${text}"`);
  return hosts.map((address) => ({
    kind: 'inet',
    address,
    mask: prefixMask(address.length, address.length * 8),
  }));
}

function hostAddresses(cf: ConfCursor, name: ByteString): Uint8Array[] {
  const literal = parseIpv4(name) ?? parseAton(name);
  if (literal !== undefined) return [literal];
  return cf.env.resolveHost(name).flatMap((ip) => parseIp(ip) ?? []);
}

/** Whether an address is in the set. An IPv4 address mapped into IPv6 also counts as its IPv4 address. */
export type AddressMatcher = (address: SocketAddress) => boolean;

export function compileCidrs(cidrs: readonly Cidr[]): AddressMatcher {
  const inet = cidrs.filter((c) => c.kind === 'inet');
  const unix = cidrs.some((c) => c.kind === 'unix');
  return (address) => {
    if (address.kind === 'unix') return unix;
    const bytes = unmapped(address.bytes);
    return inet.some((c) => covers(c.address, c.mask, bytes));
  };
}

/** Whether bytes of an address are in the network. Those of the other family are not. */
export function covers(address: Uint8Array, mask: Uint8Array, bytes: Uint8Array): boolean {
  if (address.length !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (((bytes[i] ?? 0) & (mask[i] ?? 0)) !== address[i]) return false;
  return true;
}

const MAPPED = parseIpv6('::ffff:0:0') ?? new Uint8Array();

/** As IPv4, where it is such an address mapped into IPv6. */
export function unmapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16) return bytes;
  for (let i = 0; i < 12; i++) if (bytes[i] !== MAPPED[i]) return bytes;
  return bytes.subarray(12);
}
