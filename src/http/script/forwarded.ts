// Whom X-Forwarded-For and its like name: the address that the last proxy has written which is trusted.
import type { ByteString } from '../../conf/directive.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { AddressMatcher } from '../../core/cidr.ts';
import { formatIp, parseIp } from '../../core/ip.ts';

export type InetAddress = Extract<SocketAddress, { kind: 'inet' }>;

/**
 * The last address of the list, where its writer is trusted; with `isRecursive` the one before, where that is trusted as
 * well, and so on.
 * @returns undefined: the client is whoever has connected
 */
export function forwardedFor(
  peer: SocketAddress,
  list: ByteString,
  trusts: AddressMatcher,
  isRecursive: boolean,
): InetAddress | undefined {
  const entries = list.split(/[ ,]+/).filter((entry) => entry !== '');
  let found: InetAddress | undefined;
  for (let entry = entries.pop(); entry !== undefined && trusts(found ?? peer); entry = entries.pop()) {
    const next = parseEntry(entry);
    if (next === undefined) break;
    found = next;
    if (!isRecursive) break;
  }
  return found;
}

const MAX_PORT = 65535;

/** An address, or one with a port, where IPv6 has brackets. Without a port it is 0. */
function parseEntry(text: ByteString): InetAddress | undefined {
  const plain = parseIp(text);
  if (plain !== undefined) return { kind: 'inet', ip: formatIp(plain), bytes: plain, port: 0 };
  const [, bracketed, dotted, digits] = /^(?:\[([^\]]*)\]|([\d.]+)):(\d+)$/.exec(text) ?? [];
  const bytes = parseIp(bracketed ?? dotted ?? '');
  const port = Number(digits);
  if (bytes === undefined || port < 1 || port > MAX_PORT) return undefined;
  return { kind: 'inet', ip: formatIp(bytes), bytes, port };
}
