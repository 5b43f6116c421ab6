// Socket addresses in nginx's text forms: `PORT`, `*:PORT`, `ADDR:PORT`, `[v6]:PORT`, `host:PORT`, `unix:PATH`, with a URI.
import { type ByteString, Fault } from '../conf/directive.ts';
import { lower, parseNumber } from '../conf/values.ts';
import { formatIp, parseAton, parseIp, parseIpv4, parseIpv6 } from './ip.ts';

export interface InetAddress {
  readonly kind: 'inet';
  /** Canonical, without brackets. */
  readonly ip: string;
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  readonly port: number;
}

interface UnixAddress {
  readonly kind: 'unix';
  /** Relative to the working directory; empty for a peer without a name. */
  readonly path: ByteString;
}

export type SocketAddress = InetAddress | UnixAddress;

/** sun_path less its final NUL. */
const MAX_UNIX_PATH = 107;

export const inetAddress = (bytes: Uint8Array, port: number): InetAddress => ({
  kind: 'inet',
  ip: formatIp(bytes),
  bytes,
  port,
});

/** As nginx prints it: `0.0.0.0:143`, `[::]:143`, `unix:/path`. */
export function formatAddress(address: SocketAddress): ByteString {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.bytes.length === 4 ? `${address.ip}:${address.port}` : `[${address.ip}]:${address.port}`;
}

/** All zero bits: 0.0.0.0 or [::]. */
export const isWildcard = (address: SocketAddress): boolean => address.kind === 'inet' && address.bytes.every(isZero);

/** Asked for each connection. */
const isZero = (byte: number): boolean => byte === 0;

export interface UrlOptions {
  /** Where the text names none. */
  readonly defaultPort: number;
  /** Allows `PORT`, `*` and port ranges. */
  readonly listen?: boolean;
  /** Allows a URI behind the address. */
  readonly uri?: boolean;
  /** The system's look-up; not asked for addresses. */
  readonly resolve: (name: ByteString) => readonly string[];
}

export interface ParsedUrl {
  /** The host part as written, IPv6 with its brackets; empty for a bare port and for unix sockets. */
  readonly host: ByteString;
  /** The first port of a range; 0 for unix sockets. */
  readonly port: number;
  /** The text names no port: `port` is the default. */
  readonly noPort: boolean;
  /** From the first `/` or `?`, for unix sockets behind the second colon; empty where there is none. */
  readonly uri: ByteString;
  /** Distinct, in the resolver's order, all ports of the first host before those of the next. At least one. */
  readonly addresses: readonly [SocketAddress, ...SocketAddress[]];
}

/** @returns a Fault with the start of nginx's message (`no host`, `invalid port`, …); the caller adds the rest. */
export function parseUrl(text: ByteString, options: UrlOptions): ParsedUrl | Fault {
  if (lower(text.slice(0, 5)) === 'unix:') return parseUnix(text.slice(5), options);
  if (text.startsWith('[')) return parseBracketed(text, options);
  return parseHost(text, options);
}

function parseUnix(text: ByteString, options: UrlOptions): ParsedUrl | Fault {
  const colon = options.uri ? text.indexOf(':') : -1;
  const path = colon < 0 ? text : text.slice(0, colon);
  const uri = colon < 0 ? '' : text.slice(colon + 1);
  if (path === '') return new Fault('no path in the unix domain socket');
  if (path.length > MAX_UNIX_PATH) return new Fault('too long path in the unix domain socket');
  return {
    host: '',
    port: 0,
    noPort: true,
    uri,
    addresses: [{ kind: 'unix', path }],
  };
}

function parseBracketed(text: ByteString, options: UrlOptions): ParsedUrl | Fault {
  const close = text.indexOf(']');
  if (close < 0) return new Fault('invalid host');
  const slash = text.indexOf('/', close);
  if (slash >= 0 && !options.uri) return new Fault('invalid host');
  const end = slash < 0 ? text.length : slash;
  const tail = text.slice(close + 1, end);
  if (tail !== '' && !tail.startsWith(':')) return new Fault('invalid host');
  const ports = tail === '' ? noPorts(options) : parsePorts(tail.slice(1), options);
  if (ports instanceof Fault) return ports;
  if (close === 1) return new Fault('no host');
  const bytes = parseIpv6(text.slice(1, close));
  if (bytes === undefined) return new Fault('invalid IPv6 address');
  return result(text.slice(0, close + 1), ports, text.slice(end), [bytes]);
}

function parseHost(text: ByteString, options: UrlOptions): ParsedUrl | Fault {
  const cut = text.search(/[/?]/);
  if (cut >= 0 && !options.uri) return new Fault('invalid host');
  const end = cut < 0 ? text.length : cut;
  const uri = text.slice(end);
  const colon = text.slice(0, end).indexOf(':');
  if (colon < 0 && cut < 0 && options.listen) {
    const ports = parseBarePort(text);
    if (ports instanceof Fault) return ports;
    if (ports !== undefined) return result('', ports, '', [new Uint8Array(4)]);
  }
  const host = text.slice(0, colon < 0 ? end : colon);
  const ports = colon < 0 ? noPorts(options) : parsePorts(text.slice(colon + 1, end), options);
  if (ports instanceof Fault) return ports;
  if (host === '') return new Fault('no host');
  if (host === '*' && options.listen) return result(host, ports, uri, [new Uint8Array(4)]);
  const ips = lookUp(host, options.resolve);
  return ips.length === 0 ? new Fault('host not found') : result(host, ports, uri, ips);
}

/** A literal never asks the system, whatever its form. */
function lookUp(host: ByteString, resolve: UrlOptions['resolve']): Uint8Array[] {
  const literal = parseIpv4(host) ?? parseAton(host);
  if (literal !== undefined) return [literal];
  return resolve(host).flatMap((ip) => parseIp(ip) ?? []);
}

interface Ports {
  readonly first: number;
  readonly last: number;
  readonly given: boolean;
}

const noPorts = ({ defaultPort }: UrlOptions): Ports => ({
  first: defaultPort,
  last: defaultPort,
  given: false,
});

function parsePorts(text: ByteString, options: UrlOptions): Ports | Fault {
  const range = options.listen ? /^(.*?)-(.*)$/s.exec(text) : null;
  return checkPorts(parseNumber(range?.[1] ?? text), parseNumber(range?.[2] ?? text)) ?? new Fault('invalid port');
}

/** In `listen`, text of digits only is a port; anything else may still be a host. */
function parseBarePort(text: ByteString): Ports | Fault | undefined {
  const range = /^(.*?)-(.*)$/s.exec(text);
  return checkPorts(parseNumber(range?.[1] ?? text), parseNumber(range?.[2] ?? text));
}

function checkPorts(first: number | undefined, last: number | undefined): Ports | Fault | undefined {
  if (first === undefined || last === undefined) return undefined;
  if (first < 1 || first > 65535 || last < 1 || last > 65535) return new Fault('invalid port');
  return first > last ? new Fault('invalid port range') : { first, last, given: true };
}

function result(host: ByteString, ports: Ports, uri: ByteString, ips: readonly Uint8Array[]): ParsedUrl | Fault {
  const distinct = new Map<string, SocketAddress>();
  for (const ip of ips) {
    for (let port = ports.first; port <= ports.last; port++) {
      const address = inetAddress(ip, port);
      distinct.set(formatAddress(address), address);
    }
  }
  const [first, ...rest] = distinct.values();
  if (first === undefined) return new Fault('host not found');
  return {
    host,
    port: ports.first,
    noPort: !ports.given,
    uri,
    addresses: [first, ...rest],
  };
}
