// Variables of the client's connection, and of the process that serves it.
import { hostname } from 'node:os';
import type { ByteString } from '../../conf/directive.ts';
import { parseIp } from '../../core/ip.ts';
import { NGINX_VERSION } from '../../core/nginx-version.ts';
import type { Endpoint } from '../../net/endpoint.ts';
import type { ProxyInfo } from '../../net/proxy-protocol/read.ts';
import { proxyTlv } from '../../net/proxy-protocol/tlv.ts';
import type { VariableSpec } from '../variables.ts';

/** In an endpoint's place undefined stands for a unix socket. */
export interface ClientConnection {
  readonly number: number;
  /** Who has connected. */
  readonly peer: Endpoint | undefined;
  /** The same, or whom a trusted peer has named. */
  readonly client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
  /** What is listened on, as logs show it. */
  readonly listenText: ByteString;
  readonly proxied: ProxyInfo | undefined;
}

/** `$remote_addr`. */
const remoteAddress = (client: Endpoint | undefined): ByteString => client?.address ?? 'unix:';

/** @param of the connection of a subject */
export const connectionVariables = <S>(of: (subject: S) => ClientConnection): readonly VariableSpec<S>[] => [
  { name: 'remote_addr', get: (subject) => remoteAddress(of(subject).client), safe: true },
  { name: 'remote_port', get: (subject) => portOf(of(subject).client), safe: true },
  { name: 'binary_remote_addr', get: (subject) => binaryAddress(remoteAddress(of(subject).client)) },
  { name: 'realip_remote_addr', get: (subject) => remoteAddress(of(subject).peer), safe: true },
  { name: 'realip_remote_port', get: (subject) => of(subject).peer?.port.toString() ?? '', safe: true },
  { name: 'server_addr', get: (subject) => of(subject).local?.address ?? of(subject).listenText },
  { name: 'server_port', get: (subject) => portOf(of(subject).local), safe: true },
  { name: 'connection', get: (subject) => String(of(subject).number), safe: true },
  { name: 'proxy_protocol_addr', get: (subject) => of(subject).proxied?.source },
  { name: 'proxy_protocol_port', get: (subject) => of(subject).proxied?.sourcePort.toString() },
  { name: 'proxy_protocol_server_addr', get: (subject) => of(subject).proxied?.destination },
  { name: 'proxy_protocol_server_port', get: (subject) => of(subject).proxied?.destinationPort.toString() },
  { name: 'proxy_protocol_tlv_', prefix: true, get: (subject, name) => proxyTlv(of(subject).proxied, name) },
  { name: 'hostname', get: () => hostname().toLowerCase() },
  { name: 'pid', get: () => String(process.pid), safe: true },
  { name: 'nginx_version', get: () => NGINX_VERSION },
];

/** Empty on a unix socket, and where a proxy has told no port. */
const portOf = (endpoint: Endpoint | undefined): ByteString =>
  endpoint === undefined || endpoint.port === 0 ? '' : String(endpoint.port);

/** 4 or 16 bytes; on a unix socket its name. */
function binaryAddress(address: ByteString): ByteString {
  const bytes = parseIp(address);
  return bytes === undefined ? address : Buffer.from(bytes).toString('latin1');
}
