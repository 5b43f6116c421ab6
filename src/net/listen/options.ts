// Parameters of listen directives that are the same for mail and http.
import type { ByteString, ConfCursor, Position } from '../../conf/directive.ts';
import { parseNumber, parseSec, parseSize } from '../../conf/values.ts';
import type { SocketAddress } from '../../core/address.ts';

/** Idle seconds, interval seconds and probes; 0: the system's default. */
export interface Keepalive {
  readonly idle: number;
  readonly interval: number;
  readonly count: number;
}

export interface ListenOptions {
  /** A socket of its own, even where a wildcard on the port exists. */
  bind: boolean;
  backlog: number;
  ipv6only: boolean;
  keepalive: Keepalive | 'off' | undefined;
  /** TLS from the first byte. */
  ssl: boolean;
  /** A PROXY header comes first. */
  proxyProtocol: boolean;
  /** A WebSocket comes before everything else; for mail only. */
  websocket: boolean;
}

export interface Listen {
  readonly address: SocketAddress;
  readonly options: Readonly<ListenOptions>;
  readonly position: Position;
}

const DEFAULT_BACKLOG = 511;
const BUFFERS = 'Node.js sets no buffer sizes of TCP sockets';
const REUSEPORT = 'workers share one socket, and spread its connections evenly';
const KEEPALIVE = 'of its three values Node.js sets the idle time only';

export const defaultListenOptions = (): ListenOptions => ({
  bind: false,
  backlog: DEFAULT_BACKLOG,
  ipv6only: true,
  keepalive: undefined,
  ssl: false,
  proxyProtocol: false,
  websocket: false,
});

/** @returns the whole message, where the parameter is refused */
export function applyListenParameter(
  cf: ConfCursor,
  options: ListenOptions,
  parameter: ByteString,
): ByteString | undefined {
  const equals = parameter.indexOf('=');
  const name = equals < 0 ? parameter : parameter.slice(0, equals + 1);
  const value = parameter.slice(name.length);
  switch (name) {
    case 'bind':
      options.bind = true;
      return undefined;
    case 'ssl':
      options.ssl = true;
      return undefined;
    case 'proxy_protocol':
      options.proxyProtocol = true;
      return undefined;
    case 'reuseport':
      options.bind = true;
      cf.noEffect('listen ... reuseport', REUSEPORT);
      return undefined;
    case 'multipath':
      options.bind = true;
      cf.noEffect('listen ... multipath', 'Node.js opens no MPTCP sockets');
      return undefined;
    case 'backlog=':
      return backlog(options, parameter, value);
    case 'rcvbuf=':
    case 'sndbuf=':
      options.bind = true;
      if (parseSize(value) === undefined) return `invalid ${name.slice(0, -1)} "${parameter}"`;
      cf.noEffect(`listen ... ${name.slice(0, -1)}`, BUFFERS);
      return undefined;
    case 'ipv6only=':
      return ipv6only(options, parameter, value);
    case 'so_keepalive=':
      return keepalive(cf, options, value);
    default:
      return `invalid parameter "${parameter}"`;
  }
}

function backlog(options: ListenOptions, parameter: ByteString, value: ByteString): ByteString | undefined {
  const number = parseNumber(value);
  if (number === undefined || number === 0) return `invalid backlog "${parameter}"`;
  options.bind = true;
  options.backlog = Math.min(number, 2 ** 31 - 1);
  return undefined;
}

function ipv6only(options: ListenOptions, parameter: ByteString, value: ByteString): ByteString | undefined {
  if (value !== 'on' && value !== 'off') {
    return value.startsWith('o') ? `invalid ipv6only flags "${value}"` : `invalid parameter "${parameter}"`;
  }
  options.bind = true;
  options.ipv6only = value === 'on';
  return undefined;
}

function keepalive(cf: ConfCursor, options: ListenOptions, value: ByteString): ByteString | undefined {
  options.bind = true;
  if (value === 'on') {
    options.keepalive = { idle: 0, interval: 0, count: 0 };
    return undefined;
  }
  if (value === 'off') {
    options.keepalive = 'off';
    return undefined;
  }
  const invalid = `invalid so_keepalive value: "${value}"`;
  const parts = value.split(':');
  if (parts.length < 1 || parts.length > 3) return invalid;
  const [idle, interval, count] = [seconds(parts[0]), seconds(parts[1]), probes(parts[2])];
  if (idle === undefined || interval === undefined || count === undefined) return invalid;
  if (idle === 0 && interval === 0 && count === 0) return invalid;
  if (interval !== 0 || count !== 0) cf.noEffect('listen ... so_keepalive', KEEPALIVE);
  options.keepalive = { idle, interval, count };
  return undefined;
}

const seconds = (text: ByteString | undefined): number | undefined =>
  text === undefined || text === '' ? 0 : parseSec(text);
const probes = (text: ByteString | undefined): number | undefined =>
  text === undefined || text === '' ? 0 : parseNumber(text);
