// What names an upstream: a URL of proxy_pass or fastcgi_pass. Which one it means is known when all blocks are read.
import {
  at,
  type ByteString,
  type ConfCursor,
  ConfError,
  type Environment,
  Fault,
  type Position,
} from '../conf/directive.ts';
import { type ParsedUrl, parseUrl, type SocketAddress } from '../core/address.ts';

/** @typeParam G what a name or an address comes to */
export class UpstreamReference<G> {
  /** The address as written, less scheme and URI. */
  readonly text: ByteString;
  readonly url: ParsedUrl;
  readonly position: Position;
  #group: G | undefined;

  constructor(text: ByteString, url: ParsedUrl, position: Position) {
    this.text = text;
    this.url = url;
    this.position = position;
  }

  /** @throws Error before the end of the block */
  get group(): G {
    if (this.#group === undefined) throw new Error(`upstream "${this.text}" is not resolved yet`);
    return this.#group;
  }

  set group(group: G) {
    this.#group = group;
  }
}

/** Makes a group of addresses that no block names. */
export type PlainGroup<G> = (name: ByteString, addresses: readonly SocketAddress[]) => G;

export class UpstreamTable<G> {
  readonly #plainGroup: PlainGroup<G>;
  readonly #blocks = new Map<ByteString, Position>();
  readonly #groups = new Map<ByteString, G>();
  readonly #references: UpstreamReference<G>[] = [];

  constructor(plainGroup: PlainGroup<G>) {
    this.#plainGroup = plainGroup;
  }

  /** A block begins. @returns why it may not */
  define(name: ByteString, position: Position): Fault | undefined {
    const key = name.toLowerCase();
    if (this.#blocks.has(key)) return new Fault(`duplicate upstream "${name}"`, true);
    const other = this.#references.find(({ url }) => !url.noPort && url.host.toLowerCase() === key);
    if (other !== undefined) return new Fault(withPort(name, other.url.port, other.position), true);
    this.#blocks.set(key, position);
    return undefined;
  }

  provide(name: ByteString, group: G): void {
    this.#groups.set(name.toLowerCase(), group);
  }

  /** Of all blocks. */
  get groups(): readonly G[] {
    return [...this.#groups.values()];
  }

  /** Of a block. */
  find(name: ByteString): G | undefined {
    return this.#groups.get(name.toLowerCase());
  }

  /**
   * @param text an address, with the URI that may follow where the scheme allows it
   * @param defaultPort undefined: one has to be named, unless a block is meant
   */
  refer(
    cf: ConfCursor,
    text: ByteString,
    defaultPort: number | undefined,
    hasUri: boolean,
  ): UpstreamReference<G> | Fault {
    const url = parseUrl(text, { defaultPort: defaultPort ?? NO_PORT, uri: hasUri, resolve: unresolved });
    if (url instanceof Fault) return new Fault(`${url.text} in upstream "${text}"`, true);
    const { host, noPort, port, addresses } = url;
    if (!noPort && this.#blocks.has(host.toLowerCase())) {
      return new Fault(`upstream "${host}" may not have port ${port}`, true);
    }
    const isUnix = addresses[0].kind === 'unix';
    const shown = isUnix ? text : url.uri === '' ? text : text.slice(0, text.length - url.uri.length);
    const reference = new UpstreamReference<G>(shown, url, cf.position);
    this.#references.push(reference);
    return reference;
  }

  /** Finds what every reference means. @throws ConfError */
  resolve(env: Environment): void {
    const plain = new Map<ByteString, G>();
    for (const reference of this.#references) {
      const known = reference.url.noPort ? this.find(reference.url.host) : undefined;
      const key = `${reference.text} ${reference.url.port}`;
      const group = known ?? plain.get(key) ?? this.#plain(reference, env);
      plain.set(key, group);
      reference.group = group;
    }
  }

  #plain({ text, url, position }: UpstreamReference<G>, env: Environment): G {
    const [address] = url.addresses;
    if (address.kind === 'unix') return this.#plainGroup(`unix:${address.path}`, [address]);
    if (url.port === NO_PORT) throw new ConfError(`no port in upstream "${text}"`, position);
    const found = parseUrl(text, { defaultPort: url.port, resolve: (name) => env.resolveHost(name) });
    if (found instanceof Fault) throw new ConfError(`${found.text} in upstream "${url.host}"`, position);
    return this.#plainGroup(url.host, found.addresses);
  }
}

/** No port was named, and the scheme has none. */
const NO_PORT = -1;

const unresolved = (): readonly string[] => ['0.0.0.0'];

const withPort = (name: ByteString, port: number, position: Position): ByteString =>
  `upstream "${name}" may not have port ${port}${at(position)}`;
