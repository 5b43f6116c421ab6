// The URL of auth_http: addresses, the name of an upstream, or a name that is looked up again and again.
import {
  type ByteString,
  type ConfCursor,
  ConfError,
  type Environment,
  Fault,
  type Position,
  whole,
} from '../../conf/directive.ts';
import { type ParsedUrl, parseUrl, type SocketAddress } from '../../core/address.ts';
import type { ResolverSpec } from '../../core/resolver-directive.ts';
import { roundRobinBalancer } from '../../upstream/balance/least-conn.ts';
import { PLAIN_SERVER } from '../../upstream/peer.ts';
import type { UpstreamTable } from '../../upstream/reference.ts';
import { MailGroup, plainGroup } from '../upstream/context.ts';

type Scheme = keyof typeof PORTS;

const PORTS = { http: 80, https: 443 } as const;

type Addresses = readonly [SocketAddress, ...SocketAddress[]];

interface AuthUrlParts extends Pick<AuthUrl, 'scheme' | 'text' | 'position' | 'resolves'> {
  readonly url: ParsedUrl;
  /** undefined: of a name that is not looked up yet. */
  readonly addresses: Addresses | undefined;
}

export class AuthUrl {
  readonly scheme: Scheme;
  /** As written, less the scheme. */
  readonly text: ByteString;
  /** As in Host; IPv6 with brackets. */
  readonly host: ByteString;
  readonly uri: ByteString;
  /** Of servers that name none. */
  readonly port: number;
  /** A name that is looked up at run time. */
  readonly resolves: boolean;
  readonly position: Position;
  readonly #hasPort: boolean;
  #addresses: Addresses | undefined;
  #upstream: MailGroup | undefined;
  readonly #groups = new Map<ResolverSpec | undefined, MailGroup>();

  constructor({ scheme, text, url, position, resolves, addresses }: AuthUrlParts) {
    this.scheme = scheme;
    this.text = text;
    this.host = url.addresses[0].kind === 'unix' ? 'localhost' : url.host;
    this.uri = url.uri === '' ? '/' : url.uri;
    this.port = url.port;
    this.resolves = resolves;
    this.position = position;
    this.#hasPort = !url.noPort;
    this.#addresses = addresses;
  }

  /** Whom an upstream block makes of it; undefined: it names none. */
  get upstream(): MailGroup | undefined {
    return this.#upstream;
  }

  /** Those that are known from the beginning. */
  get addresses(): Addresses {
    if (this.#addresses === undefined) throw new Error(`auth_http "${this.text}" is not resolved yet`);
    return this.#addresses;
  }

  /** At the end of the mail block: upstreams may stand anywhere. @throws ConfError */
  settle(upstreams: UpstreamTable<MailGroup>, env: Environment): void {
    const upstream = upstreams.find(this.host);
    if (upstream !== undefined && this.#hasPort) {
      throw new ConfError(`upstream "${this.host}" may not have port ${this.port}`, this.position);
    }
    this.#upstream = upstream;
    if (upstream !== undefined || this.resolves || this.#addresses !== undefined) return;
    const found = parse(this.text, this.scheme, (name) => env.resolveHost(name));
    if (found instanceof Fault) throw new ConfError(found.text, this.position);
    this.#addresses = found.addresses;
  }

  /** All addresses of the name. Servers that ask it share what is known of them. */
  group(resolver?: ResolverSpec): MailGroup {
    const known = this.#groups.get(resolver);
    if (known !== undefined) return known;
    const group = resolver === undefined ? plainGroup(this.host, this.addresses) : this.#dynamicGroup(resolver);
    this.#groups.set(resolver, group);
    return group;
  }

  #dynamicGroup(resolver: ResolverSpec): MailGroup {
    const { host, port } = this;
    const line = { text: host, addresses: [], parameters: PLAIN_SERVER, resolve: { host, port } };
    return new MailGroup(host, [line], roundRobinBalancer, { lookup: { resolver, timeoutMs: undefined } });
  }
}

/** @param word behind it */
export function readAuthUrl(cf: ConfCursor, value: ByteString, word: ByteString | undefined): AuthUrl | Fault {
  if (word !== undefined && (word !== 'resolve' || value === 'off'))
    return whole('invalid number of arguments in "auth_http" directive');
  const [prefix = '', named] = /^(https?):\/\//.exec(value) ?? [];
  const scheme: Scheme = named === 'https' ? named : 'http';
  const text = value.slice(prefix.length);
  let isName = false;
  const url = parse(text, scheme, () => {
    isName = true;
    return ['0.0.0.0'];
  });
  if (url instanceof Fault) return url;
  const { position } = cf;
  const resolves = isName && word !== undefined;
  if (!isName || resolves || url.noPort) {
    return new AuthUrl({ scheme, text, url, position, resolves, addresses: isName ? undefined : url.addresses });
  }
  // With a port it is no upstream, and is looked up where it stands, as in nginx.
  const found = parse(text, scheme, (name) => cf.env.resolveHost(name));
  if (found instanceof Fault) return found;
  return new AuthUrl({ scheme, text, url, position, resolves, addresses: found.addresses });
}

function parse(text: ByteString, scheme: Scheme, resolve: (name: ByteString) => readonly string[]): ParsedUrl | Fault {
  const url = parseUrl(text, { defaultPort: PORTS[scheme], uri: true, resolve });
  return url instanceof Fault ? whole(`${url.text} in auth_http "${text}"`) : url;
}
