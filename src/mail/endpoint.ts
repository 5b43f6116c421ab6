// One end of a client's connection.
import type { SocketAddress } from '../core/address.ts';
import { parseIp } from '../core/ip.ts';

/** An IP address and port; where the peer is on a unix socket, undefined stands in its place. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** undefined on a unix socket, and where the connection is gone already. */
export function endpointOf(address: string | undefined, port: number | undefined): Endpoint | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** For the matchers of configured addresses. */
export function socketAddressOf(endpoint: Endpoint | undefined): SocketAddress {
  const bytes = endpoint === undefined ? undefined : parseIp(endpoint.address);
  if (endpoint === undefined || bytes === undefined) return { kind: 'unix', path: '' };
  return { kind: 'inet', ip: endpoint.address, bytes, port: endpoint.port };
}

/** `1.2.3.4:25`, `[::1]:25`, `unix:`. */
export function endpointText(endpoint: Endpoint | undefined): string {
  if (endpoint === undefined) return 'unix:';
  const { address, port } = endpoint;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
