// Variables of the connection that a request came in by, and of the process that serves it.
import { hostname } from 'node:os';
import type { ByteString } from '../../conf/directive.ts';
import { formatAddress } from '../../core/address.ts';
import { parseIp } from '../../core/ip.ts';
import { NGINX_VERSION } from '../../core/nginx-version.ts';
import { proxyTlv } from '../../net/proxy-protocol/tlv.ts';
import type { HttpConnection } from '../connection.ts';
import type { VariableSpec } from '../variables.ts';
import { seconds } from './time.ts';

export const connectionVariables: readonly VariableSpec[] = [
  { name: 'remote_addr', get: ({ client }) => client.remoteAddress },
  { name: 'remote_port', get: ({ client }) => portOf(client.client) },
  { name: 'binary_remote_addr', get: ({ client }) => binaryAddress(client.remoteAddress) },
  { name: 'server_addr', get: ({ client }) => client.local?.address ?? formatAddress(client.listen.address) },
  { name: 'server_port', get: ({ client }) => portOf(client.local) },
  { name: 'scheme', get: ({ client }) => (client.tls === undefined ? 'http' : 'https') },
  { name: 'https', get: ({ client }) => (client.tls === undefined ? '' : 'on') },
  { name: 'connection', get: ({ client }) => String(client.number) },
  { name: 'connection_requests', get: ({ ordinal }) => String(ordinal) },
  { name: 'connection_time', get: ({ client }) => seconds(Date.now() - client.startedMs), volatile: true },
  { name: 'pipe', get: ({ pipelined }) => (pipelined ? 'p' : '.') },
  { name: 'proxy_protocol_addr', get: ({ client }) => client.proxied?.source },
  { name: 'proxy_protocol_port', get: ({ client }) => portText(client.proxied?.sourcePort) },
  { name: 'proxy_protocol_server_addr', get: ({ client }) => client.proxied?.destination },
  { name: 'proxy_protocol_server_port', get: ({ client }) => portText(client.proxied?.destinationPort) },
  { name: 'proxy_protocol_tlv_', prefix: true, get: ({ client }, name) => proxyTlv(client.proxied, name) },
  { name: 'hostname', get: () => hostname().toLowerCase() },
  { name: 'pid', get: () => String(process.pid) },
  { name: 'nginx_version', get: () => NGINX_VERSION },
];

const portText = (port: number | undefined): ByteString | undefined => (port === undefined ? undefined : String(port));

/** Empty on a unix socket, and where a proxy has told no port. */
const portOf = (endpoint: HttpConnection['client']): ByteString =>
  endpoint === undefined || endpoint.port === 0 ? '' : String(endpoint.port);

/** 4 or 16 bytes; on a unix socket its name. */
function binaryAddress(address: ByteString): ByteString {
  const bytes = parseIp(address);
  return bytes === undefined ? address : Buffer.from(bytes).toString('latin1');
}
