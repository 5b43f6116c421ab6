// Addresses as geo has them in its entries, and looks them up.
import { type ByteString, type ConfCursor, type Fault, whole } from '../../conf/directive.ts';
import { type Cidr, parseCidr, unmapped } from '../../core/cidr.ts';
import { parseIp } from '../../core/ip.ts';

/** Stands for what is no address, and for a client on a unix socket. */
const NO_ADDRESS = Uint8Array.of(255, 255, 255, 255);

/** An address or network. Warns of bits that do not count. */
export function parseNetwork(cf: ConfCursor, text: ByteString): Extract<Cidr, { kind: 'inet' }> | Fault {
  if (text === '255.255.255.255') return { kind: 'inet', address: NO_ADDRESS, mask: NO_ADDRESS };
  const parsed = parseCidr(text);
  if (parsed === undefined || parsed.cidr.kind === 'unix') return whole(`invalid network "${text}"`);
  if (parsed.lowBits) cf.warn(`low address bits of ${text} are meaningless`);
  return parsed.cidr;
}

/** The address in a text; as IPv4 where it is one mapped into IPv6. */
export const addressOf = (text: ByteString): Uint8Array => unmapped(parseIp(text) ?? NO_ADDRESS);
