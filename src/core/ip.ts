// IP addresses as bytes: nginx's text forms, inet_aton's forms, and the text that nginx prints.
import type { ByteString } from '../conf/directive.ts';

const GROUP = /^[0-9a-fA-F]{1,4}$/;
const DOT = 0x2e;
const ZERO = 0x30;

/** Four decimal bytes as nginx reads them: leading zeros are decimal, an empty one is 0. */
export function parseIpv4(text: ByteString): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === DOT) {
      at++;
      continue;
    }
    const value = (bytes[at] ?? 0) * 10 + c - ZERO;
    if (c < ZERO || c > ZERO + 9 || value > 255) return undefined;
    bytes[at] = value;
  }
  return at === 3 ? bytes : undefined;
}

/** An IPv6 address without brackets. A final colon is an empty group where `::` came before it, as in nginx. */
export function parseIpv6(text: ByteString): Uint8Array | undefined {
  const halves = text.split('::');
  const [left = '', right] = halves;
  if (halves.length > 2) return undefined;
  if (right === undefined) {
    const groups = parseGroups(left, true);
    return groups?.length === 16 ? Uint8Array.from(groups) : undefined;
  }
  const head = left === '' ? [] : parseGroups(left, false);
  // Where the text ends in a colon, nginx counts one more group, which is zero.
  const tail = parseGroups(right === '' || right.endsWith(':') ? `${right}0` : right, true);
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

function parseGroups(text: ByteString, last: boolean): number[] | undefined {
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (GROUP.test(group)) {
      const n = Number.parseInt(group, 16);
      bytes.push(n >> 8, n & 0xff);
      continue;
    }
    const quad = last && i === groups.length - 1 && !group.startsWith('.') ? parseIpv4(group) : undefined;
    if (quad === undefined) return undefined;
    bytes.push(...quad);
  }
  return bytes;
}

/** Either family, without brackets. nginx takes 255.255.255.255 for an error. */
export function parseIp(text: ByteString): Uint8Array | undefined {
  const v4 = parseIpv4(text);
  return v4 === undefined ? parseIpv6(text) : v4.every((n) => n === 255) ? undefined : v4;
}

const ATON_PART = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/** inet_aton's short forms, which getaddrinfo takes for addresses: `127.1`, `0x7f.1`, octal with a leading zero. */
export function parseAton(text: ByteString): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((p) => ATON_PART.test(p))) return undefined;
  const numbers = parts.map((p) => (/^0[0-7]/.test(p) ? Number.parseInt(p, 8) : Number(p)));
  const last = numbers.pop() ?? 0;
  const room = 256 ** (4 - numbers.length);
  if (last >= room || numbers.some((n) => n > 255)) return undefined;
  const value = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Dotted, or compressed in lower case, without brackets. The last 32 bits are dotted as nginx dots them. */
export function formatIp(ip: Uint8Array): string {
  if (ip.length === 4) return `${ip[0]}.${ip[1]}.${ip[2]}.${ip[3]}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((ip[2 * i] ?? 0) << 8) | (ip[2 * i + 1] ?? 0));
  const [start, length] = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  if (length === 0) return hex(groups);
  if (start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff))) {
    return `::${length === 5 ? 'ffff:' : ''}${ip.subarray(12).join('.')}`;
  }
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The first longest run of at least two zero groups. */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let i = 0; i < 8; ) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > Math.max(best[1], 1)) best = [i, end - i];
    i = end + 1;
  }
  return best;
}
