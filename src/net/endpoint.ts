// One end of a client's connection.
import type { SocketAddress } from '../core/address.ts';
import { formatIp, parseIp } from '../core/ip.ts';

/** An IP address and port; where the peer is on a unix socket, undefined stands in its place. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * As nginx writes it, without a zone; undefined on a unix socket, and where the connection is gone already.
 * @param address as Node.js has it
 */
export function endpointOf(address: string | undefined, port: number | undefined): Endpoint | undefined {
  if (address === undefined || port === undefined) return undefined;
  if (!address.includes(':')) return { address, port }; // the system writes IPv4 as nginx does
  const bytes = parseIp(address.replace(/%.*$/, ''));
  return bytes === undefined ? undefined : { address: formatIp(bytes), port };
}

/** For the matchers of configured addresses. */
export function socketAddressOf(endpoint: Endpoint | undefined): SocketAddress {
  if (endpoint === undefined) return { kind: 'unix', path: '' };
  return { kind: 'inet', ip: endpoint.address, bytes: parseIp(endpoint.address) ?? NOTHING, port: endpoint.port };
}

/** Is in no set. */
const NOTHING = new Uint8Array();

/** `1.2.3.4:25`, `[::1]:25`, `unix:`. */
export function endpointText(endpoint: Endpoint | undefined): string {
  if (endpoint === undefined) return 'unix:';
  const { address, port } = endpoint;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
